"""What is known of the release that runs, read out of real git: base's newest snapshot, and the queries of base."""

from pathlib import Path

import pytest

from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.submodules import tree_around
from migcheck.facts.history.base import BaseChoice
from migcheck.facts.history.read_history import read_history
from migcheck.facts.read_folder import read_folder
from migcheck.facts.replay.position import request_of
from migcheck.facts.sql.read_release import read_release
from migcheck.facts.sql.release import OwnQuery, Release
from migcheck.finding import Location
from tests.support.folders import a_folder, add_migration
from tests.support.histories import landed_ledger
from tests.support.releases import ADULTS, POSTS, know
from tests.support.repositories import GitRepository, init

FIRST, SECOND = "select 1;", "select 2;"


@pytest.fixture
def drizzle(a_repo: GitRepository) -> Path:
    """A folder of two migrations in base; the first one's snapshot knows a view, the second one's a table."""
    folder = a_folder(a_repo / "drizzle", {"0000_first": FIRST, "0001_second": SECOND})
    know(folder, "0000_first", ADULTS)
    know(folder, "0001_second", POSTS)
    a_repo.commit(message="Begin")
    a_repo.branch("feature")
    return folder


def release_of(
    repo: GitRepository, *ran: str, queries: str | None = None, beside: str = "", folder: str = "drizzle"
) -> Release | None:
    """The release that runs where base is `main`, and the target has run `ran` where that is given."""
    repository = open_repository(repo.top)
    assert isinstance(repository, Repository)
    head = read_folder(tree_around(repository, folder, staged=False), folder)
    history = read_history(repository, head, BaseChoice("main", environ={}))
    ledger = landed_ledger(*ran) if ran else None
    request = request_of(history, head, ledger, Batching.ALL, LedgerName())
    return read_release(repository, history, request, queries, beside)


def test_it_is_bases_newest_and_no_newer_one(a_repo: GitRepository, drizzle: Path) -> None:
    add_migration(drizzle, "0002_new", "select 3;")
    know(drizzle, "0002_new", ADULTS, POSTS)
    found = release_of(a_repo)
    assert found is not None
    assert (found.called, [each.name for each in found.relations]) == ("base's snapshot 0001", ["posts"])
    assert (found.named, found.unmatched) == (False, None)


def test_of_a_folder_in_a_submodule_it_is_the_one_of_bases_commit(
    a_repo: GitRepository, drizzle: Path, tmp_path: Path
) -> None:
    assert drizzle.is_dir()
    outer = init(tmp_path / "outer")
    outer.commit({"README": "an app"})
    add_migration(outer.submodule(a_repo, "db") / "drizzle", "0002_new", "select 3;")
    found = release_of(outer, folder="db/drizzle")
    assert found is not None
    assert (found.called, [each.name for each in found.relations]) == ("base's snapshot 0001", ["posts"])


def test_of_a_target_that_is_behind_it_is_its_last_ones(a_repo: GitRepository, drizzle: Path) -> None:
    assert drizzle.is_dir()
    found = release_of(a_repo, FIRST)
    assert found is not None
    assert (found.called, [each.name for each in found.relations]) == ("base's snapshot 0000", ["adults"])


def test_where_the_last_has_none_it_is_the_one_before(a_repo: GitRepository, drizzle: Path) -> None:
    (drizzle / "meta" / "0001_snapshot.json").unlink()
    a_repo.commit(message="Forget")
    a_repo.branch("main-2")
    a_repo.git("branch", "--force", "main", "HEAD")
    add_migration(drizzle, "0002_new", "select 3;")
    found = release_of(a_repo)
    assert found is not None
    assert (found.called, found.unread) == ("base's snapshot 0000", None)


def test_one_that_is_not_as_drizzle_kit_writes_them_is_told_unread(a_repo: GitRepository, drizzle: Path) -> None:
    snapshot = drizzle / "meta" / "0001_snapshot.json"
    snapshot.write_text(snapshot.read_text().replace('"columns": {', '"columns": null, "more": {', 1))
    a_repo.commit(message="Break it")
    a_repo.git("branch", "--force", "main", "HEAD")
    add_migration(drizzle, "0002_new", "select 3;")
    found = release_of(a_repo)
    assert found is not None
    at = Location("drizzle/meta/0001_snapshot.json")
    assert (found.called, found.relations, found.unread) == ("base's snapshot 0001", (), at)


def test_where_nothing_is_new_or_nothing_has_landed_there_is_none(a_repo: GitRepository, drizzle: Path) -> None:
    assert release_of(a_repo) is None
    add_migration(drizzle, "0002_new", "select 3;")
    assert release_of(a_repo) is not None
    repository = open_repository(a_repo.top)
    assert isinstance(repository, Repository)
    a_repo.git("branch", "--force", "main", a_repo.git("commit-tree", "-m", "Empty", a_repo.git("mktree", "--missing")))
    assert release_of(a_repo) is None


def queries(repo: GitRepository, **asked: str) -> list[tuple[str, str, int]]:
    add_migration(repo / "drizzle", "0002_new", "select 3;")
    found = release_of(repo, **asked)
    assert found is not None
    return [(str(each.at), each.text, each.parameters) for each in found.queries]


def commit(repo: GitRepository, files: dict[str, str | bytes | None]) -> None:
    repo.commit(files, message="Ask")
    repo.git("branch", "--force", "main", "HEAD")


def test_each_statement_of_a_file_is_a_query(a_repo: GitRepository, drizzle: Path) -> None:
    assert drizzle.is_dir()
    text = "-- one\nselect $1, '$7', $3 -- $9\n;\n\nselect 2;\n"
    commit(a_repo, {"queries/b.sql": text, "queries/a.sql": "select 1", "queries/no.txt": "select 4"})
    assert queries(a_repo) == [
        ("queries/a.sql:1", "select 1", 0),
        ("queries/b.sql:2", "select $1, '$7', $3 -- $9\n;", 3),
        ("queries/b.sql:5", "select 2;", 0),
    ]


def test_where_they_are_the_project_says(a_repo: GitRepository, drizzle: Path) -> None:
    assert drizzle.is_dir()
    commit(a_repo, {"queries/a.sql": "select 1", "app/db/b.pg.sql": "select 2", "app/db/deep/c.pg.sql": "select 3"})
    assert queries(a_repo, queries="db/*.pg.sql", beside="app/migcheck.toml") == [("app/db/b.pg.sql:1", "select 2", 0)]
    for pattern, paths in {
        "app/*/*.sql": ["app/db/b.pg.sql"],
        "app/*/*/*.sql": ["app/db/deep/c.pg.sql"],
        "./queries/../queries/a.sql": ["queries/a.sql"],
        "../queries/*.sql": [],
        "/etc/*.sql": [],
        "queries/?.sql": ["queries/a.sql"],
        "quer?es/a.sql": ["queries/a.sql"],
        "[oq]ueries/[a-c].sql": ["queries/a.sql"],
        "*.sql": [],
        "**": [],
        " ": [],
        "queries": [],
        "nowhere/*.sql": [],
    }.items():
        found = release_of(a_repo, queries=pattern)
        assert found is not None
        assert [each.at.path for each in found.queries] == paths, pattern


def test_what_is_no_text_or_too_long_is_passed_over(a_repo: GitRepository, drizzle: Path) -> None:
    assert drizzle.is_dir()
    long = "select 1; " * 200_000
    commit(a_repo, {"queries/a.sql": b"select '\xff' $99999999999", "queries/b.sql": long, "queries/c.sql": "-- none"})
    assert queries(a_repo) == [("queries/a.sql:1", "select '\N{REPLACEMENT CHARACTER}' $99999999999", 65_535)]


def test_a_thousand_are_enough(a_repo: GitRepository, drizzle: Path) -> None:
    assert drizzle.is_dir()
    commit(a_repo, {"queries/b.sql": "select 1; " * 2000})
    assert len(queries(a_repo)) == 1000


def test_queries_alone_are_enough(a_repo: GitRepository) -> None:
    a_folder(a_repo / "drizzle", {"0000_first": FIRST}, snapshots=False)
    a_repo.commit({"queries/a.sql": "select 1"}, message="Begin")
    a_repo.branch("feature")
    add_migration(a_repo / "drizzle", "0001_new", SECOND, snapshot=False)
    query = OwnQuery(Location("queries/a.sql", 1), "select 1")
    assert release_of(a_repo) == Release("base's snapshot ", (), (query,))
    assert release_of(a_repo, queries="queries/*.sql") == Release("base's snapshot ", (), (query,), named=True)
    lacking = Release("base's snapshot ", (), named=True, unmatched=("other/*.sql", Location("migcheck.toml")))
    assert release_of(a_repo, queries="other/*.sql", beside="migcheck.toml") == lacking
    # What this change brings is of no release yet, and no slip.
    a_repo.write({"other/a.sql": "select 1"})
    a_repo.git("add", "other")
    assert release_of(a_repo, queries="other/*.sql", beside="migcheck.toml") is None


def test_what_the_target_has_yet_to_get_is_told(a_repo: GitRepository, drizzle: Path) -> None:
    add_migration(drizzle, "0002_new", "select 3;")
    behind = [found.behind for found in (release_of(a_repo), release_of(a_repo, FIRST)) if found]
    assert behind == [False, True]


def test_all_files_together_are_not_read_without_end(a_repo: GitRepository, drizzle: Path) -> None:
    assert drizzle.is_dir()
    long = f"select '{'x' * 1024 * 1000}'"
    commit(a_repo, {f"queries/{number}.sql": long for number in range(6)})
    assert [at for at, _, _ in queries(a_repo)] == [f"queries/{number}.sql:1" for number in range(4)]
