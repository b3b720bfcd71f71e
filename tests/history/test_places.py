"""Where a folder can be: in a hook's index, a linked work tree, a submodule, below the top, under another name."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migcheck.errors import UndecidableError
from migcheck.facts.history.history import Base, NothingLanded
from migcheck.facts.read_folder import read_folder
from tests.support.folders import a_folder, add_migration, change_entry, read_journal, write_journal
from tests.support.histories import FOLDER, LANDED, a_history, a_landed_folder, judged, opened, told
from tests.support.repositories import GitRepository, environment, init

ROOT = Path(__file__).parents[2]
HOOK = f"""#!{sys.executable}
import os, sys
from pathlib import Path
sys.path[:0] = [{str(ROOT / "checks")!r}, {str(ROOT)!r}]
from tests.support.histories import a_history, told
from tests.support.repositories import GitRepository
history = a_history(GitRepository(Path.cwd()), environ=os.environ, staged=True)
print([each.tag for each in history.new()], told(history))
"""


def committed(repo: GitRepository, *arguments: str) -> str:
    """What the pre-commit hook of a real `git commit` said of the commit in the making."""
    hook = repo / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)
    done = subprocess.run(
        ["git", "commit", "--message", "x", *arguments],
        cwd=repo.top,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.strip()


def test_a_hook_judges_what_is_staged(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "select 1;", snapshot=False)
    a_repo.stage()
    a_repo.write({"drizzle/0000_users.sql": "select 'lies about';"})

    assert committed(a_repo) == "['0003_likes'] []"


def test_a_hook_judges_what_a_partial_commit_takes(a_repo: GitRepository) -> None:
    """`git commit FILE` gives its hook an index of its own: what else is staged does not belong to this commit."""
    drizzle = a_landed_folder(a_repo)
    a_repo.stage({"drizzle/0000_users.sql": "select 'staged';"})
    add_migration(drizzle, "0003_likes", "select 1;", snapshot=False)
    a_repo.git("add", "--intent-to-add", "drizzle/0003_likes.sql")

    assert committed(a_repo, "drizzle/0003_likes.sql", "drizzle/meta/_journal.json") == "['0003_likes'] []"


def test_a_hook_judges_what_commit_all_takes(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.write({"drizzle/0000_users.sql": "select 'edited';"})

    assert committed(a_repo, "--all") == "[] [('MC201', 'error', '0000_users')]"


def test_an_amended_commit_on_a_branch_is_judged_by_what_landed(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "select 1;", snapshot=False)
    a_repo.commit()
    a_repo.stage({"drizzle/0003_likes.sql": "select 'mended';"})

    assert committed(a_repo, "--amend") == "['0003_likes'] []"


def test_a_hook_in_a_linked_work_tree(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    linked = a_repo.worktree(tmp_path / "linked", "other")
    linked.stage({"drizzle/0000_users.sql": "select 'edited';"})
    index = linked.git("rev-parse", "--path-format=absolute", "--git-path", "index")

    assert told(a_history(linked, staged=True)) == [("MC201", "error", "0000_users")]
    assert told(a_history(linked, staged=True, environ={"GIT_INDEX_FILE": index})) == [("MC201", "error", "0000_users")]
    assert told(a_history(a_repo, staged=True, base="main")) == []


def test_a_submodule_has_a_history_of_its_own(a_repo: GitRepository, tmp_path: Path) -> None:
    inner = init(tmp_path / "inner")
    a_landed_folder(inner)
    inner.switch("main")
    a_repo.commit({"README.md": ""})
    module = a_repo.submodule(inner, "packages/db")
    module.commit({"drizzle/0000_users.sql": "select 'edited';"})

    assert opened(a_repo / "packages/db/drizzle").top == module.top
    assert told(a_history(module)) == [("MC201", "error", "0000_users")]
    assert read_folder(opened(a_repo.top).index(), "packages/db/drizzle").files == ()


def test_a_folder_below_the_top(a_repo: GitRepository) -> None:
    place = "packages/größe db/drizzle"
    a_landed_folder(a_repo, place)
    a_repo.commit({f"{place}/0000_users.sql": "select 'edited';"})

    (found,) = judged(a_history(a_repo, place))

    assert (found.code, str(found.at)) == ("MC201", f"{place}/0000_users.sql:1")


def test_a_folder_that_is_the_top(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo, ".")
    a_repo.commit({"0000_users.sql": "select 'edited';"})

    assert told(a_history(a_repo, ".")) == [("MC201", "error", "0000_users")]


def test_a_folder_that_was_moved_is_no_edit(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    landed = a_repo.head
    (a_repo / "packages").mkdir()
    (a_repo / "drizzle").rename(a_repo / "packages/migrations")
    add_migration(a_repo / "packages/migrations", "0003_likes", "select 1;", snapshot=False)
    a_repo.commit()

    history = a_history(a_repo, "packages/migrations")

    assert history.base == Base(
        landed, "the merge base with main, the default branch; there the folder is drizzle", unlanded=True
    )
    assert [each.tag for each in history.new()] == ["0003_likes"]
    assert told(history) == []


def test_a_folder_that_was_moved_and_edited(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    (a_repo / "drizzle").rename(a_repo / "migrations")
    a_repo.commit({"migrations/0000_users.sql": "select 'edited';"})

    (found,) = judged(a_history(a_repo, "migrations"))

    assert (found.code, str(found.at)) == ("MC201", "migrations/0000_users.sql:1")
    assert ':drizzle/0000_users.sql > "$(git rev-parse --show-toplevel)"/migrations/0000_users.sql`)' in found.fix
    subprocess.run(found.fix.split("`")[1], shell=True, cwd=a_repo.top, env=environment(), check=True)
    assert told(a_history(a_repo, "migrations")) == []


@pytest.mark.parametrize("left", ["drizzle/seed.sql", "drizzle/README.md", "drizzle/0009_wip.sql"])
def test_a_file_that_a_move_left_behind_does_not_make_it_a_copy(a_repo: GitRepository, left: str) -> None:
    a_landed_folder(a_repo)
    (a_repo / "drizzle").rename(a_repo / "migrations")
    a_repo.commit({left: "select 1;", "migrations/0000_users.sql": "select 'edited';"})

    assert told(a_history(a_repo, "migrations")) == [("MC201", "error", "0000_users")]


def test_a_folder_that_was_moved_and_edited_nearly_all(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    (a_repo / "drizzle").rename(a_repo / "migrations")
    a_repo.commit({f"migrations/{tag}.sql": "select 'edited';" for tag in ("0000_users", "0001_posts")})

    assert [code for code, *_ in told(a_history(a_repo, "migrations"))] == ["MC201", "MC201"]


def test_a_folder_that_was_moved_down_from_the_top(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo, ".")
    (a_repo / "drizzle").mkdir()
    for name in ("meta", "0000_users.sql", "0001_posts.sql", "0002_tags.sql"):
        (a_repo / name).rename(a_repo / "drizzle" / name)
    a_repo.commit({"drizzle/0000_users.sql": "select 'edited';"})

    assert told(a_history(a_repo)) == [("MC201", "error", "0000_users")]


def test_a_copied_folder_is_a_new_one(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    shutil.copytree(a_repo / "drizzle", a_repo / "second")
    a_repo.commit()

    assert isinstance(a_history(a_repo, "second").base, NothingLanded)


def test_a_journal_that_was_broken_on_main_does_not_hide_what_landed(a_repo: GitRepository) -> None:
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    good = a_repo.commit()
    journal = read_journal(a_repo / FOLDER)
    broken = a_repo.commit({"drizzle/meta/_journal.json": "<<<<<<< HEAD\n"})
    a_repo.branch("fix")
    write_journal(a_repo / FOLDER, journal)
    change_entry(a_repo / FOLDER, "0001_posts", when=1)
    a_repo.commit()

    history = a_history(a_repo)

    assert history.base == Base(
        good,
        "the newest revision whose journal can be read, before the merge base with main, the default branch "
        f"({broken[:12]})",
        unlanded=True,
    )
    assert told(history) == [("MC204", "error", "0001_posts")]


def test_a_journal_that_never_could_be_read(a_repo: GitRepository) -> None:
    base = a_repo.commit({"drizzle/0000_users.sql": "select 1;"})
    a_repo.branch("feature")
    shutil.rmtree(a_repo / FOLDER)
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.commit()

    assert a_history(a_repo).base == NothingLanded(
        "base never had a journal that can be read in drizzle; it is the merge base with main, the default branch",
        base,
        unlanded=True,
    )


@pytest.mark.parametrize(
    ("word", "value", "problem"),
    [
        ("version", "12", "the journal is of version '12'; migcheck knows 5, 6, 7"),
        ("dialect", "postgres", "the journal is of dialect 'postgres', and migcheck judges Postgres alone"),
    ],
)
@pytest.mark.parametrize("since", ["base", "before"])
def test_a_journal_that_only_drizzle_can_read_has_landed(
    a_repo: GitRepository, word: str, value: str, problem: str, since: str
) -> None:
    drizzle = a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    journal = read_journal(drizzle)
    at, there = drizzle / "meta/_journal.json", "7" if word == "version" else "postgresql"
    at.write_text(at.read_text().replace(f'"{word}": "{there}"', f'"{word}": "{value}"', 1))
    landed = a_repo.commit()
    if since == "before":
        a_repo.commit({"drizzle/meta/_journal.json": "<<<<<<< HEAD\n"})
    a_repo.branch("feature")
    write_journal(drizzle, journal)
    a_repo.commit()

    with pytest.raises(UndecidableError) as undecided:
        a_history(a_repo)

    assert undecided.value.problem == (
        f"{problem}: in {landed[:12]}, which has landed, and Drizzle runs it all the same"
    )
    assert "`drizzle-kit up`" in undecided.value.remedy


def test_the_journal_of_another_database_has_not_landed(a_repo: GitRepository) -> None:
    drizzle = a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    journal = read_journal(drizzle)
    write_journal(drizzle, {**journal, "dialect": "mysql"})
    a_repo.commit()
    a_repo.branch("feature")
    write_journal(drizzle, journal)
    a_repo.commit()

    assert isinstance(a_history(a_repo).base, NothingLanded)


@pytest.mark.parametrize("dialect", ["mysql", "postgres"])
@pytest.mark.parametrize("mended", [True, False])
def test_a_journal_whose_dialect_is_stale_has_landed(a_repo: GitRepository, dialect: str, *, mended: bool) -> None:
    """Base's own drizzle.config says which database the folder is of; to correct the word is no edit."""
    drizzle = a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    journal = read_journal(drizzle)
    write_journal(drizzle, {**journal, "dialect": dialect})
    a_repo.commit({"drizzle.config.ts": "export default { dialect: 'postgresql' }"})
    a_repo.branch("feature")
    if mended:
        write_journal(drizzle, journal)
        a_repo.commit()
    assert told(a_history(a_repo)) == []

    a_repo.commit({"drizzle/0000_users.sql": "select 'edited';"})

    assert told(a_history(a_repo)) == [("MC201", "error", "0000_users")]


def test_a_journal_has_landed_whose_dialect_is_told_to_be_stale_only_now(a_repo: GitRepository) -> None:
    drizzle = a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    write_journal(drizzle, {**read_journal(drizzle), "dialect": "mysql"})
    a_repo.commit({"drizzle.config.ts": "export default { dialect: process.env.DIALECT }"})
    a_repo.branch("feature")
    a_repo.commit({"drizzle.config.ts": "export default { dialect: 'postgresql' }", "drizzle/0000_users.sql": "x"})

    assert told(a_history(a_repo)) == [("MC201", "error", "0000_users")]


def test_a_broken_journal_in_a_shallow_clone_is_undecided(a_repo: GitRepository, tmp_path: Path) -> None:
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.commit()
    a_repo.commit({"drizzle/meta/_journal.json": "{"})
    a_repo.commit({"drizzle/meta/_journal.json": "[]"})
    shallow = a_repo.clone(tmp_path / "clone", depth=2)

    with pytest.raises(UndecidableError, match="this shallow clone has nothing before") as error:
        a_history(shallow)

    assert "`fetch-depth: 0`" in error.value.remedy


def test_a_hook_does_not_block_for_what_landed_already(a_repo: GitRepository) -> None:
    """Somebody merged an edit of a landed migration: that is not the next commit's fault."""
    a_landed_folder(a_repo)
    a_repo.switch("main")
    a_repo.commit({"drizzle/0001_posts.sql": "select 'merged by an administrator';"})
    a_repo.stage({"app.ts": "unrelated"})

    assert committed(a_repo) == "[] []"
