"""`migcheck status` as it is typed: the whole page, and what a script reads of it."""

import json
import shutil
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.deploys import NAME, keep_ledger
from tests.support.folders import STEP, WHEN, a_folder, a_folder_1_0, add_migration, read_journal
from tests.support.repositories import GitRepository, init
from tests.support.target_server import Database

from migcheck.drizzle.folder import Layout
from migcheck.drizzle.ledger import Ledger, LedgerRow
from migcheck.facts.read_folder import read_folder
from migcheck.facts.target.ledger_file import write_ledger
from migcheck.facts.tree import DiskTree
from migcheck.postgres.running.ledger import create_ledger

CONFIG = "export default { dialect: 'postgresql', out: './drizzle' }"
THREE = {
    "0000_users": "create table users (id integer);",
    "0001_posts": "create table posts (id integer);",
    "0002_tags": "create table tags (id integer);",
}
MANY = {f"{at:04}_step": f"select {at};" for at in range(40)}


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """A repository whose folder of three migrations has landed."""
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", THREE)
    repository.commit({"drizzle.config.ts": CONFIG})
    return repository


def write_ledger_file(path: Path, rows: list[LedgerRow]) -> None:
    """What `status --format json` writes, as far as `--ledger` reads it."""
    ledger = write_ledger(Ledger(NAME, tuple(rows))).model_dump(mode="json", by_alias=True)
    path.write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))


def test_where_something_is_waived_it_is_said_that_verify_tells_of_the_rest(
    command: Command, repo: GitRepository
) -> None:
    rows = [
        LedgerRow(at, each.hash, each.when)
        for at, each in enumerate(read_folder(DiskTree(repo.top), "drizzle").migrations, 1)
    ]
    write_ledger_file(repo / "ledger.json", rows)
    waiver = 'code = "MC201"\nmigration = "0001_posts"\nreason = "a comment"\nuntil = 2099-01-01\n'
    repo.write({"drizzle/0001_posts.sql": "select 'edited';", "migcheck.toml": f"[[waiver]]\n{waiver}"})
    told = command("status", "--ledger", "ledger.json")
    assert (told.code, told.out.splitlines()[-1]) == (
        1,
        (
            "2 applied, 1 edited. "
            "Next: migcheck verify --ledger ledger.json, which tells what to fix of what is not waived"
        ),
    )


def test_in_the_middle_of_a_merge_the_next_step_is_what_verify_says(command: Command, repo: GitRepository) -> None:
    rows = [
        LedgerRow(at, each.hash, each.when)
        for at, each in enumerate(read_folder(DiskTree(repo.top), "drizzle").migrations, 1)
    ]
    write_ledger_file(repo / "ledger.json", rows)
    repo.branch("feature")
    add_migration(repo / "drizzle", "0003_mine", "create table mine (id integer);", when=WHEN + 3 * STEP)
    repo.commit()
    repo.switch("main")
    add_migration(repo / "drizzle", "0003_theirs", "create table theirs (id integer);", when=WHEN + 4 * STEP)
    repo.commit()
    repo.switch("feature")
    told = command("status", "--ledger", "ledger.json")
    assert told.out.splitlines()[-1] == "3 applied, 1 pending. Next: migcheck apply"

    with pytest.raises(AssertionError, match="git merge"):
        repo.git("merge", "--quiet", "main")
    repo.git("checkout", "--ours", "drizzle/meta")
    told = command("status", "--ledger", "ledger.json")
    assert "0003_mine   pending\n" in told.out
    assert told.out.splitlines()[-1] == (
        "3 applied, 1 pending. Next: migcheck verify --ledger ledger.json, which tells what to fix (MC207)"
    )
    verified = json.loads(command("verify", "--offline", "--ledger", "ledger.json", "--format", "json").out)
    assert [each["code"] for each in verified["findings"] if each["severity"] == "error"] == ["MC207"]

    waiver = 'code = "MC207"\nmigration = "0003_mine"\nreason = "mended behind it"\nuntil = 2099-01-01\n'
    repo.write({"migcheck.toml": f"[[waiver]]\n{waiver}"})
    told = command("status", "--ledger", "ledger.json")
    assert told.out.splitlines()[-1] == "3 applied, 1 pending. Next: migcheck apply"


def test_a_row_of_what_the_change_deleted_is_told_as_verify_tells_it(command: Command, repo: GitRepository) -> None:
    landed = read_folder(DiskTree(repo.top), "drizzle").migrations
    rows = [LedgerRow(at, each.hash, each.when) for at, each in enumerate(landed, 1)]
    write_ledger_file(repo / "ledger.json", rows)
    write_ledger_file(repo / "never.json", [rows[0], rows[2]])
    (repo / "drizzle/0001_posts.sql").unlink()
    kept = {tag: sql for tag, sql in THREE.items() if tag != "0001_posts"}
    a_folder(repo / "drizzle", kept, when={"0002_tags": WHEN + 2 * STEP})

    told = command("status", "--ledger", "ledger.json")
    assert (told.code, told.out.splitlines()[-1]) == (
        1,
        "2 applied, 1 row removed. Next: migcheck verify --ledger ledger.json, which tells what to fix (MC202)",
    )
    assert command("status", "--ledger", "never.json").code == 0

    waiver = 'code = "MC202"\nmigration = "0001_posts"\nreason = "undone by hand"\nuntil = 2099-01-01\n'
    repo.write({"migcheck.toml": f"[[waiver]]\n{waiver}"})
    assert command("status", "--ledger", "ledger.json").out.splitlines()[-1] == "2 applied, 1 row removed"


def test_a_squash_on_a_database_that_has_a_part_of_the_old_folder_is_not_called_due(
    command: Command, repo: GitRepository
) -> None:
    part = read_folder(DiskTree(repo.top), "drizzle").migrations[:2]
    write_ledger_file(repo / "part.json", [LedgerRow(row, each.hash, each.when) for row, each in enumerate(part, 1)])
    shutil.rmtree(repo / "drizzle")
    a_folder(repo / "drizzle", {"0000_all": "create table all_of_it ();"}, when={"0000_all": WHEN + 2 * STEP})

    told = command("status", "drizzle", "--ledger", "part.json")

    assert (told.code, told.out.splitlines()[-1]) == (
        1,
        (
            "1 pending, 2 rows removed, 0000_all would run over a part of what it stands for (MC511). "
            "Next: migcheck verify drizzle --ledger part.json, which tells what to fix"
        ),
    )


def test_what_is_due_behind_a_row_that_nobody_has_the_file_of_is_not_called_ready(
    command: Command, tmp_path: Path
) -> None:
    repo = init(tmp_path)
    a_folder_1_0(repo / "drizzle", {"20240101000000_a": "select 1;", "20240201000000_b": "select 2;"})
    repo.commit({"drizzle.config.ts": CONFIG})
    first, second = read_folder(DiskTree(repo.top), "drizzle").migrations
    rows = [LedgerRow(1, first.hash, first.when, first.tag), LedgerRow(2, "a" * 64, second.when + STEP, "c")]
    write_ledger_file(repo / "ledger.json", rows)
    told = command("status", "--ledger", "ledger.json")
    said = "1 applied, 1 pending, 1 row ahead. Next: migcheck verify --ledger ledger.json, which tells what to fix"
    assert (told.code, told.out.splitlines()[-1]) == (1, said)


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_a_journal_that_cannot_be_read_is_told_and_no_row_is_judged(
    command: Command, repo: GitRepository, app: Database
) -> None:
    keep_ledger(app, repo.top)
    journal = repo / "drizzle/meta/_journal.json"
    journal.write_text(journal.read_text().replace('  "entries"', '<<<<<<< HEAD\n  "entries"'))
    env = {"DATABASE_URL": app.url}

    told = command("status", env=env)
    assert told.code == 1
    assert told.out == (
        f"migcheck 0.1.0  drizzle  on 127.0.0.1:{app.port}/{app.name}\n"
        f"ledger  {NAME}, 3 rows\n"
        "\n"
        "error MC100 journal-unusable\n"
        "  drizzle/meta/_journal.json:4\n"
        "    the journal holds the markers of a merge conflict\n"
        "  fix: Take the journal and the snapshots of the branch that lands first\n"
        "       (`git checkout BRANCH -- :/drizzle/meta`), delete what is left of your own new migrations\n"
        "       (file, snapshot, entry), and run `drizzle-kit generate` again; what was written by hand goes\n"
        "       into `drizzle-kit generate --custom`.\n"
        "\n"
        "Drizzle cannot read drizzle (MC100). Next: migcheck verify, which tells what to fix\n"
    )

    (folder,) = json.loads(command("status", "--format", "json", env=env).out)["folders"]
    assert (folder["sound"], folder["migrations"], folder["strays"]) == (False, [], [])
    assert [(each["code"], each["file"], each["line"]) for each in folder["findings"]] == [
        ("MC100", "drizzle/meta/_journal.json", 4)
    ]
    assert len(folder["ledger"]["rows"]) == 3


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_an_entry_without_its_file_is_told_and_its_row_is_not_called_removed(
    command: Command, repo: GitRepository, app: Database
) -> None:
    keep_ledger(app, repo.top)
    (repo / "drizzle/0001_posts.sql").unlink()
    told = command("status", env={"DATABASE_URL": app.url})
    assert told.code == 1
    assert "error MC101 entry-without-file\n" in told.out
    assert "the journal names 0001_posts, and there is no 0001_posts.sql\n" in told.out
    assert "removed" not in told.out
    assert told.out.splitlines()[-1] == (
        "Drizzle cannot read drizzle (MC101). Next: migcheck verify, which tells what to fix"
    )
    verified = command("verify", "--offline", "--format", "json")
    assert "MC101" in {each["code"] for each in json.loads(verified.out)["findings"]}
    assert len(read_journal(repo / "drizzle")["entries"]) == 3


def test_a_row_without_a_time_is_shown_as_sql_would_show_it(command: Command, repo: GitRepository) -> None:
    write_ledger_file(repo / "ledger.json", [LedgerRow(1, "0" * 64, None)])
    told = command("status", "drizzle", "--ledger", "ledger.json")
    assert f"  row 1  created_at NULL  hash {'0' * 12}  unknown\n" in told.out


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_a_database_that_was_pushed_is_not_one_to_apply_to_at_once(
    command: Command, repo: GitRepository, app: Database
) -> None:
    app.run("create table users ()", "create table posts ()")
    env = {"DATABASE_URL": app.url}
    told = command("status", "--base", "main", env=env)
    assert (told.code, told.out.splitlines()[-1]) == (
        0,
        (
            "3 pending, on a database that has 2 tables and no row of the ledger. Next: migcheck verify --base main, "
            "which tells whether they are in the way (MC513)"
        ),
    )
    assert "error MC513" in command("verify", "--base", "main", env=env).out
    keep_ledger(app, repo.top)
    assert command("status", env=env).out.splitlines()[-1] == "3 applied"


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_a_ledger_that_is_not_there_is_not_called_empty(command: Command, repo: GitRepository, app: Database) -> None:
    env = {"DATABASE_URL": app.url}
    pending = "  0000_users  pending\n  0001_posts  pending\n  0002_tags   pending\n\n3 pending. Next: migcheck apply\n"
    head = f"migcheck 0.1.0  drizzle  on 127.0.0.1:{app.port}/{app.name}\n"
    before = command("status", env=env)
    assert (before.code, before.out) == (0, f"{head}ledger  {NAME}, not there yet\n\n{pending}")
    assert command("status", "--format", "json", "--output", "ledger.json", env=env).code == 0
    assert json.loads((repo / "ledger.json").read_text())["folders"][0]["ledger"] == {
        "schema": "drizzle",
        "table": "__drizzle_migrations",
        "exists": False,
        "rows": [],
    }
    from_file = command("status", "--ledger", "ledger.json")
    assert f"ledger  {NAME}, not there yet\n" in from_file.out

    with app.connect() as connection:
        create_ledger(connection, NAME, Layout.JOURNAL)
    assert command("status", env=env).out == f"{head}ledger  {NAME}, 0 rows\n\n{pending}"


class TestLength:
    """Of what nobody needs to look at, a page shows the newest."""

    @pytest.fixture
    def written(self, repo: GitRepository) -> GitRepository:
        """A folder of 40 migrations and a ledger file of it: 30 applied, one of them edited since."""
        a_folder(repo / "drizzle", MANY)
        folder = read_folder(DiskTree(repo.top), "drizzle")
        rows = [LedgerRow(at, each.hash, each.when) for at, each in enumerate(folder.migrations[:30], 1)]
        write_ledger_file(repo / "ledger.json", rows)
        (repo / "drizzle/0003_step.sql").write_text("select 'edited';")
        return repo

    def test_the_newest_applied_and_all_else(self, command: Command, written: GitRepository) -> None:
        assert written.top.is_dir()
        ran = command("status", "--ledger", "ledger.json")
        assert ran.code == 1
        assert ran.out.splitlines()[3:] == [
            "  0003_step  edited  the file is not the one that was applied",
            "  19 more that are applied: --verbose shows all",
            *(f"  {at:04}_step  applied" for at in range(20, 30)),
            *(f"  {at:04}_step  pending" for at in range(30, 40)),
            "",
            "29 applied, 10 pending, 1 edited. Next: migcheck verify --ledger ledger.json, which tells what to fix",
        ]

    @pytest.mark.parametrize("option", ["-v", "--verbose"])
    def test_all_of_them_where_asked(self, command: Command, written: GitRepository, option: str) -> None:
        assert written.top.is_dir()
        shown = command("status", "--ledger", "ledger.json", option).out
        assert [line.split()[0] for line in shown.splitlines()[3:43]] == list(MANY)
        assert "more" not in shown

    def test_json_has_all(self, command: Command, written: GitRepository) -> None:
        assert written.top.is_dir()
        (folder,) = json.loads(command("status", "--ledger", "ledger.json", "--format", "json").out)["folders"]
        assert [each["tag"] for each in folder["migrations"]] == list(MANY)

    def test_rows_of_nothing_wrap_and_the_oldest_are_only_counted(self, command: Command, repo: GitRepository) -> None:
        folder = read_folder(DiskTree(repo.top), "drizzle")
        rows = [LedgerRow(at, each.hash, each.when) for at, each in enumerate(folder.migrations, 1)]
        ahead = [LedgerRow(at, f"{at:064x}", WHEN + at * STEP) for at in range(10, 22)]
        unknown = LedgerRow(30, "f" * 64, WHEN + 1)
        write_ledger_file(repo / "ledger.json", [*rows, *ahead, unknown])
        ran = command("status", "--ledger", "ledger.json", env={"COLUMNS": "50"})
        assert ran.code == 1
        assert ran.out.splitlines()[7:] == [
            "rows that belong to no migration of the folder",
            "  2 more like these: --verbose shows all",
            *(
                line
                for at in range(12, 22)
                for line in (
                    f"  row {at}  created_at {WHEN + at * STEP}  hash",
                    "          000000000000  ahead",
                )
            ),
            f"  row 30  created_at {WHEN + 1}  hash",
            "          ffffffffffff  unknown",
            "",
            (
                "3 applied, 12 rows ahead, 1 row unknown. Next: migcheck verify --ledger ledger.json, "
                "which tells what to fix"
            ),
        ]
