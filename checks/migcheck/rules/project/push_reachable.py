"""MC601."""

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Iterator
from functools import cache

from migcheck.facts.project.judged import ProjectFacts, ProjectState
from migcheck.facts.project.pushers import code_pushes, is_of_postgres
from migcheck.finding import Location, Violation
from migcheck.rule import rule
from migcheck.scripts.calls import Push
from migcheck.scripts.databases import is_local, is_local_url
from migcheck.scripts.reach import Job, Reached, told_of
from migcheck.scripts.runs import Run
from migcheck.scripts.shell.fate import shortened


@rule("MC601")
def push_reachable(facts: ProjectFacts) -> Iterator[Violation]:
    """A script or a program runs `drizzle-kit push`, which changes the database past the migrations folder.

    ## Why it matters

    `push` compares the schema in code with the database and alters the database there and then. No migration says what
    it did, no ledger has a row of it, and it may drop a column to get its way. The next deploy then runs migrations on
    a database that is not what they were made for: they fail on what is there already, or build on what is gone.

    It is an error where this change brings it and CI, an image, a build, a start or a deploy gets to it without a
    person; else a warning. A script that only says that it is disabled runs nothing and is no finding. In TypeScript
    and JavaScript `execSync("drizzle-kit push")` and the like count, and `pushSchema` of `drizzle-kit/api`; tests not.

    ## How to fix

    Run `drizzle-kit generate` and commit the migration; deploy with `migcheck apply`. Take the push out of the step or
    the script that gets to it without a person. Remove a script that only people run, or let it say what to run in its
    place and end with `exit 1`.

    For a database of your own, at hand, migrations do as well; where push has to stay there, set the address of that
    database in the script itself, or as a constant in the configuration that it names, so that it reaches no other.
    """
    if facts.head.scripts.may_run("drizzle-kit", "push"):
        yield from _in_scripts(facts)
    yield from _in_code(facts)


def _in_scripts(facts: ProjectFacts) -> Iterator[Violation]:
    @cache
    def stay() -> frozenset[Job]:
        base = facts.landed()
        return facts.head.scripts.jobs & base.scripts.jobs if base else facts.head.scripts.jobs

    def landed(base: ProjectState) -> Iterator[Hashable]:
        return (meant for ways in _meant(base, _pushes(base), stay) for _, meant in ways)

    pushes = list(_pushes(facts.head))
    for push, ways in zip(pushes, _meant(facts.head, pushes, stay), strict=True):
        new = next((way for way, meant in ways if facts.brought(meant, landed)), None)
        old = next((way for way, _ in ways), None)
        reached = new or old or facts.head.scripts.reach(push)
        yield Violation(
            at=push.script.at(push.command),
            message=_message(f"`{push.command}`", push.script.at(push.command), reached),
            evidence=reached.told if reached is not None and len(reached.steps) > 1 else "",
            severity=facts.weight(new, brought=new is not None),
            fix=_fix(push, reached),
            disputable=True,
        )


def _in_code(facts: ProjectFacts) -> Iterator[Violation]:
    for push in code_pushes(facts.head):
        new = facts.brought(push.meaning, _landed_for_code)
        yield Violation(
            at=push.at,
            message=_message(push.call.command, push.at, push.reached),
            evidence=told_of(push.reached),
            severity=facts.weight(push.reached, brought=new),
            disputable=True,
        )


def _landed_for_code(base: ProjectState) -> Iterator[Hashable]:
    """What base pushes, from code or from scripts: who begins, which database and which configuration."""
    yield from (each.meaning for each in code_pushes(base))
    for run in _pushes(base):
        assert isinstance(run.call, Push)
        title = base.scripts.configs.title(run.call.config)
        yield from ((beginning.started_by, run.call.url, title) for beginning in base.scripts.ways(run))


def _pushes(state: ProjectState) -> Iterator[Run]:
    """The pushes to the folder's database. A line that is read for itself and for what includes it is one.

    What only a person starts, beside a database that goes with it, is that person's.
    """
    return state.scripts.once(_every_push(state))


def _every_push(state: ProjectState) -> Iterator[Run]:
    scripts = state.scripts
    for run in scripts.runs:
        match run.call:
            case Push() as push if is_of_postgres(push) and not _is_local(run, push):
                own = (run.script.own_database or is_local(run.command, "localhost")) and scripts.reach(run) is None
                if not own and scripts.configs.concern(run.directory, push.config):
                    yield run
            case _:
                pass


def _is_local(run: Run, push: Push) -> bool:
    """Whether it goes to a database of the machine that it is started on, word for word."""
    return run.local or (is_local_url(push.url) and not run.command.elsewhere)


def _meant(
    state: ProjectState, pushes: Iterable[Run], stay: Callable[[], Container[Job]]
) -> Iterator[list[tuple[Reached, Hashable]]]:
    """For each push the ways to it, each with what it is to the database, however it is spelt.

    Who begins, which database and which configuration tell one from another; a configuration may move. So may a job be
    renamed: all that do not `stay` are one.
    """
    times: Counter[Hashable] = Counter()
    for run in pushes:
        assert isinstance(run.call, Push)
        title = state.scripts.configs.title(run.call.config)
        ways: list[tuple[Reached, Hashable]] = []
        for beginning, way in state.scripts.ways(run).items():
            job = beginning.job if beginning.job is not None and beginning.job in stay() else None
            meant = beginning.started_by, job, run.call.url, title
            ways.append((way, (meant, times[meant])))
            times[meant] += 1
        yield ways


def _message(command: str, at: Location, reached: Reached | None) -> str:
    pushes = f"{command} changes the database past the migrations"
    if reached is None:
        return f"{pushes}, when somebody runs it"
    if reached.own_database:
        return f"{pushes}: {reached.started_by} does so to a database of its own, which then is not what a deploy makes"
    begins = next((each.at for each in reached.steps[:1] if each.at != at), None)
    return f"{pushes}, and {reached.started_by} runs it{f', from {begins}' if begins else ''}"


def _fix(run: Run, reached: Reached | None) -> str:
    """Where it is taken out of: of what is reached, and not of a script that people may run as well."""
    if reached is None:
        asked = any(each.startswith("push") for each in run.script.arguments)
        what = "what asks this script for it" if asked else "the script"
        return f"Run `drizzle-kit generate` in its place. Remove {what}, or let it say so and end with `exit 1`."
    alone = len(run.script.commands) == 1
    step = reached.steps[-2 if alone and len(reached.steps) > 1 else -1]
    return (
        f"Take `{shortened(step.command)}` out of {step.at}: run `drizzle-kit generate`, commit the migration and "
        "deploy with `migcheck apply`."
    )
