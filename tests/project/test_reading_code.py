"""What is read of code: little, however much a repository has of it."""

from collections.abc import Sequence

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.git.tracked_text import HeadText
from migcheck.facts.project.read_sources import read_sources
from migcheck.sources.sources import Sources
from tests.support.histories import opened
from tests.support.repositories import GitRepository
from tests.support.runners import library, runner


class Counting(HeadText):
    """The work tree, and how often it was searched."""

    searches: int = 0
    words: Sequence[str] = ()

    def holding(self, words: Sequence[str], *patterns: str, about: Sequence[str] = ()) -> tuple[str, ...]:
        self.searches += 1
        self.words = words
        return HeadText.holding(self, words, *patterns, about=about)


def read(repo: GitRepository) -> tuple[Sources, int]:
    text = Counting(opened(repo.top).git, repo.top)
    return read_sources(text, "drizzle", LedgerName()), text.searches


def test_where_nothing_speaks_of_migrating_git_is_asked_once(a_repo: GitRepository) -> None:
    a_repo.commit({f"src/{number}.ts": "export {};" for number in range(9)})
    assert read(a_repo) == (Sources(), 1)


def test_a_thousand_files_that_migrate_are_not_followed_one_by_one(a_repo: GitRepository) -> None:
    a_repo.commit({f"src/{number}.ts": library(f"up{number}") for number in range(300)})
    sources, searches = read(a_repo)
    assert len(sources.runners) == 50
    assert searches == 2


def test_git_is_asked_once_a_step_for_all_that_migrates_together(a_repo: GitRepository) -> None:
    a_repo.commit({f"src/{number}.ts": library(f"up{number}") for number in range(9)})
    a_repo.commit(
        {f"jobs/{number}.ts": f'import {{ up{number} }} from "../src/{number}";\nup{number}();' for number in range(9)}
    )
    sources, searches = read(a_repo)
    assert [[use.path for use in each.uses] for each in sources.runners] == [
        [f"jobs/{number}.ts"] for number in range(9)
    ]
    assert searches == 3


def test_names_that_no_person_gives_are_not_searched_for(a_repo: GitRepository) -> None:
    names = "".join(f"const up{number} = () => run();\n" for number in range(1_500))
    a_repo.commit({"a.ts": f"{names}{library('run')}", "b.ts": library("y" * 200)})
    text = Counting(opened(a_repo.top).git, a_repo.top)
    assert len(read_sources(text, "drizzle", LedgerName()).runners) == 2
    assert len(text.words) == 1_000
    assert "y" * 200 not in text.words


def test_one_search_does_for_files_of_one_name(a_repo: GitRepository) -> None:
    a_repo.commit({f"packages/{number}/migrate.ts": runner() for number in range(9)})
    assert read(a_repo)[1] == 2


def test_writes_to_the_ledger_are_not_counted_without_end(a_repo: GitRepository) -> None:
    a_repo.commit({f"ops/{number}.sql": "delete from __drizzle_migrations;\n" * 9 for number in range(9)})
    assert len(read(a_repo)[0].writes) == 50


def test_a_name_of_two_lines_and_a_link_out_of_the_tree(a_repo: GitRepository) -> None:
    a_repo.commit({"src/odd\nname.ts": runner()})
    (a_repo.top.parent / "outside.ts").write_text(runner())
    (a_repo / "src/link.ts").symlink_to("../../outside.ts")
    a_repo.commit()
    assert [each.call.path for each in read(a_repo)[0].runners] == ["src/odd\nname.ts"]
