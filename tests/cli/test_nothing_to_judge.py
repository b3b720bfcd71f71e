"""A commit hook where there is no Postgres folder of Drizzle, as on a branch or in a change without one."""

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository

HOOK = ("verify", "--offline", "--staged", "--if-changed")
QUIET = Ran(0, "", "")
CONFIG = "export default { dialect: 'postgresql', out: './drizzle' };\n"
PACKAGE = {"package.json": "{}"}
WHAT_RUNS = {**PACKAGE, "Dockerfile": "FROM node\n", ".github/workflows/ci.yml": "on: push\n"}
NONE = "migcheck: no migrations folder is configured"
SQL = {"0000_users": "create table users (id int);"}


def test_the_first_commit_of_all(command: Command, a_repo: GitRepository) -> None:
    a_repo.stage({**WHAT_RUNS, ".pre-commit-config.yaml": "repos: []\n"})
    assert command(*HOOK, cwd=a_repo.top) == QUIET


def test_a_branch_without_drizzle(command: Command, a_repo: GitRepository) -> None:
    a_repo.commit({"README.md": "", "migcheck.toml": '[scratch]\nkind = "embedded"\n'})
    a_repo.stage(WHAT_RUNS)
    assert command(*HOOK, cwd=a_repo.top) == QUIET
    by_hand = command("verify", "--offline", "--staged", cwd=a_repo.top)
    assert (by_hand.code, by_hand.err.splitlines()[0]) == (2, NONE)


def test_a_project_on_mysql(command: Command, a_repo: GitRepository) -> None:
    a_repo.commit({"README.md": ""})
    a_folder(a_repo / "drizzle", SQL, dialect="mysql")
    a_repo.stage(PACKAGE)
    assert command(*HOOK, cwd=a_repo.top) == QUIET
    a_repo.commit({"drizzle.config.ts": CONFIG.replace("postgresql", "mysql")})
    a_repo.stage({"Dockerfile": "FROM node\n"})
    assert command(*HOOK, cwd=a_repo.top) == QUIET


def test_what_cannot_be_read_is_no_proof_that_there_is_none(command: Command, a_repo: GitRepository) -> None:
    a_repo.commit({"README.md": ""})
    a_repo.stage({"drizzle.config.ts": CONFIG.replace("'./drizzle'", "process.env.OUT")})
    ran = command(*HOOK, cwd=a_repo.top)
    told = "migcheck: drizzle.config.ts:1: `out` cannot be read without running the file: process.env.OUT"
    assert (ran.code, ran.err.splitlines()[0]) == (2, told)
    a_repo.git("mv", "drizzle.config.ts", "drizzle-prod.config.ts")
    ran = command(*HOOK, cwd=a_repo.top)
    assert (ran.code, ran.err.splitlines()[0]) == (2, NONE)


@pytest.mark.parametrize("broken", ["{", '{"version": "7"}'])
def test_nor_is_a_journal_of_nobody_knows_what(command: Command, a_repo: GitRepository, broken: str) -> None:
    a_repo.commit({"README.md": ""})
    a_repo.stage({"a/meta/_journal.json": broken, "b/meta/_journal.json": broken})
    ran = command(*HOOK, cwd=a_repo.top)
    assert (ran.code, ran.err.splitlines()[0]) == (2, NONE)


def test_what_takes_drizzle_out_is_judged_and_what_comes_after_is_not(command: Command, a_repo: GitRepository) -> None:
    a_folder(a_repo / "drizzle", SQL)
    a_repo.commit({"drizzle.config.ts": CONFIG, **PACKAGE})
    a_repo.git("rm", "-r", "--quiet", "drizzle")
    ran = command(*HOOK, cwd=a_repo.top)
    assert (ran.code, "error MC100 journal-unusable" in ran.out, "`git checkout HEAD -- :/drizzle`" in ran.out) == (
        1,
        True,
        True,
    )
    a_repo.git("rm", "--quiet", "drizzle.config.ts")
    ran = command(*HOOK, cwd=a_repo.top)
    assert (ran.code, ran.err.splitlines()[0]) == (2, NONE)
    assert ran.err.endswith("is meant to take it away, `git commit --no-verify`\n")
    a_repo.commit()
    a_repo.stage(WHAT_RUNS | {"package.json": "{ }"})
    assert command(*HOOK, cwd=a_repo.top) == QUIET


@pytest.mark.parametrize(
    "had",
    [
        {"drizzle.config.ts": CONFIG.replace("'./drizzle'", "process.env.OUT")},
        {"migcheck.toml": '[[folder]]\npath = "drizzle"\n'},
        {"migcheck.toml": "bogus = 1\n"},
        {"a/meta/_journal.json": "{", "b/meta/_journal.json": "{"},
        {"drizzle-prod.config.ts": CONFIG},
    ],
    ids=["unread", "own", "broken", "journals", "another name"],
)
def test_what_head_has_is_no_proof_either(command: Command, a_repo: GitRepository, had: dict[str, str]) -> None:
    a_repo.commit({**had, **PACKAGE})
    a_repo.stage(dict.fromkeys(had))
    ran = command(*HOOK, cwd=a_repo.top)
    assert (ran.code, ran.err.splitlines()[0]) == (2, NONE)


def test_whoever_names_a_place_means_it(command: Command, a_repo: GitRepository) -> None:
    a_repo.commit({"drizzle.config.ts": CONFIG.replace("postgresql", "mysql")})
    a_repo.stage(PACKAGE)
    assert command(*HOOK, "drizzle", cwd=a_repo.top).code == 2
    assert command(*HOOK, "--config", "drizzle.config.ts", cwd=a_repo.top).code == 2


def test_outside_of_a_repository_nothing_is_staged(command: Command, a_repo: GitRepository) -> None:
    ran = command(*HOOK, cwd=a_repo.top.parent)
    assert (ran.code, ran.err.splitlines()[0]) == (2, NONE)


def test_a_push_of_what_never_had_drizzle(command: Command, a_repo: GitRepository) -> None:
    """Pages have a history of their own, and a hook of git's fires on every branch."""
    a_folder(a_repo / "drizzle", SQL)
    a_repo.commit()
    a_repo.git("switch", "--quiet", "--orphan", "pages")
    pages = a_repo.commit({"index.html": ""})
    pushed = command("verify", "--offline", "--revision", pages, cwd=a_repo.top)
    why = "no migrations folder is configured"
    told = f"migcheck: {pages} has nothing to judge, nor has what landed before it: {why}\n"
    assert pushed == Ran(0, "", told)


def test_a_push_that_takes_drizzle_out(command: Command, a_repo: GitRepository) -> None:
    a_folder(a_repo / "drizzle", SQL)
    a_repo.commit()
    a_repo.branch("feature")
    a_repo.git("rm", "-r", "--quiet", "drizzle")
    without = a_repo.commit({"README.md": ""})
    pushed = command("verify", "--offline", "--revision", without, cwd=a_repo.top)
    assert (pushed.code, pushed.err.splitlines()[0]) == (2, NONE)
    assert pushed.err.splitlines()[1].endswith(
        "; where there was one and this is meant to take it away, `git push --no-verify`"
    )
