"""What psql is told to run: the folder's files, a script, a text."""

import pytest

from migcheck.drizzle.ledger import LedgerName
from migcheck.odd_names import spelled_names
from migcheck.scripts.calls import Call, FileCall, SqlCall, calls_of
from migcheck.scripts.psql_hosts import is_here
from migcheck.scripts.shell.parsed import read_shell
from migcheck.sources.ledger_drops import drops_in
from migcheck.sources.ledger_sql import writes_of_script
from tests.support.growth import LINEAR, growth
from tests.support.histories import FOLDER
from tests.support.projects import DEPLOY, a_project, package, project_facts, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

LOOP = 'for f in drizzle/*.sql; do psql "$DATABASE_URL" -f "$f"; done'
TRUNCATE = 'psql "$DATABASE_URL" -c "truncate drizzle.__drizzle_migrations"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("psql $U -f a.sql", FileCall("a.sql")),
        ("psql -fa.sql", FileCall("a.sql")),
        ("psql --file=a.sql", FileCall("a.sql")),
        ("docker compose exec db psql -U x --file a.sql", FileCall("a.sql")),
        ("psql -qc 'select 1'", SqlCall("select 1")),
        ("psql --command='select 1' $U", SqlCall("select 1")),
        ("psql $U", SqlCall()),
        (LOOP, FileCall("drizzle/*.sql")),
        ('for f in $FILES; do psql -f "$f"; done', FileCall("$f")),
        ('for f in a/*.sql b/*.sql; do psql -f "$f"; done', FileCall("$f")),
        ('for f in a/*.sql; do true; done; psql -f "$f"', FileCall("$f")),
    ],
)
def test_what_it_runs(text: str, expected: Call) -> None:
    assert [call for each in read_shell(text) for call in calls_of(each.words)] == [expected]


def test_the_folders_files_beside_the_gate_are_a_second_program(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("uvx drizzle-migcheck apply")})
    a_repo.commit({".github/workflows/x.yml": workflow(LOOP)})
    (finding,) = found(a_repo, "MC605")
    assert finding.startswith(
        "error .github/workflows/x.yml:6 `psql $DATABASE_URL -f drizzle/*.sql` is a second program"
    )


@pytest.mark.parametrize(
    "content",
    [
        workflow(LOOP.replace("drizzle/", "seed/")),
        workflow(LOOP, job="    services: {db: {image: postgres}}\n"),
    ],
)
def test_other_files_and_a_jobs_own_database_are_none(a_repo: GitRepository, content: str) -> None:
    a_project(a_repo, {DEPLOY: workflow("uvx drizzle-migcheck apply")})
    a_repo.commit({".github/workflows/x.yml": content})
    assert found(a_repo, "MC605") == []


def test_a_text_that_changes_the_ledger_is_an_error_where_ci_runs_it(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow(TRUNCATE), "package.json": package(reset=TRUNCATE)})
    said = [each.split(" | ")[0] for each in found(a_repo, "MC607")]
    changes = "TRUNCATE changes the ledger drizzle.__drizzle_migrations by hand"
    assert sorted(said) == [f"error {DEPLOY}:6 {changes}", f"warning package.json:4 {changes}"]
    a_repo.commit({DEPLOY: workflow(TRUNCATE.replace("truncate", "table"))})
    assert len(found(a_repo, "MC607")) == 1


def test_a_script_that_ci_hands_to_it_is_reached(a_repo: GitRepository) -> None:
    a_project(a_repo)
    sql = "delete from drizzle.__drizzle_migrations;\n"
    a_repo.commit({"scripts/base.sql": sql, DEPLOY: workflow("psql $DATABASE_URL -f scripts/base.sql")})
    assert [each.split(" DELETE")[0] for each in found(a_repo, "MC607")] == ["error scripts/base.sql:1"]


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ('psql "$U" -c "DROP SCHEMA drizzle CASCADE"', "DROP SCHEMA"),
        ('psql "$U" -c "drop schema if exists \\"drizzle\\" cascade;"', "DROP SCHEMA"),
        ("psql $U -c 'select 1; drop table drizzle.__drizzle_migrations'", "DROP TABLE"),
        ("psql $U <<E\nDROP TABLE IF EXISTS\n  __drizzle_migrations;\nE", "DROP TABLE"),
        ("ssh host <<E\npsql -c 'drop schema drizzle cascade'\nE", "DROP SCHEMA"),
        ("ssh host 'psql postgres://u:p@localhost/app -c \"drop schema drizzle cascade\"'", "DROP SCHEMA"),
        ("cat <<A; psql $U <<B\nA\ndrop schema drizzle;\nB", "DROP SCHEMA"),
    ],
)
def test_a_ledger_that_is_dropped_alone_is_found(a_repo: GitRepository, text: str, verb: str) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("sh scripts/fix.sh"), "scripts/fix.sh": text})
    (finding,) = found(a_repo, "MC607")
    line = 1 + text.lower()[: text.lower().index("drop")].count("\n")
    changes = f"{verb} changes the ledger drizzle.__drizzle_migrations by hand"
    assert finding.startswith(f"error scripts/fix.sh:{line} {changes} | ")


@pytest.mark.parametrize(
    "text",
    [
        "psql $U -c 'drop schema public cascade; create schema public; drop schema drizzle cascade'",
        "psql $U -c 'drop schema public cascade'\npsql $U -c 'drop schema if exists drizzle cascade'",
        "psql $U -c 'drop schema if exists drizzle, public cascade'",
        "psql $U <<E\ndrop table users;\ndrop table drizzle.__drizzle_migrations;\nE",
        "dropdb app; psql $U -c 'drop schema drizzle'",
        "psql $U <<E\ndrop schema drizzle;\ndo \\$\\$ begin execute 'drop table ' || t; end \\$\\$;\nE",
        "psql postgres://u:p@localhost:5432/dev -c 'drop schema drizzle cascade'",
        "DATABASE_URL=postgres://u:p@localhost/dev psql -c 'drop schema drizzle cascade'",
        "psql -h localhost -U u dev -c 'drop schema drizzle cascade'",
        "psql -qh127.0.0.1 -d $DB_NAME -c 'drop schema drizzle cascade'".replace("-qh", "-q -h"),
        "psql --host=127.0.0.1 -U u dev <<E\ndrop schema drizzle;\nE",
        "PGHOST=localhost psql dev -c 'truncate drizzle.__drizzle_migrations'",
        "export PGHOST=localhost\npsql dev -c 'truncate drizzle.__drizzle_migrations'",
        "psql 'host=localhost dbname=x' -c 'truncate drizzle.__drizzle_migrations'",
        "psql postgres://u:p@localhost:5432/dev -c 'truncate drizzle.__drizzle_migrations'",
        "psql $U -c 'drop schema drizzles; -- drop schema drizzle'",
        "psql $U -c \"select 'drop schema drizzle'\"",
        "psql $U -c 'drop table drizzle.others'",
        "psql $U <<E\ndrop table drizzle.__drizzle_migrations;\ncreate table drizzle.__drizzle_migrations (id int);\nE",
    ],
)
def test_a_reset_of_everything_or_of_a_database_at_hand_is_none(a_repo: GitRepository, text: str) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("sh scripts/fix.sh"), "scripts/fix.sh": text})
    assert found(a_repo, "MC607") == []


DELETE = "delete from drizzle.__drizzle_migrations where id > 3;"


@pytest.mark.parametrize(
    "text",
    [
        f'psql "$DATABASE_URL" <<SQL\nselect 1;\n{DELETE}\nSQL',
        f"psql $U -v ON_ERROR_STOP=1 <<-'SQL' >/dev/null && echo done\n\t{DELETE}\n\tSQL\necho",
        f"docker exec -i db psql -U x << EOF | tee log\nselect '$1';\n{DELETE}\nEOF",
        f"cat <<EOF | psql $U\n{DELETE}\nEOF",
        f"if true; then\n  psql <<EOF\n{DELETE}\nEOF\nfi",
        f"psql $U <<< '{DELETE}'",
    ],
)
def test_a_here_document_is_what_it_runs(a_repo: GitRepository, text: str) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("sh scripts/fix.sh"), "scripts/fix.sh": f"\n{text}\n"})
    (finding,) = found(a_repo, "MC607")
    line = 2 + text[: text.index(DELETE)].count("\n")
    changes = "DELETE FROM changes the ledger drizzle.__drizzle_migrations by hand"
    assert finding.startswith(f"error scripts/fix.sh:{line} {changes} | {DELETE}")


@pytest.mark.parametrize(
    "text",
    [
        f"cat <<SQL\n{DELETE}\nSQL\npsql",
        f"cat > fix.sql <<SQL\n{DELETE}\nSQL",
        f"cat <<SQL | sed s/delete/select/ | psql\n{DELETE}\nSQL",
        f"cat - a.sql <<SQL | psql\n{DELETE}\nSQL",
        f"psql -c 'select 1' <<SQL\n{DELETE}\nSQL",
        f"echo psql <<SQL\n{DELETE}\nSQL",
        "psql <<SQL\nselect * from drizzle.__drizzle_migrations;\n-- delete from drizzle.__drizzle_migrations\nSQL",
        f"psql <<SQL && cat <<E\nselect 1;\nSQL\n{DELETE}\nE",
    ],
)
def test_a_here_document_that_it_does_not_read_or_that_reads_the_ledger_is_no_finding(
    a_repo: GitRepository, text: str
) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("sh scripts/fix.sh"), "scripts/fix.sh": text})
    assert found(a_repo, "MC607") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("psql -h localhost x", True),
        ("psql -qtAh localhost -c 'a=b' x", True),
        ("psql --host localhost --dbname=x", True),
        ("PGHOST=localhost psql -U u -d x", True),
        ("psql 'hostaddr = 127.0.0.1 host=localhost'", True),
        ("psql -h db.example.com x", False),
        ("psql -h localhost,db.example.com x", False),
        ("psql -h localhost $DATABASE_URL", False),
        ("PGHOST=localhost psql -d $DATABASE_URL", False),
        ("PGHOST=localhost psql -h db.example.com", False),
        ("PGHOST=localhost psql 'host=db.example.com'", False),
        ("PGHOST=localhost psql postgres://u@h.com/x", False),
        ("kubectl exec db -- psql -h localhost x", False),
        ("psql localhost", False),
        ("psql -U localhost", False),
        ("psql", False),
    ],
)
def test_where_it_goes_to(text: str, *, expected: bool) -> None:
    (command,) = read_shell(text)
    assert is_here(command) is expected


RESET = "scripts/reset.sql"
PERSON = f"psql $DATABASE_URL -f {RESET}"


@pytest.mark.parametrize(
    ("sql", "step", "severity"),
    [
        ("-- again\nDROP SCHEMA IF EXISTS drizzle CASCADE;", f"psql $DATABASE_URL -f {RESET}", "error"),
        (
            "\ndrop table drizzle.__drizzle_migrations;",
            f"cd scripts && psql $U --file=reset.sql && psql -f {RESET}",
            "error",
        ),
        ("\ndrop schema drizzle;", f"psql $DATABASE_URL < {RESET}", "error"),
        ("\ndrop schema drizzle;", "npm run local", "warning"),
    ],
)
def test_a_file_that_drops_the_ledger_alone_is_found(a_repo: GitRepository, sql: str, step: str, severity: str) -> None:
    a_project(a_repo)
    local = f"psql postgres://u:p@localhost:5432/dev -f {RESET}"
    a_repo.commit({RESET: sql, DEPLOY: workflow(step), "package.json": package(local=local, **{"db:reset": PERSON})})
    verb = " ".join(sql.split("\n")[1].upper().split()[:2])
    (finding,) = found(a_repo, "MC607")
    assert finding.startswith(f"{severity} {RESET}:2 {verb} changes the ledger drizzle.__drizzle_migrations by hand | ")


@pytest.mark.parametrize(
    ("sql", "step"),
    [
        ("drop schema public cascade; create schema public; drop schema drizzle cascade;", f"psql $U -f {RESET}"),
        ("drop schema drizzle cascade;", f"dropdb app; psql $U -f {RESET}"),
        ("drop schema drizzle cascade;", f"psql -h localhost -U u dev -f {RESET}"),
        ("drop schema drizzle cascade;", "psql $U -f scripts/other.sql"),
        ("drop schema drizzles cascade;", f"psql $U -f {RESET}"),
        ("drop schema drizzle cascade;", f"echo psql {RESET}"),
        ("drop schema drizzle cascade;", f"psql $U -f {RESET} && psql $U -f scripts/all.sql"),
        ("drop schema drizzle cascade;", f"psql $U -f {RESET} && cd scripts && cat all.sql | psql $U"),
        ("drop schema drizzle cascade;", f'psql $U -f {RESET} && psql $U -f "$DIR/all.sql"'),
        ("drop schema drizzle cascade;", f'psql $U -f {RESET} && cd "$DIR" && psql $U -f all.sql'),
        (
            "drop schema drizzle cascade;",
            f'psql $U -f {RESET}; for f in all.sql a.sql; do psql -f "scripts/$f"; done',
        ),
    ],
)
def test_a_file_that_drops_more_or_that_nothing_hands_to_it_is_none(a_repo: GitRepository, sql: str, step: str) -> None:
    a_project(a_repo)
    a_repo.commit({RESET: sql, DEPLOY: workflow(step), "scripts/all.sql": "drop schema public cascade;"})
    assert found(a_repo, "MC607") == []


def test_a_name_may_end_in_capitals(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"scripts/RESET.SQL": "drop schema drizzle;", DEPLOY: workflow("psql $U -f scripts/RESET.SQL")})
    assert [each.split(" DROP")[0] for each in found(a_repo, "MC607")] == ["error scripts/RESET.SQL:1"]


@pytest.mark.parametrize(
    ("other", "step"),
    [
        ("tests/fixtures/reset.sql", f"psql $U -f {RESET}"),
        ("tests/fixtures/reset.sql", f"cd tests/fixtures; psql -h localhost -f reset.sql\n- psql $U -f {RESET}"),
        ("scripts/reset.sql", "psql $U -f scripts/db-reset.sql"),
    ],
)
def test_a_file_of_the_same_name_is_none_of_the_reset(a_repo: GitRepository, other: str, step: str) -> None:
    a_project(a_repo)
    handed = step.rpartition(" ")[2]
    drops = {handed: "drop schema drizzle cascade;", other: "drop schema public cascade;"}
    a_repo.commit({**drops, DEPLOY: workflow(*step.split("\n- ")), "package.json": package(local=f"psql -f {other}")})
    assert [each.split(" DROP")[0] for each in found(a_repo, "MC607")] == [f"error {handed}:1"]


def test_a_file_is_found_beside_a_hundred_others(a_repo: GitRepository) -> None:
    a_project(a_repo)
    others = {f"seeds/a{number}.sql": "select 1;" for number in range(100)}
    steps = [f"psql $U -f {each}" for each in (*others, RESET)]
    a_repo.commit({**others, RESET: "drop schema drizzle;", DEPLOY: workflow(*steps)})
    assert [each.split(" DROP")[0] for each in found(a_repo, "MC607")] == [f"error {RESET}:1"]
    assert project_facts(a_repo).head.unread == ()


def test_a_file_is_found_beside_migrations_that_all_have_one_name(a_repo: GitRepository) -> None:
    a_project(a_repo)
    others = {f"{FOLDER}/{number}/migration.sql": "select 1;" for number in range(200)}
    step = f"psql $U -f {FOLDER}/7/migration.sql; psql $U -f {RESET}"
    a_repo.commit({**others, RESET: "drop schema drizzle;", DEPLOY: workflow(step)})
    assert [each.split(" DROP")[0] for each in found(a_repo, "MC607")] == [f"error {RESET}:1"]


def test_files_that_are_too_many_to_be_read_are_told(a_repo: GitRepository) -> None:
    a_project(a_repo)
    others = {f"a/{number:03}/reset.sql": "select 1;" for number in range(200)}
    a_repo.commit({**others, RESET: "drop schema drizzle;", DEPLOY: workflow(f"psql $U -f {RESET}")})
    assert found(a_repo, "MC607") == []
    assert project_facts(a_repo).head.unread == (f"{RESET} (one of more than 200 files of SQL that psql may be given)",)


def test_what_stands_behind_a_here_document_is_run() -> None:
    found = read_shell("set -e\npsql <<E && m a\nx\nE\npsql <<E | n\nx\nE\nlast")
    assert [str(each) for each in found] == ["set -e", "psql", "m a", "psql", "n", "last"]
    assert [each.goes_on for each in found if each.words[0] in "mn"] == ["", ""]


def test_to_tell_a_reset_costs_in_proportion_to_the_script() -> None:
    ledger = LedgerName("drizzle", "__drizzle_migrations")
    line = 'psql -c "DROP SCHEMA drizzle"\n'

    def told(size: int) -> int:
        script = line * size
        return sum(len(list(drops_in("x.sh", "DROP SCHEMA drizzle", ledger, script))) for _ in range(size))

    assert told(3) == 3
    assert growth(told, 100) < LINEAR


def test_a_name_with_a_line_end_is_spelled_out(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"evil;\nMC601 x.sh": "npx drizzle-kit push\n"})
    (finding,) = found(a_repo, "MC601")
    assert spelled_names(finding).startswith("warning evil;\\x0aMC601 x.sh:1 ")


@pytest.mark.parametrize(
    ("sql", "dropped"),
    [
        ("DROP TABLE DRIZZLE.__DRIZZLE_MIGRATIONS", True),
        ("drop schema Drizzle", True),
        ('DROP TABLE "drizzle" . "__drizzle_migrations", __Drizzle_Migrations', True),
        ('DROP TABLE "DRIZZLE".__drizzle_migrations', False),
        ('DROP TABLE "drizzle.__drizzle_migrations"', False),
    ],
)
def test_a_name_without_quotes_is_one_in_small_letters(sql: str, *, dropped: bool) -> None:
    ledger = LedgerName("drizzle", "__drizzle_migrations")
    assert [each.verb for each in drops_in("x.sh", sql, ledger, sql)] == [" ".join(sql.upper().split()[:2])] * dropped
    written = writes_of_script("x.sql", sql.replace("DROP TABLE", "delete from").encode(), ledger)
    assert bool([*written]) is (dropped and "TABLE" in sql)
