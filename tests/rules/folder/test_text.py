"""MC120 to MC132: what stands in the files."""

from pathlib import Path

import pytest

from migcheck.drizzle.text import INTROSPECTED
from tests.support.folders import add_migration
from tests.support.judging import findings, judged, read

AT = "drizzle/0003_new.sql"
MARKER = "--> statement-breakpoint"


def test_a_byte_order_mark(drizzle: Path) -> None:
    add_migration(drizzle, "0003_new", b"\xef\xbb\xbfselect 1;")

    assert judged(drizzle) == [f"MC120 error {AT}:1 0003_new begins with a byte order mark"]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (b"select 1;\nselect '\xe9';\n", f"{AT}:2 0003_new is not UTF-8 | byte 18 is 0xe9"),
        ("select 1;".encode("utf-16"), f"{AT}:1 0003_new is UTF-16 | byte 0 is 0xff"),
        (bytes(range(256)) * 99, f"{AT}:2 0003_new is not UTF-8 | byte 128 is 0x80"),
    ],
    ids=["latin-1", "utf-16", "binary"],
)
def test_what_is_no_utf8(drizzle: Path, sql: bytes, told: str) -> None:
    add_migration(drizzle, "0003_new", sql)

    assert judged(drizzle) == [f"MC121 error {told}"]


def test_a_nul_byte(drizzle: Path) -> None:
    add_migration(drizzle, "0003_new", b"select 1;\nselect '\0';")

    assert judged(drizzle) == [f"MC122 error {AT}:2 0003_new holds a NUL byte | byte 18"]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select 1;\r\nselect 2;\r\n", f"{AT}:1 0003_new has CRLF line ends"),
        ("select 1;\nselect 2;\rselect 3;\n", f"{AT}:2 0003_new has a carriage return"),
    ],
)
def test_a_carriage_return(drizzle: Path, sql: str, told: str) -> None:
    landed = read(drizzle)
    add_migration(drizzle, "0003_new", sql)

    assert judged(drizzle) == [f"MC123 error {told}"]
    fix = "Save the file with LF line ends, and put `drizzle/**/*.sql text eol=lf` into .gitattributes."
    for before in (None, landed):
        assert [each.fix for each in findings(drizzle, before=before)] == [fix]


def test_a_merge_that_left_its_markers(drizzle: Path) -> None:
    other = f"4f2a1c9 ({'a long subject ' * 9})"
    add_migration(drizzle, "0003_new", f"select 1;\n<<<<<<< HEAD\nselect 2;\n=======\nselect 3;\n>>>>>>> {other}\n")

    assert judged(drizzle) == [f"MC124 error {AT}:2 0003_new holds the markers of a merge conflict | <<<<<<< HEAD"]


def test_a_marker_without_its_counterpart_may_be_text(drizzle: Path) -> None:
    add_migration(drizzle, "0003_new", "select $$\n>>>>>>> quoted\n$$;\n")

    assert judged(drizzle) == [f"MC124 warning {AT}:2 0003_new holds the markers of a merge conflict | >>>>>>> quoted"]


def test_a_line_of_equal_signs_and_an_operator_are_no_conflict(drizzle: Path) -> None:
    add_migration(drizzle, "0003_new", "-- title\n=======\nselect a <<<<<<< b;\n")

    assert judged(drizzle) == []


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("-- later\n/* or /* never */ */\n;\n", "has nothing but comments"),
        (f"-- later\n{MARKER}\n-- or never", "has nothing but comments"),
        ("/* alter table users add name text;", "has nothing but comments"),
        (
            "-- Custom SQL migration file, put your code below! --",
            "is a custom migration that nobody has written yet",
        ),
    ],
)
def test_nothing_but_comments(drizzle: Path, sql: str, told: str) -> None:
    add_migration(drizzle, "0003_new", sql)

    assert judged(drizzle) == [f"MC125 error {AT}:1 0003_new {told}"]


def test_a_comment_that_says_that_there_is_nothing_on_purpose(drizzle: Path) -> None:
    says = (
        "No-op: the ALTER TABLE ran by hand;",
        "On purpose: CREATE INDEX moved to 0005, we do not drop it.",
    )
    add_migration(drizzle, "0003_new", "".join(f"-- {each}\n" for each in says))
    assert judged(drizzle) == []


@pytest.mark.parametrize(
    "says",
    [
        "TODO: no-op for now",
        "not a no-op",
        "not on purpose",
        'intentionally left out for now\n-- ALTER TABLE "a" DROP COLUMN "b";--> statement-breakpoint',
        "no-op\n-- DROP TABLE a",
        "no-op\n-- GRANT select on a to b;",
        "on purpose: ALTER TABLE a DROP COLUMN b;",
    ],
)
def test_a_comment_that_leaves_something_out_is_none_on_purpose(drizzle: Path, says: str) -> None:
    add_migration(drizzle, "0003_new", f"-- {says}\n")
    assert judged(drizzle) == [f"MC125 error {AT}:1 0003_new has nothing but comments"]


def test_sql_that_was_appended_to_the_comment_of_drizzle_kit(drizzle: Path) -> None:
    add_migration(
        drizzle,
        "0003_new",
        "-- Custom SQL migration file, put your code below! --alter table users add name text;\nselect 1;\n",
    )

    assert judged(drizzle) == [
        (
            f"MC126 error {AT}:1 0003_new has SQL on the line of a comment, where it never runs"
            " | alter table users add name text;"
        )
    ]


@pytest.mark.parametrize(
    "near",
    ["-->statement-breakpoint", "--> STATEMENT-BREAKPOINT", "-- statement-breakpoint", "-->  statement breakpoint"],
)
def test_a_marker_that_is_nearly_one_warns(drizzle: Path, near: str) -> None:
    add_migration(drizzle, "0003_new", f"select 1;\n{near}\nselect 2;\n{MARKER}\nselect 3;{near}")

    assert judged(drizzle) == [
        f"MC130 warning {AT}:2 0003_new has a comment that is nearly `{MARKER}`, 2 times | {near}"
    ]


@pytest.mark.parametrize(
    "sql",
    [
        f"select 1;{MARKER}\n{MARKER}\nselect 2;",
        "-- a statement breakpoint stands here\nselect 1;",
        "select 'statement-breakpoint', 'point';",
        "create table statement_breakpoint (point int);",
    ],
)
def test_what_is_a_marker_or_does_not_look_like_one(drizzle: Path, sql: str) -> None:
    add_migration(drizzle, "0003_new", sql)

    assert judged(drizzle) == []


@pytest.mark.parametrize(
    ("sql", "line", "what"),
    [
        (f"select 'a\n{MARKER}\nb';", 2, "a string"),
        (f"select E'it\\'s {MARKER}';", 1, "a string"),
        (f"select E'it\\{MARKER}';", 1, "a string"),
        (f'select 1 as "a {MARKER}";', 1, "a quoted name"),
        (f"do $$\nbegin\n{MARKER}\nend $$;", 3, "a dollar-quoted body"),
        (f"do $x$ begin perform $y$ a $y$; {MARKER}\nend $x$;", 1, "a dollar-quoted body"),
        (f"/* /* a */\n{MARKER}\n*/ select 1;", 2, "a block comment"),
    ],
)
def test_a_marker_inside_something_that_goes_on_behind_it(drizzle: Path, sql: str, line: int, what: str) -> None:
    add_migration(drizzle, "0003_new", sql)

    assert judged(drizzle) == [f"MC131 error {AT}:{line} 0003_new has a breakpoint inside {what}: Drizzle splits there"]


@pytest.mark.parametrize("landed", [True, False])
def test_what_was_pulled_from_a_database_runs_as_soon_as_it_is_no_comment(drizzle: Path, *, landed: bool) -> None:
    sql = f"{INTROSPECTED.decode()}\n/*\nCREATE SCHEMA a;\n{MARKER}\nCREATE SCHEMA b;\n*/"
    add_migration(drizzle, "0003_pulled", sql)

    (found,) = findings(drizzle, before=read(drizzle) if landed else None)

    assert found.code == "MC131"
    assert found.fix == (
        "`drizzle-kit pull` wrote it of a database that has all this. Take its `/*` and `*/` out, so that it builds "
        "new ones, and let `migcheck baseline` record it in those that have it."
    )


@pytest.mark.parametrize(
    "sql",
    [
        f"-- don't\n{MARKER}\nselect 'it''s';",
        f"select E'\\'';\n{MARKER}\nselect '\\';",
        f"select a$b$ from t;\n{MARKER}\nselect a$b$ from t;",
        f"prepare p as select $1, $2;\n{MARKER}\nselect 1;",
        f"do $$ begin end $$;\n{MARKER}\ndo $$ begin end $$;",
        f"/* a */ select 1 / 2 - 3;\n{MARKER}\nselect 2 /* b */;",
        f"-- alter table users;{MARKER}\nselect 1;",
        f"select 'never ends;\n{MARKER}\nselect 1;",
    ],
)
def test_a_marker_between_two_statements(drizzle: Path, sql: str) -> None:
    add_migration(drizzle, "0003_new", sql)

    assert judged(drizzle) == []


@pytest.mark.parametrize("remark", ["then the index", "s"])
def test_a_remark_behind_a_marker_is_sql_to_drizzle(drizzle: Path, remark: str) -> None:
    add_migration(drizzle, "0003_new", f"select 1;\n{MARKER}{remark}\nselect 2;")

    assert judged(drizzle) == [
        f"MC132 warning {AT}:2 0003_new has text after a breakpoint, which Drizzle sends as SQL | {remark}"
    ]


@pytest.mark.parametrize("rest", ["  ", ";", " -- why", " /* why */"])
def test_what_may_stand_behind_a_marker(drizzle: Path, rest: str) -> None:
    add_migration(drizzle, "0003_new", f"select 1;\n{MARKER}{rest}\nselect 2;")

    assert judged(drizzle) == []


@pytest.mark.parametrize(
    ("sql", "line", "command"),
    [
        ("\\i other.sql\n", 1, "\\i other.sql"),
        ("select 1;\n  \\set ON_ERROR_STOP on\r\n", 2, "\\set ON_ERROR_STOP on"),
        ("--\n-- PostgreSQL database dump\n--\n\n\\restrict aBc\n", 5, "\\restrict aBc"),
        ("select E'it\\'s', $a$ $b$ $a$, 'C:\\', a$b$ /* /* \\i */ ' */;\n\\! ls", 2, "\\! ls"),
        ("select format('drop table %I', name) from old\n\\gexec\n", 2, "\\gexec"),
        ("select 1 as one \\gset", 1, "\\gset"),
        ("copy t from stdin;\n\\N\t1\n\\.\n", 3, "\\."),
        # To Drizzle, what the marker cuts in two are two pieces: the second one begins out of quotes.
        (f"select 'a\n{MARKER}\n\\c other\n", 3, "\\c other"),
        ("select 1 \\g", 1, "\\g"),
        ("select $1 \\bind 1 \\g", 1, "\\bind 1 \\g"),
        ("select 1; \\i x", 1, "\\i x"),
        ("/* c */ \\i x", 1, "\\i x"),
        ("do $$ begin end $$;\\i x", 1, "\\i x"),
        ("\ufeff\\i x", 1, "\\i x"),
        ("select 1 \\\\ select 2", 1, "\\\\ select 2"),
        # A string that goes on has to begin anew behind a line's end; a comment ends where a carriage return does.
        ("select E'a' 'b\\' \\g", 1, "\\g"),
        ("select 'a'\n'b\\' \\g", 2, "\\g"),
        ("select E'a';\n'b\\' \\g", 2, "\\g"),
        ("-- it's\r\\i x\n", 1, "\\i x"),
        # As every dump has it: nothing that a string may hold changes with it.
        ("\\restrict aBc\nset standard_conforming_strings = on;\n", 1, "\\restrict aBc"),
        ("\\restrict aBc\nset \"standard_conforming_strings\" to 'on';\n", 1, "\\restrict aBc"),
    ],
)
def test_a_command_of_psql(drizzle: Path, sql: str, line: int, command: str) -> None:
    add_migration(drizzle, "0003_new", sql)
    told = f"MC127 error {AT}:{line} 0003_new holds a command of psql, which the server refuses | {command}"

    assert [each for each in judged(drizzle) if "MC127" in each] == [told]


@pytest.mark.parametrize(
    "sql",
    [
        "select '\n\\i a';",
        'select "\n\\i a";',
        "select E'\\'\n\\i a';",
        "do $$\n\\i a\n$$;",
        "do $_a$ $$ '\n\\i a\n$_a$;",
        "/* /* */\n\\i a\n*/ select 1;",
        "-- it's\nselect 1; -- \\gexec\n",
        "select '\n\\i left open",
        "select $$\n\\i left open",
        "/*\n\\i left open",
        "select 1;\n\\N\t1\n",
        "select 'C:\\\\temp', E'\\\\i', '\\g'",
    ],
)
def test_a_backslash_that_is_no_command(drizzle: Path, sql: str) -> None:
    add_migration(drizzle, "0003_new", sql)

    assert [each for each in judged(drizzle) if "MC127" in each] == []


def test_a_setting_of_strings_holds_in_the_files_after_it(drizzle: Path) -> None:
    add_migration(drizzle, "0003_old", "set standard_conforming_strings = off;")
    add_migration(drizzle, "0004_new", "select 'it\\'s\n\\d';")

    assert [each for each in judged(drizzle) if "MC127" in each] == []


@pytest.mark.parametrize(
    "sql",
    [
        b"\xef\xbb\xbfselect 1;",
        b"select '\xe9';",
        b"select '\0';",
        b"select 1;\r\n",
        b"<<<<<<< a\nselect 1;\n>>>>>>> b",
        b"-- later",
    ],
)
def test_what_landed_like_this_warns_until_it_is_touched(drizzle: Path, sql: bytes) -> None:
    add_migration(drizzle, "0003_new", sql)
    landed = read(drizzle)

    assert [each.split()[1] for each in judged(drizzle, before=landed)] == ["warning"]

    (drizzle / "0003_new.sql").write_bytes(sql + b"\n")

    assert [each.split()[1] for each in judged(drizzle, before=landed)] == ["error"]


def test_what_drizzle_never_reads_is_not_judged(drizzle: Path) -> None:
    (drizzle / "0002_likes.down.sql").write_bytes(b"\xff\0\r\n")

    assert judged(drizzle) == []
