"""Fixes that name a command: in a real repository the command does what the fix says, in any directory of it."""

import shutil

import pytest

from migcheck.project import Asked
from tests.support.fixes import found_in, run_fix
from tests.support.folders import STEP, WHEN, a_folder, add_entry, add_migration, read_journal, write_journal
from tests.support.histories import LANDED, a_landed_folder
from tests.support.repositories import GitRepository
from tests.support.runs import offline

POSTS = "drizzle/0001_posts.sql"
JOURNAL = "drizzle/meta/_journal.json"


def test_a_landed_file_that_is_gone_comes_back_from_base(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    base = a_repo.head[:12]
    a_repo.commit({POSTS: None})

    found = found_in(a_repo, "MC101")

    assert found.fix == f"Bring it back as base has it: `git checkout {base} -- :/{POSTS}`."
    run_fix(a_repo, found.fix)
    assert [each.code for each in offline(a_repo, Asked(base="main")).findings if each.blocks] == []


def test_a_landed_file_that_is_gone_from_a_folder_that_moved(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    base = a_repo.head[:12]
    (a_repo / "db").mkdir()
    (a_repo / "drizzle").rename(a_repo / "db" / "drizzle")
    a_repo.commit({f"db/{POSTS}": None})

    fix = found_in(a_repo, "MC101", folder="db/drizzle").fix

    assert fix == (
        f'Bring it back as base has it: `git show {base}:{POSTS} > "$(git rev-parse --show-toplevel)"/db/{POSTS}`.'
    )
    run_fix(a_repo, fix, "db/drizzle")
    assert (a_repo / "db" / POSTS).read_bytes() == LANDED["0001_posts"].encode()


def test_a_new_entry_without_its_file_may_be_removed(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_entry(drizzle, "0003_new")

    assert "or remove the entry if the migration was never applied anywhere" in found_in(a_repo, "MC101").fix


@pytest.mark.parametrize("staged", [True, False])
def test_a_file_that_git_ignores_is_in_no_commit(a_repo: GitRepository, *, staged: bool) -> None:
    drizzle = a_landed_folder(a_repo)
    (a_repo / ".gitignore").write_text("*.sql\n")
    add_migration(drizzle, "0003_new", "select 1;", snapshot=False)
    a_repo.stage()
    if not staged:  # As in a checkout of that commit.
        (drizzle / "0003_new.sql").unlink()

    found = found_in(a_repo, "MC101", staged=staged)

    path = "drizzle/0003_new.sql"
    assert found.evidence == f"git ignores {path}, so that no commit has it"
    assert found.fix == (
        'Take the pattern out of .gitignore (`git -C "$(git rev-parse --show-toplevel)" check-ignore -v --no-index '
        f"{path}` names its line), or add `!drizzle/**/*.sql` on a line below it, and `git add` what it kept out."
    )
    assert run_fix(a_repo, found.fix) == f".gitignore:1:*.sql\t{path}\n"
    (a_repo / ".gitignore").write_text("*.sql\n!drizzle/**/*.sql\n")
    (drizzle / "0003_new.sql").write_text("select 1;")
    a_repo.git("add", path)


def test_what_one_pattern_keeps_out_is_told_with_one_fix(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    (a_repo / ".gitignore").write_text("*.sql\n")
    for tag in ("0003_new", "0004_newer"):
        add_entry(drizzle, tag)
    a_repo.stage()

    found = [each for each in offline(a_repo, Asked(base="main")).findings if each.code == "MC101"]

    assert [each.migration for each in found] == ["0003_new", "0004_newer"]
    assert len({each.fix for each in found}) == 1


REMAKE = (
    "Move the file out of the folder first, for `drizzle-kit generate --custom` overwrites one of its name without "
    "asking; run that, and put the SQL into the file that it makes. Or delete the file."
)


@pytest.mark.parametrize("staged", [True, False])
def test_a_file_without_an_entry_is_moved_out_before_drizzle_kit_writes_over_it(
    a_repo: GitRepository, *, staged: bool
) -> None:
    a_landed_folder(a_repo)
    a_repo.write({"drizzle/0003_lost.sql": "select 1;"})
    a_repo.stage()

    assert found_in(a_repo, "MC102", staged=staged).fix == REMAKE
    a_repo.commit()
    assert found_in(a_repo, "MC102", staged=staged).fix == REMAKE


@pytest.mark.parametrize("staged", [True, False])
def test_a_journal_is_staged_or_restored_where_git_says_that_it_changed(a_repo: GitRepository, *, staged: bool) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_new", "select 1;", snapshot=False)
    a_repo.git("add", "drizzle/0003_new.sql")
    offered = (
        "Put its entry back where it was only left behind (`git add` or `git checkout` meta/_journal.json). Else move "
        f"the file{REMAKE.removeprefix('Move the file')}"
    )

    if staged:
        assert found_in(a_repo, "MC102", staged=True).fix == offered
    a_repo.stage()
    a_repo.git("checkout", "main", "--", JOURNAL)
    assert found_in(a_repo, "MC102", staged=staged).fix == REMAKE
    a_repo.write({JOURNAL: (a_repo / JOURNAL).read_text().replace('"version"', ' "version"')})
    assert found_in(a_repo, "MC102", staged=staged).fix == offered
    a_repo.git("add", JOURNAL)
    assert found_in(a_repo, "MC102", staged=staged).fix == offered


def test_a_file_whose_name_differs_in_case(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    (drizzle / "0001_posts.sql").rename(drizzle / "0001_Posts.sql")

    fix = found_in(a_repo, "MC101").fix

    assert fix == (f'Rename it: `git -C "$(git rev-parse --show-toplevel)" mv drizzle/0001_Posts.sql {POSTS}`.')
    a_repo.stage()
    run_fix(a_repo, fix)
    assert (a_repo / POSTS).is_file()


def _both_made_a_migration(repository: GitRepository) -> None:
    """Let a merge stop at the journal, at the snapshot of one number, and at one file that both have."""
    drizzle = a_folder(repository / "drizzle", {"0000_users": "create table users (id int);"})
    repository.commit()
    repository.branch("feature")
    for branch, tag in (("feature", "0001_mine"), ("main", "0001_theirs")):
        repository.switch(branch)
        add_migration(drizzle, tag, f"select '{tag}';", when=WHEN + STEP + len(tag))
        add_migration(drizzle, "0002_both", f"select '{branch}';")
        repository.commit()
    repository.switch("feature")
    with pytest.raises(AssertionError, match="git merge"):
        repository.git("merge", "main")


@pytest.mark.parametrize("staged", [True, False])
def test_a_journal_in_conflict_is_made_anew_on_top_of_the_branch_that_lands_first(
    a_repo: GitRepository, *, staged: bool
) -> None:
    _both_made_a_migration(a_repo)

    found = found_in(a_repo, "MC100", staged=staged)

    assert found.fix == (
        "Take the journal and the snapshots of the branch that lands first (`git checkout BRANCH -- :/drizzle/meta`), "
        "delete what is left of your own new migrations (file, snapshot, entry), and run `drizzle-kit generate` again; "
        "what was written by hand goes into `drizzle-kit generate --custom`." + (" Then `git add` them." * staged)
    )
    a_repo.git("checkout", "main", "--", "drizzle/meta")
    a_repo.git("rm", "-q", "--force", "drizzle/0001_mine.sql")
    a_repo.git("checkout", "main", "--", "drizzle/0002_both.sql")
    assert offline(a_repo, Asked(base="main", staged=staged)).findings == ()


@pytest.mark.parametrize("content", ['{"version": "7", "entr', None])
def test_a_journal_that_broke_while_a_merge_was_settled_is_made_anew(
    a_repo: GitRepository, content: str | None
) -> None:
    """HEAD's would lose what the other branch brings."""
    _both_made_a_migration(a_repo)
    a_repo.write({JOURNAL: content})
    for staged in (False, True):
        assert found_in(a_repo, "MC100", staged=staged).fix.startswith(
            "Take the journal and the snapshots of the branch"
        )
        a_repo.stage()

    a_repo.write({JOURNAL: '{"dialect": "mysql"}'})
    assert found_in(a_repo, "MC100").fix == (
        "Take this folder out of the command or of migcheck.toml, and name the one of a Postgres database. Where this "
        'is one, let a drizzle.config that names it say so in plain text: `dialect: "postgresql"`.'
    )
    a_repo.write({JOURNAL: content})
    a_repo.commit()
    assert "git checkout HEAD" in found_in(a_repo, "MC100").fix


def test_a_file_and_a_snapshot_in_conflict_are_settled_and_added(a_repo: GitRepository) -> None:
    _both_made_a_migration(a_repo)
    a_repo.git("checkout", "main", "--", JOURNAL)

    assert found_in(a_repo, "MC109", staged=True).fix == "Settle it, then `git add` it."
    assert found_in(a_repo, "MC112", staged=True).fix.startswith("Take the journal and the snapshots of the branch")


@pytest.mark.parametrize("content", ["", '{"version": "7", "entr', "[]", '{"entries": {}}', '{"version": "7"}'])
def test_a_journal_that_broke_is_restored(a_repo: GitRepository, content: str) -> None:
    a_landed_folder(a_repo)
    a_repo.write({JOURNAL: content})

    found = found_in(a_repo, "MC100")

    assert found.fix == (
        f"Restore it from git: `git checkout HEAD -- :/{JOURNAL}`, or in place of HEAD the revision before it broke."
    )
    run_fix(a_repo, found.fix)
    assert "MC100" not in [each.code for each in offline(a_repo).findings]


def test_a_journal_that_was_deleted_comes_back(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.write({JOURNAL: None})

    found = found_in(a_repo, "MC100")

    assert (found.message, found.fix) == (
        "drizzle has no meta/_journal.json",
        f"Bring it back: `git checkout HEAD -- :/{JOURNAL}`, or in place of HEAD the revision before it was deleted.",
    )
    run_fix(a_repo, found.fix)
    assert "MC100" not in [each.code for each in offline(a_repo).findings]


@pytest.mark.parametrize("landed", [LANDED, {}], ids=["migrations", "none"])
@pytest.mark.parametrize("now", [None, "export default { dialect: process.env.DIALECT }"], ids=["deleted", "unread"])
def test_a_configuration_by_which_a_journal_was_of_postgres_comes_back(
    a_repo: GitRepository, landed: dict[str, str], now: str | None
) -> None:
    drizzle = a_folder(a_repo / "drizzle", landed)
    write_journal(drizzle, {**read_journal(drizzle), "dialect": "mysql"})
    a_repo.commit({"drizzle.config.ts": "export default { dialect: 'postgresql' }"})
    base = a_repo.head[:12]
    a_repo.branch("feature")
    a_repo.commit({"drizzle.config.ts": now})

    found = found_in(a_repo, "MC100")

    assert found.message == "the journal is of dialect 'mysql', and migcheck judges Postgres alone"
    assert found.fix == (
        f"Bring back what says that the folder is one of Postgres: `git checkout {base} -- :/drizzle.config.ts`; or "
        "let a drizzle.config say so in plain text again, and none of another dialect name the folder as well."
    )
    run_fix(a_repo, found.fix)
    assert [each.code for each in offline(a_repo, Asked(base="main")).findings if each.blocks] == []


def test_a_folder_that_landed_and_is_gone_comes_back_whole(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    shutil.rmtree(a_repo / "drizzle")
    (a_repo / "drizzle").mkdir()

    found = found_in(a_repo, "MC100")

    assert found.fix == (
        "Bring it back: `git checkout HEAD -- :/drizzle`, or in place of HEAD the revision before it was deleted."
    )
    a_repo.git("checkout", "HEAD", "--", ":/drizzle")
    assert [each.code for each in offline(a_repo, Asked(base="main")).findings if each.blocks] == []


def test_a_journal_that_never_was_is_not_brought_back(a_repo: GitRepository) -> None:
    a_repo.commit({"drizzle/0000_users.sql": "select 1;", "src/index.ts": ""})

    assert found_in(a_repo, "MC100").fix == "Commit the journal that drizzle-kit wrote beside the SQL."
    found = found_in(a_repo, "MC100", folder="src")
    assert (found.message, found.fix) == (
        "src is no migrations folder: it has neither meta/_journal.json nor SQL",
        "Correct its name: it is the folder that drizzle.config calls `out`, with meta/_journal.json in it.",
    )


def test_every_fix_begins_with_a_capital(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    for content in ("\ufeff{}", '{"dialect": "mysql"}', '{"version": "99"}', None):
        a_repo.write({JOURNAL: content})
        fix = found_in(a_repo, "MC100").fix
        assert (fix[0].isupper(), fix[-1]) == (True, ".")
