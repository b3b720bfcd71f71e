"""What a hook says before a commit: of what the commit brings, and of the rest only what blocks."""

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import STEP, WHEN, a_folder, add_migration
from tests.support.repositories import GitRepository

HOOK = ("verify", "--offline", "--staged", "--if-changed")
CONFIG = "export default { dialect: 'postgresql', out: './drizzle' };\n"
ASIDE = "of what this commit does not change: `migcheck verify --offline`"
NEAR_MARKER = "select 1;\n-->statement-breakpoint\nselect 2;\n"


@pytest.fixture
def indebted(a_repo: GitRepository) -> GitRepository:
    """With two warnings of what landed: a marker that is none, and a file without an entry."""
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);", "0001_marks": NEAR_MARKER})
    a_repo.commit({"drizzle.config.ts": CONFIG, "drizzle/0009_orphan.sql": "select 1;"})
    return a_repo


def places(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith("  drizzle/")]


def last_but_the_verdict(text: str) -> str:
    return text.rstrip().splitlines()[-3]


def test_old_warnings_of_other_files_are_counted(command: Command, indebted: GitRepository) -> None:
    add_migration(indebted / "drizzle", "0002_more", NEAR_MARKER)
    indebted.stage()
    hooked = command(*HOOK, cwd=indebted.top)
    assert hooked.code == 0
    assert places(hooked.out) == ["drizzle/0002_more.sql:2"]
    assert last_but_the_verdict(hooked.out) == f"2 findings {ASIDE} shows them"
    shown = ["drizzle/0002_more.sql:2", "drizzle/0001_marks.sql:2", "drizzle/0009_orphan.sql"]
    assert places(command(*HOOK, "--verbose", cwd=indebted.top).out) == shown
    # Of what is to be left as it is, one line is enough.
    told = command("verify", "--offline", "--staged", cwd=indebted.top).out
    assert places(told) == [shown[0], shown[2]]
    assert "MC130 breakpoint-near-miss  drizzle/0001_marks.sql:2\n" in told


def test_what_blocks_is_told_wherever_it_is(command: Command, indebted: GitRepository) -> None:
    indebted.git("rm", "--quiet", "drizzle/0009_orphan.sql")
    indebted.stage({"drizzle/0000_users.sql": "create table users (id bigint);"})
    hooked = command(*HOOK, cwd=indebted.top)
    assert hooked.code == 1
    assert places(hooked.out) == ["drizzle/0000_users.sql:1"]
    assert last_but_the_verdict(hooked.out) == f"1 finding {ASIDE} shows it"


def test_of_the_journal_only_what_is_new_there_is_told(command: Command, a_repo: GitRepository) -> None:
    disorder = {"0000_users": WHEN + 2 * STEP, "0001_posts": WHEN}
    a_folder(a_repo / "drizzle", {"0000_users": "select 1;", "0001_posts": "select 2;"}, when=disorder)
    a_repo.commit({"drizzle.config.ts": CONFIG})
    add_migration(a_repo / "drizzle", "0002_more", "select 3;", when=WHEN + 3 * STEP)
    a_repo.stage()
    hooked = command(*HOOK, cwd=a_repo.top)
    assert (hooked.code, places(hooked.out)) == (0, [])
    assert last_but_the_verdict(hooked.out) == f"1 finding {ASIDE} shows it"
    assert places(command(*HOOK, "--verbose", cwd=a_repo.top).out) == ["drizzle/meta/_journal.json:12"]


def test_a_commit_that_brings_nothing_to_tell_of_is_judged_in_silence(
    command: Command, indebted: GitRepository
) -> None:
    package = {"package.json": '{"scripts": {"test": "vitest"}}'}
    indebted.stage(package)
    assert command(*HOOK, cwd=indebted.top) == Ran(0, "", "")
    assert command(*HOOK, "--verbose", cwd=indebted.top).out
    indebted.stage({"package.json": '{"scripts": {"start": "drizzle-kit push"}}'})
    assert command(*HOOK, cwd=indebted.top).code == 1


def test_new_sql_that_nobody_read_is_told_in_a_line_and_blocks_nothing(
    command: Command, indebted: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migcheck.facts.lint.squawk._VERSION", b"squawk 0.")
    add_migration(indebted / "drizzle", "0002_more", "alter table users drop column id;")
    indebted.stage()
    hooked = command(*HOOK, cwd=indebted.top)
    assert hooked.code == 0
    (told,) = (line.strip() for line in hooked.out.splitlines() if "Squawk" in line)
    assert told == "sql       skipped: --offline, and there is no Squawk 2.70: pip install 'drizzle-migcheck[squawk]'"


def workflow(*commands: str) -> dict[str, str]:
    steps = "".join(f"      - run: {each}\n" for each in commands)
    return {".github/workflows/ci.yml": f"on: push\njobs:\n  ci:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"}


def gates(text: str) -> list[str]:
    lines = (line.split() for line in text.splitlines() if line.startswith("  ") and not line.startswith("   "))
    return [" ".join(words[:2]) for words in lines if words[0] in ("folder", "history", "project", "sql")]


def test_what_is_around_the_folder_is_judged_alone(command: Command, indebted: GitRepository) -> None:
    """Nothing is said of what the commit leaves as it was: a snapshot that cannot be read is not even read."""
    indebted.commit({"drizzle/0001_marks.sql": None, **workflow("npm test")})
    staged = indebted.git("ls-files", "-s", "drizzle/meta").split()
    blob, path = next(each for each in zip(staged[1::4], staged[3::4], strict=True) if "snapshot" in each[1])
    (indebted.top / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    # What lies about as it is staged would be read there.
    indebted.git("update-index", "--assume-unchanged", path)
    (indebted.top / path).write_text("{}")
    indebted.stage(workflow("npm run deploy"))
    assert command(*HOOK, cwd=indebted.top) == Ran(0, "", "")
    told = command(*HOOK, "--verbose", cwd=indebted.top)
    assert (told.code, gates(told.out)) == (0, ["folder skipped:", "history skipped:", "project clear", "sql skipped:"])
    indebted.stage(workflow("npx drizzle-kit push"))
    hooked = command(*HOOK, cwd=indebted.top)
    assert (hooked.code, gates(hooked.out)[2]) == (1, "project 1")
    assert "error MC601 push-reachable\n  .github/workflows/ci.yml:6\n" in hooked.out


@pytest.mark.parametrize(
    "more",
    [
        {"drizzle/notes.txt": "of the folder"},
        {"migcheck.toml": '[scratch]\nkind = "embedded"\n'},
        {"src/db.ts": "export const dialect = 'postgresql';\n"},
        {"out.json": '{"out": "./drizzle "}'},
    ],
    ids=["folder", "configuration", "code", "taken in"],
)
def test_all_is_judged_where_more_than_that_is_staged(
    command: Command, indebted: GitRepository, more: dict[str, str]
) -> None:
    indebted.commit({"drizzle.config.ts": f'import said from "./out.json";\n{CONFIG}', "out.json": "{}"})
    indebted.stage({**workflow("npm run deploy"), **more})
    told = command(*HOOK, "--verbose", cwd=indebted.top)
    assert gates(told.out) == ["folder 2", "history clear", "project clear", "sql clear"]


def test_all_is_judged_where_a_link_is_staged(command: Command, indebted: GitRepository) -> None:
    """It may be the folder that it leads to."""
    indebted.stage(workflow("npm run deploy"))
    (indebted.top / "src").symlink_to("drizzle")
    indebted.git("add", "src")
    assert gates(command(*HOOK, "--verbose", cwd=indebted.top).out)[0] == "folder 2"


def test_whoever_asks_for_it_by_hand_hears_all(command: Command, indebted: GitRepository) -> None:
    indebted.stage(workflow("npm run deploy"))
    for asked in (("verify", "--offline", "--staged"), (*HOOK, "drizzle")):
        assert gates(command(*asked, "--verbose", cwd=indebted.top).out)[0] == "folder 2"


def test_what_no_hook_takes_is_said_of_the_command_that_does(command: Command, indebted: GitRepository) -> None:
    indebted.stage({"drizzle/0000_users.sql": "create table users (id bigint);"})
    words = " ".join(command(*HOOK, cwd=indebted.top).out.split())
    assert "let the ledgers say so to `migcheck verify` (DATABASE_URL, or `--ledger FILE` written by" in words
