"""What is worked out of a project once, however many programs it has that migrate."""

from collections.abc import Iterator

import pytest
from msgspec import field

from migcheck.catalogue import PROJECT_RULES
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project.judged import ProjectFacts, ProjectState
from migcheck.rule import judge
from migcheck.scripts.runs import Run
from migcheck.scripts.scripts import Scripts
from migcheck.sources.callers import work_at
from migcheck.sources.migrators import migrate_calls
from migcheck.sources.module import read_module
from migcheck.sources.sources import Runner, Sources
from tests.support.projects import workflow
from tests.support.runners import library, runner

PROGRAMS = 20


class Counting(Scripts, frozen=True):
    """Scripts, and the files whose commands they were asked for."""

    asked: list[str] = field(default_factory=list)

    def runs_of(self, path: str, given: frozenset[str] = frozenset()) -> Iterator[Run]:
        self.asked.append(path)
        return super().runs_of(path, given)


def migrating(driver: str) -> tuple[Counting, ProjectState]:
    """Workflows that run as many scripts, each of which migrates."""
    paths = [f"src/{number}/migrate.ts" for number in range(PROGRAMS)]
    files = {f".github/workflows/{at}.yml": workflow(f"npx tsx {each}").encode() for at, each in enumerate(paths)}
    scripts = Counting(files, "drizzle", frozenset({"drizzle"}))
    return scripts, ProjectState(scripts, Sources(tuple(_runner(each, driver) for each in paths), folders=("drizzle",)))


def _runner(path: str, driver: str) -> Runner:
    content = runner(driver).encode()
    module = read_module(path, content)
    (call,) = migrate_calls(module)
    return Runner(call, work_at(module, call.holder, content))


@pytest.mark.parametrize(
    ("script", "parsed"), [("npm test", False), ("npx drizzle-kit migrate", True), ("migcheck apply", True)]
)
def test_scripts_are_parsed_only_where_one_speaks_of_migrating(script: str, parsed: bool) -> None:  # noqa: FBT001
    scripts = Scripts({".github/workflows/a.yml": workflow(script).encode()}, "drizzle", frozenset({"drizzle"}))
    content = library().encode()
    module = read_module("src/migrate.ts", content)
    (call,) = migrate_calls(module)
    sources = Sources((Runner(call, work_at(module, call.holder, content)),), folders=("drizzle",))
    assert judge(PROJECT_RULES, ProjectFacts("drizzle", LedgerName(), ProjectState(scripts, sources))) == ()
    # What it runs is kept where it was asked for.
    assert ("runs" in vars(scripts)) is parsed


def test_each_program_is_looked_for_once_by_all_rules_together() -> None:
    (head, now), (base, before) = migrating("neon-http"), migrating("node-postgres")
    found = list(judge(PROJECT_RULES, ProjectFacts("drizzle", LedgerName(), now, lambda: before)))
    assert {each.code for each in found} == {"MC603", "MC605"}
    # A rule more asks which commands run a program, to see what becomes of their failure.
    assert len(head.asked) <= 2 * PROGRAMS
    assert len(base.asked) <= 2 * PROGRAMS
