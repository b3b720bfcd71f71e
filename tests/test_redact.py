"""No password reaches an output, in whatever form it was written."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from migcheck.redact import forget, learn, redact
from tests.support.growth import LINEAR, growth

# The two ends mark the secret: neither may be seen, wherever the middle breaks a pattern.
ENDS = "s3cr3t"
PASSWORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]), max_size=20).map(
    lambda middle: f"{ENDS}{middle}{ENDS}"
)
WITH_SPACES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20).map(
    lambda middle: f"{ENDS}{middle}{ENDS}"
)


@pytest.fixture(autouse=True)
def _nothing_learnt() -> Iterator[None]:
    forget()
    yield
    forget()


@given(PASSWORDS)
def test_a_raw_password_in_a_url_is_hidden_whatever_it_holds(password: str) -> None:
    told = redact(f"cannot reach postgres://app:{password}@db.example.org/shop now")
    assert ENDS not in told
    assert told == "cannot reach postgres://app:***@db.example.org/shop now"


@given(WITH_SPACES)
def test_an_encoded_password_in_a_url_is_hidden(password: str) -> None:
    encoded = quote(password, safe="")
    assert redact(f'"postgresql://app:{encoded}@h:5432/d"') == '"postgresql://app:***@h:5432/d"'


@given(WITH_SPACES)
def test_a_keyword_dsn_is_hidden_as_libpq_quotes_it(password: str) -> None:
    dsn = make_conninfo(host="h", password=password, dbname="d")
    assert ENDS not in redact(dsn)
    assert "host=h" in redact(dsn)


@given(WITH_SPACES)
def test_a_query_parameter_is_hidden_and_the_others_stay(password: str) -> None:
    url = f"postgres://h/d?password={quote(password, safe='')}&sslmode=require"
    assert redact(url) == "postgres://h/d?password=***&sslmode=require"


@given(WITH_SPACES)
def test_a_python_repr_of_the_parameters_is_hidden(password: str) -> None:
    assert ENDS not in redact(repr({"host": "h", "password": password}))


@given(st.text())
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
        ("PGPASSWORD='hunter 2' psql", "PGPASSWORD=*** psql"),
        ("host=h password = 'it\\'s' dbname=d", "host=h password = *** dbname=d"),
        ("dblink('host=h password=''hunter 22'' user=u')", "dblink('host=h password=*** user=u')"),
        ("x('password=''hun''''ter22'' user=u')", "x('password=*** user=u')"),
        ("x('y(''password=''''hunter22'''' user=u'')')", "x('y(''password=*** user=u'')')"),
        ("select f(password => '''hunter22''')", "select f(password => ***)"),
        ("x('f(''password'' => ''hun''''ter22'')')", "x('f(''password'' => ''***'')')"),
        ("f('password' => 'hunter22')", "f('password' => \"***\")"),
        ("x 'ALTER ROLE a PASSWORD ''hunter22'''; y '", "x 'ALTER ROLE a PASSWORD ''***'''; y '"),
        ("x 'ALTER ROLE a PASSWORD ''hun''''ter22'' LOGIN'", "x 'ALTER ROLE a PASSWORD ''***'' LOGIN'"),
        ("x 'y ''ALTER ROLE a PASSWORD ''''hunter22'''''''", "x 'y ''ALTER ROLE a PASSWORD ''***'''''"),
        ("ALTER ROLE a PASSWORD '''hunter22''';", "ALTER ROLE a PASSWORD '***';"),
        ("select f(password => 'hunter22', x => 1)", "select f(password => ***, x => 1)"),
        ("select f(password := 'hunter22')", "select f(password := ***)"),
        ("host=h password='' user=u", "host=h password=*** user=u"),
        ("postgres://app:@h/d", "postgres://app:***@h/d"),
        ("postgres:/app:hunter2@h/d cannot be read", "postgres:/app:***@h/d cannot be read"),
        ("CREATE ROLE app LOGIN PASSWORD 'it''s' IN ROLE x;", "CREATE ROLE app LOGIN PASSWORD '***' IN ROLE x;"),
        ("OPTIONS (user 'u', password 'p')", "OPTIONS (user 'u', password '***')"),
        ("postgres://u:a@h/d, postgres://u:b@h/d", "postgres://u:***@h/d, postgres://u:***@h/d"),
        ("postgres://h/d?sslpassword=abc", "postgres://h/d?sslpassword=***"),
        ("create role x password $$hunter 22$$ login", "create role x password '***' login"),
        ("create role x password $a$hunter$$22$a$;", "create role x password '***';"),
        ("alter role x password U&'hunter22';", "alter role x password '***';"),
        ("alter role x password /* c */ 'hunter22';", "alter role x password /* c */ '***';"),
        ("alter role x password/**/'hunter22';", "alter role x password/**/'***';"),
        ("alter role x password -- c\n /* d */'hunter22';", "alter role x password -- c\n /* d */'***';"),
        ("alter role x password 'hun'\n  'ter22' valid", "alter role x password '***' valid"),
        ("alter role x password 'hun' -- c\n\n'ter'\n'22';", "alter role x password '***';"),
        ("alter role x password 'hunter22' 'b'", "alter role x password '***' 'b'"),
        ("OPTIONS (\"user\" 'u', \"password\" 'hunter22')", "OPTIONS (\"user\" 'u', \"password\" '***')"),
        ("OPTIONS (sslpassword 'p', \"sslpassword\"'p')", "OPTIONS (sslpassword '***', \"sslpassword\"'***')"),
        ("push --user app --password npg_s3cretPW --ssl", "push --user app --password *** --ssl"),
        ("push --password   'npg s3cretPW' x", "push --password   *** x"),
        ('push --password "npg s3cretPW" x', "push --password *** x"),
        ("push --password \\\n  npg_s3cretPW", "push --password \\\n  ***"),
        ('["push", "--password", "npg_s3cretPW", "--ssl"]', '["push", "--password", ***, "--ssl"]'),
        (
            "args:\n  - push\n  - --password\n  - npg_s3cretPW\n  - --ssl",
            "args:\n  - push\n  - --password\n  - ***\n  - --ssl",
        ),
        ("- '--password'\n- 'npg s3cretPW'\n- x", "- '--password'\n- ***\n- x"),
        ("args: [push, --password, npg_s3cretPW]", "args: [push, --password, ***"),
        ('["--password" , "npg_s3cretPW", "--ssl"]', '["--password" , ***, "--ssl"]'),
        ("[--password , npg_s3cretPW]", "[--password , ***"),
        ("x --passwd npg_s3cretPW --ssl", "x --passwd *** --ssl"),
        ("x --db-password npg_s3cretPW -sslpassword 'a b'", "x --db-password *** -sslpassword ***"),
        ('{"DATABASE_PASSWORD": "x", "user": "u"}', '{"DATABASE_PASSWORD": "***", "user": "u"}'),
        ("{'db.password': 'x', 'PGPASSWORD' = 'y'}", "{'db.password': \"***\", 'PGPASSWORD' = \"***\"}"),
    ],
)
def test_forms_seen_in_the_wild(text: str, told: str) -> None:
    assert redact(text) == told
    assert redact(told) == told


@pytest.mark.parametrize(
    "text",
    [
        'password authentication failed for user "app"',
        "postgres://app@db.example.org/shop",
        "https://example.org/@scope/package",
        "ALTER ROLE app PASSWORD NULL",
        'column "password" does not exist',
        "alter role app password /* 'none' */ null",
        "where password == x",
        "password=***",
        "psql --password --host h\npsql --password \\\n --host h\n--password\nselect 1",
        "migrations/0003_add_password.sql:4",
        "- --password\n- --ssl\n- --password\nb: c",
        "args: [--password, --ssl,\n--password]",
        "reset-password failed, psql --no-password app",
        "write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_a_secret_of_this_run_is_hidden_in_no_form_at_all() -> None:
    learn("postgres://app:pa%3Ass-w0rd@h/d")
    assert redact('invalid port "pa:ss-w0rd" and pa%3Ass-w0rd') == 'invalid port "***" and ***'


@pytest.mark.parametrize(
    "url",
    [
        "postgres://app@h/d?sslmode=require&password=pa%3Ass-w0rd",
        "host=h password='pa:ss-w0rd' user=app",
        r"host=h password=pa\:ss-w0rd",
    ],
)
def test_a_secret_of_any_form_is_learnt(url: str) -> None:
    learn(url)
    assert redact("the server said pa:ss-w0rd") == "the server said ***"


def test_a_password_that_is_also_the_users_name_does_not_blank_the_text() -> None:
    learn("postgres://postgres:postgres@localhost/postgres")
    assert redact("image postgres:17") == "image postgres:17"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda n: "a" * n, id="a word"),
        pytest.param(lambda n: "postgres://" + "a" * n, id="a URL"),
        pytest.param(lambda n: "password " * (n // 9), id="passwords"),
        pytest.param(lambda n: "--password" + " " * n, id="an option"),
        pytest.param(lambda n: "--password\n-" + "\n" * n, id="a list"),
        pytest.param(lambda n: " -a-passwd" * (n // 10), id="options"),
        pytest.param(lambda n: "--password" + " " * (n // 2) + "," + " " * (n // 2), id="a comma"),
        pytest.param(lambda n: "'\\" * (n // 2), id="quotes"),
        pytest.param(lambda n: "password /*" * (n // 11), id="comments that never end"),
        pytest.param(lambda n: "/* password /* */" * (n // 17), id="comments"),
        pytest.param(lambda n: "password --" * (n // 11), id="dashes"),
        pytest.param(lambda n: "password 'a'" + "\n" * n, id="lines"),
        pytest.param(lambda n: "password 'a'\n'b'\n" * (n // 17), id="strings"),
        pytest.param(lambda n: "password" + " " * n, id="spaces"),
        pytest.param(lambda n: "password=''a" * (n // 12), id="quotes within quotes"),
        pytest.param(lambda n: "password ''''a 'password=''a '''' ' " * (n // 34), id="quotes that never end"),
        pytest.param(lambda n: "password ''" + "a''''" * (n // 5) + "'", id="a string within a string"),
        pytest.param(lambda n: '"' + "a" * n, id="a quoted word"),
        pytest.param(lambda n: '"a' * (n // 2), id="quoted words"),
    ],
)
def test_a_flood_takes_linear_time(text: Callable[[int], str]) -> None:
    assert growth(lambda size: redact(text(size)), 10_000) < LINEAR
