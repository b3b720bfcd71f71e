"""MC601."""

from collections.abc import Hashable, Iterable, Iterator

from migcheck.facts.project import ProjectFacts, ProjectState, numbered
from migcheck.finding import Violation
from migcheck.rule import rule
from migcheck.scripts.calls import Push
from migcheck.scripts.databases import is_local, is_local_url
from migcheck.scripts.reach import Reached
from migcheck.scripts.scripts import Run

_POSTGRES = ("", "pg", "postgres", "postgresql")


@rule("MC601")
def push_reachable(facts: ProjectFacts) -> Iterator[Violation]:
    """A script runs `drizzle-kit push`, which changes the database past the migrations folder.

    ## Why it matters

    `push` compares the schema in code with the database and alters the database there and then. No migration says what
    it did, no ledger has a row of it, and it may drop a column to get its way. The next deploy then runs migrations on
    a database that is not what they were made for: they fail on what is there already, or build on what is gone.

    It is an error where this change brings it and CI, an image, a build, a start or a deploy gets to it without a
    person; else a warning. A script that only says that it is disabled runs nothing and is no finding.

    ## How to fix

    Run `drizzle-kit generate` and commit the migration; deploy with `migcheck apply`. Remove the script, or let it say
    what to run in its place and end with `exit 1`.

    For a database of your own, at hand, migrations do as well; where push has to stay there, set the address of that
    database in the script itself, so that it reaches no other.
    """
    if not facts.head.scripts.mentions("drizzle-kit", "push"):
        return
    pushes = list(_pushes(facts.head))
    for (run, reached), meant in zip(pushes, _meant(pushes), strict=True):
        yield Violation(
            at=run.script.at(run.command),
            message=_message(run, reached),
            evidence=reached.told if reached is not None and len(reached.steps) > 1 else "",
            severity=facts.weight(_unaided(reached), brought=facts.brought(meant, _landed)),
        )


def _pushes(state: ProjectState) -> Iterator[tuple[Run, Reached | None]]:
    scripts = state.scripts
    for run in scripts.runs:
        match run.call:
            case Push() as push if push.dialect in _POSTGRES and not (is_local(run.command) or is_local_url(push.url)):
                if scripts.configs.concern(scripts.directory_of(run), push.config):
                    yield run, scripts.reach(run)
            case _:
                pass


def _unaided(reached: Reached | None) -> Reached | None:
    """How it gets to a database that lasts."""
    return None if reached is None or reached.own_database else reached


def _meant(pushes: Iterable[tuple[Run, Reached | None]]) -> Iterator[Hashable]:
    """What each push is to the database, however it is spelt."""
    ways = ((run.call, _unaided(reached)) for run, reached in pushes)
    yield from numbered((call, None if way is None else way.entry) for call, way in ways)


def _landed(base: ProjectState) -> Iterator[Hashable]:
    return _meant(_pushes(base))


def _message(run: Run, reached: Reached | None) -> str:
    pushes = f"`{run.command}` changes the database past the migrations"
    if reached is None:
        return f"{pushes}, when somebody runs it"
    if reached.own_database:
        return f"{pushes}: {reached.entry} does so to a database of its own, which then is not what a deploy makes"
    return f"{pushes}, and {reached.entry} runs it"
