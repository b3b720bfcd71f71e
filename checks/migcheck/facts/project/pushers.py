"""What pushes to the folder's database from source code, and how that comes to be run."""

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from msgspec import Struct

from migcheck.facts.project.judged import ProjectState, kept_in_state
from migcheck.facts.project.runners import reached_by
from migcheck.finding import Location
from migcheck.scripts.calls import Push
from migcheck.scripts.reach import Reached, Starter
from migcheck.sources.pushes import PushCall
from migcheck.sources.sources import Pusher
from migcheck.typescript.plain import BesideFile

_POSTGRES = ("", "pg", "postgres", "postgresql")


class CodePush(Struct, frozen=True):
    """A call that pushes, and how it is reached without a person; None where a person has to run it."""

    call: PushCall
    title: str
    reached: Reached | None

    @property
    def at(self) -> Location:
        """Where the call is."""
        return Location(self.call.path, self.call.line)

    @property
    def meaning(self) -> tuple[Starter | None, str, str]:
        """Who begins, which database and which configuration."""
        url = "" if self.call.push is None else self.call.push.url
        return None if self.reached is None else self.reached.started_by, url, self.title


def is_of_postgres(push: Push) -> bool:
    """Whether `drizzle-kit push` is told of no other kind of database."""
    return push.dialect in _POSTGRES


@kept_in_state
def code_pushes(state: ProjectState) -> tuple[CodePush, ...]:
    """The calls of one revision that push to the folder's database, or may."""
    return tuple(_each(state))


def _each(state: ProjectState) -> Iterator[CodePush]:
    configs = state.scripts.configs
    for pusher in state.sources.pushers:
        reached = reached_by(state, pusher)
        # A function that only tests or a person's own code may call is no way anybody goes.
        if (reached is not None or any(not each.name for each in pusher.work.names)) and _concerns(state, pusher):
            push = pusher.call.push
            yield CodePush(pusher.call, configs.title("" if push is None else push.config), reached)


def _concerns(state: ProjectState, pusher: Pusher) -> bool:
    """Whether it goes to the folder's database: by the configuration that is taken where it runs."""
    scripts, call = state.scripts, pusher.call
    package = scripts.package_of(call.path)
    if call.push is None:
        return package == scripts.package_of(scripts.folder)
    if not is_of_postgres(call.push):
        return False
    return any(
        scripts.configs.concern(each, call.push.config)
        and (call.push.url or not scripts.configs.are_local(each, call.push.config))
        for each in _places(state, pusher)
    )


def _places(state: ProjectState, pusher: Pusher) -> frozenset[str | None]:
    """Where the command is run that `pusher` runs, wherever its program begins; None where only running it tells."""
    scripts, call = state.scripts, pusher.call
    begins = {run.directory for each in pusher.begins() for run in scripts.runs_of(each.path, each.asked)}
    return frozenset(_placed(call, each) for each in begins or {scripts.package_of(call.path) or "."})


def _placed(call: PushCall, directory: str | None) -> str | None:
    match call.directory:
        case None:
            return directory
        case BesideFile(inner):
            return normpath(join(dirname(call.path), inner))
        case str() as inner if directory is not None:
            return normpath(join(directory, inner))
        case _:
            return None
