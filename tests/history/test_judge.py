"""What a change alters in its own judge is told at the top of the report."""

from tests.support.histories import a_history, a_landed_folder
from tests.support.repositories import GitRepository

WAIVER = '[[waiver]]\ncode = "MC201"\nmigration = "0001_posts"\nreason = "never applied"\nuntil = 2030-01-01\n'


def lines(repo: GitRepository, *paths: str, staged: bool = False) -> tuple[str, ...]:
    return a_history(repo, judge_paths=paths, staged=staged).judge_changes


def test_settings_and_waivers_are_compared(a_repo: GitRepository) -> None:
    a_repo.commit({"migcheck.toml": f'base = "origin/main"\n[scratch]\nimage = "postgres:17"\n{WAIVER}'})
    a_landed_folder(a_repo)
    a_repo.write({"migcheck.toml": f'strict = true\n[scratch]\nimage = "evil:1"\n{WAIVER.replace("MC201", "MC202")}'})
    a_repo.stage()

    expected = (
        "migcheck.toml: waiver added: MC202 of 0001_posts until 2030-01-01: never applied",
        "migcheck.toml: waiver removed: MC201 of 0001_posts until 2030-01-01: never applied",
        "migcheck.toml: base: origin/main -> (not set)",
        "migcheck.toml: scratch.image: postgres:17 -> evil:1",
        "migcheck.toml: strict: (not set) -> true",
    )
    assert lines(a_repo, "migcheck.toml") == expected
    assert lines(a_repo, "migcheck.toml", staged=True) == expected


def test_a_waiver_of_one_folder_is_told_with_it(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"migcheck.toml": f'{WAIVER}folder = "a/drizzle"\n'})
    assert lines(a_repo, "migcheck.toml")[-1] == (
        "migcheck.toml: waiver added: MC201 of 0001_posts in a/drizzle until 2030-01-01: never applied"
    )


def test_a_configuration_outside_of_the_repository_has_not_landed(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"README.md": "a change"})
    a_repo.write({"../outside.toml": "repeatable = true"})

    assert lines(a_repo, "../outside.toml") == (
        "../outside.toml: new in this change",
        "../outside.toml: repeatable: (not set) -> true",
    )


def test_tables_and_lists_are_told_key_by_key(a_repo: GitRepository) -> None:
    a_repo.commit({"migcheck.toml": '[[folder]]\npath = "a"\nledger = { table = "t" }\n[scratch]\nextensions = ["x"]'})
    a_landed_folder(a_repo)
    folders = '[[folder]]\npath = "b"\n[[folder]]\npath = "a"\nledger = { table = "u" }\n[[folder]]\nledger = 1'
    a_repo.write({"migcheck.toml": f'{folders}\n[scratch]\nextensions = ["x", "y"]\n[apply]\nlock_wait = 1.5'})

    assert lines(a_repo, "migcheck.toml") == (
        "migcheck.toml: folder[a].ledger.table: t -> u",
        "migcheck.toml: scratch.extensions: x -> x, y",
        "migcheck.toml: folder[b].path: (not set) -> b",
        "migcheck.toml: folder[3].ledger: (not set) -> 1",
        "migcheck.toml: apply.lock_wait: (not set) -> 1.5",
    )


def test_a_table_that_comes_is_told_key_by_key(a_repo: GitRepository) -> None:
    a_repo.commit({"migcheck.toml": "[scratch]\nextensions = ['x']"})
    a_landed_folder(a_repo)
    a_repo.write({"migcheck.toml": '[scratch]\nextensions = []\nkind = "embedded"\n[apply]'})

    assert lines(a_repo, "migcheck.toml") == (
        "migcheck.toml: scratch.extensions: x -> (none)",
        "migcheck.toml: scratch.kind: (not set) -> embedded",
    )


DEFAULTS = """
repeatable = false
[[folder]]
path = "drizzle"
database_url = "DATABASE_URL"
transaction = "all"
ledger = { schema = "drizzle", table = "__drizzle_migrations" }
[scratch]
kind = "auto"
major = 0
extensions = []
dsn = "MIGCHECK_SCRATCH_URL"
timeout = 300
disk = 4096
memory = 2048
start_from = "files"
[apply]
lock_timeout = 5
statement_timeout = 0
lock_wait = 60
retry_for = 60
"""


def test_what_is_written_down_as_it_was_unsaid_is_no_change(a_repo: GitRepository) -> None:
    """A ledger is one: without it, drizzle.config says where it is."""
    a_landed_folder(a_repo)
    base = a_repo.head
    a_repo.commit({"migcheck.toml": DEFAULTS})
    ledger = (
        "migcheck.toml: folder[drizzle].ledger.schema: (not set) -> drizzle",
        "migcheck.toml: folder[drizzle].ledger.table: (not set) -> __drizzle_migrations",
    )
    assert a_history(a_repo, base=base, judge_paths=("migcheck.toml",)).judge_changes == (
        "migcheck.toml: new in this change",
        "migcheck.toml: folder[drizzle].path: (not set) -> drizzle",
        *ledger,
    )

    base = a_repo.head
    a_repo.write(
        {
            "migcheck.toml": DEFAULTS.replace("repeatable = false", "")
            .replace("= 300", "= 301")
            .replace('"files"', '"target"')
        }
    )
    assert a_history(a_repo, base=base, judge_paths=("migcheck.toml",)).judge_changes == (
        "migcheck.toml: scratch.timeout: 300 -> 301",
        "migcheck.toml: scratch.start_from: files -> target",
    )


def test_of_pyproject_only_our_own_table_counts(a_repo: GitRepository) -> None:
    a_repo.commit({"pyproject.toml": '[project]\nname = "app"\n[tool.migcheck]\nbase = "main"\n'})
    a_landed_folder(a_repo)
    a_repo.write({"pyproject.toml": '# Tidied\n[tool.migcheck]\nbase = "dev"\n[project]\nname = "other"\n'})

    assert lines(a_repo, "pyproject.toml") == ("pyproject.toml: base: main -> dev",)


def test_files_that_come_go_and_change(a_repo: GitRepository) -> None:
    a_repo.commit({"prelude.sql": "select 1;", "old.sql": "select 1;", "broken.toml": "a = 1", "gone.toml": "a = 1"})
    a_landed_folder(a_repo)
    a_repo.write(
        {
            "prelude.sql": "select 2;",
            "old.sql": None,
            "new.sql": "select 3;",
            "broken.toml": "a =",
            "gone.toml": None,
            "migcheck.toml": "strict = true",
        }
    )

    paths = ("prelude.sql", "old.sql", "new.sql", "never.sql", "broken.toml", "gone.toml", "migcheck.toml")
    assert lines(a_repo, *paths) == (
        "prelude.sql: changed",
        "old.sql: removed by this change",
        "new.sql: new in this change",
        "broken.toml: changed",
        "gone.toml: removed by this change",
        "gone.toml: a: 1 -> (not set)",
        "migcheck.toml: new in this change",
        "migcheck.toml: strict: (not set) -> true",
    )


def test_nothing_changed(a_repo: GitRepository) -> None:
    a_repo.commit({"migcheck.toml": WAIVER})
    a_landed_folder(a_repo)

    assert lines(a_repo, "migcheck.toml", "prelude.sql") == ()
