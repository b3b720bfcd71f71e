"""What to say where each server lacks something: what the one that got farthest said. No I/O."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.errors import UndecidableError
from migcheck.facts.replay.lacking import Lack, LackingError, There
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.contract import NoEngineError, ServerDescription

# The wheel of 17 is without it; where another server lacks something else, those of the extra are there already.
_OF_MAJORS = "the extension vector"
T_co = TypeVar("T_co", covariant=True)


class Met(Struct, Generic[T_co], frozen=True):
    """A failure that a server met, and what it lacks, which may be why. `ended` is how it is told where it is not."""

    server: ServerDescription
    failure: SqlFailure
    lack: Lack
    ended: T_co

    @property
    def name(self) -> str:
        """The server's kind and major."""
        return f"{self.server.kind} PostgreSQL {self.server.major}"

    @property
    def is_of_age(self) -> bool:
        """Whether only a newer major may do better."""
        return self.lack.there is There.NEWER

    @property
    def told(self) -> str:
        """The server, and why another one may do better."""
        return f"{self.name}: {self.lack.what if self.is_of_age else f'it lacks {self.lack.what}'}"


def farthest(met: Sequence[Met[T_co]], migrations: Sequence[Migration]) -> Met[T_co]:
    """The one whose failure is the last in `migrations`, the first of them; of age alone, the newest major's."""
    if all(each.is_of_age for each in met):
        newest = max(met, key=lambda each: each.server.major)
        # What no major knows is wrong by itself: the first server was the one to ask.
        return met[0] if _place(met[0].failure) == _place(newest.failure) else newest
    order = {each.tag: number for number, each in enumerate(migrations)}
    return max(met, key=lambda each: (order.get(each.failure.migration, -1), each.failure.line))


def newer_than(one: Met[object], met: Sequence[Met[object]]) -> Met[object] | None:
    """The newest of `met` that is of a newer major than `one`: what it knows, the other may not."""
    newest = max(met, key=lambda each: each.server.major)
    return newest if newest.server.major > one.server.major else None


def lacking(far: Met[object], met: Sequence[Met[object]], unstarted: Sequence[UndecidableError]) -> LackingError:
    """The error: what `far` met in front of what the others of `met` lack."""
    others: dict[str, list[Met[object]]] = {}
    for each in met:
        if each.lack.what != far.lack.what and not each.is_of_age:
            others.setdefault(each.lack.what, []).append(each)
    told = [_told(far, met), *(_lacks(each) for each in others.values())]
    lack = _lack(far, newer_than(far, met))
    no_engine = next((each for each in unstarted if isinstance(each, NoEngineError)), None)
    if no_engine is not None and lack.setting == "image":
        # What the remedy would set is set already.
        told.append(no_engine.problem)
        lack = replace(lack, remedy=no_engine.remedy, setting="")
    elif all(each.lack.what == _OF_MAJORS for each in met):
        lack = replace(lack, remedy=f"install `drizzle-migcheck[majors]`, whose 16 and 18 have it, or {lack.remedy}")
    return LackingError(f"{far.failure.at}: {'; '.join(told)}", lack)


def _told(far: Met[object], met: Sequence[Met[object]]) -> str:
    alike = _named([each for each in met if each.lack.what == far.lack.what])
    said = far.failure.said
    if far.is_of_age:
        return f"scratch ({alike}) may be too old for this: {said}"
    return f"scratch ({alike}) lacks {far.lack.what}: {said}"


def _lacks(alike: Sequence[Met[object]]) -> str:
    failure = alike[0].failure
    verb = "lacks" if len(alike) == 1 else "lack"
    said = f"{failure.at}: {failure.said}"
    return f"{_named(alike)} {verb} {alike[0].lack.what} ({said})"


def _lack(far: Met[object], newer: Met[object] | None) -> Lack:
    """That with the remedy to give: a newer server with what it lacks may have the rest as well."""
    if newer is None or newer.lack.what == far.lack.what or far.lack.there is There.CHOSEN:
        return far.lack
    if far.is_of_age:
        return newer.lack
    return replace(newer.lack, remedy=f"{newer.lack.remedy}; or {far.lack.remedy}")


def _place(failure: SqlFailure) -> tuple[str, int]:
    return failure.migration, failure.line


def _named(met: Sequence[Met[object]]) -> str:
    """Each server once, with its origin where two are alike."""
    origins: dict[str, dict[str, None]] = {}
    for each in met:
        origins.setdefault(each.name, {})[each.server.origin] = None
    return ", ".join(f"{name} of {' and '.join(told)}" if len(told) > 1 else name for name, told in origins.items())
