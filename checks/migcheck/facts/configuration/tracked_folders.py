"""The migrations folders that git tracks, whether anything configures them or not."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from msgspec import Struct

from migcheck.drizzle.journal import DIALECTS, dialect_in, folder_around, is_journal
from migcheck.facts.configuration.place import Place
from migcheck.wording import listed

_NEAR = 0.8


class TrackedFolder(Struct, frozen=True):
    """A folder with a journal. `dialect` is as the journal names it; empty where it does not, or cannot be read."""

    path: str
    dialect: str

    @property
    def is_postgres(self) -> bool:
        """Whether it is one of Postgres, or may be."""
        return self.dialect in ("", *DIALECTS)


def tracked_folders(place: Place) -> tuple[TrackedFolder, ...]:
    """Every folder with a journal that git tracks, by path."""
    journals = (each for each in place.tracked if is_journal(each))
    paths = {each: folder_around(each) for each in journals if not is_installed(each)}
    return tuple(TrackedFolder(path, _dialect(place, each)) for each, path in sorted(paths.items()))


def is_installed(path: str) -> bool:
    """Whether the file at `path` is somebody else's, in node_modules."""
    return "node_modules" in path.split("/")


def unjudged(found: Iterable[TrackedFolder], judged: Iterable[str]) -> tuple[str, ...]:
    """Those of Postgres that are not among the paths `judged`."""
    known = frozenset(judged)
    return tuple(each.path for each in found if each.is_postgres and each.path not in known)


def near_folder(missing: str, others: Sequence[str]) -> str | None:
    """The one of `others` that is probably meant by `missing`; None where none is near."""
    return next(iter(get_close_matches(missing, others, 1, _NEAR)), None)


def tell_unjudged(paths: Sequence[str]) -> str:
    """A line for people: which folders nobody looks at."""
    has, was, them = ("has", "was", "it") if len(paths) == 1 else ("have", "were", "them")
    return f"{listed(paths)} {has} a journal and {was} not judged: no configuration that was read names {them}"


def candidates(place: Place, paths: Sequence[str]) -> str:
    """How to name one of the folders `paths`."""
    shown = [place.typed(each) for each in paths]
    if len(shown) == 1:
        return f"there is one here: migcheck {place.command} {shown[0]}"
    return f"there are {len(shown)} here: migcheck {place.command} FOLDER, of {listed(shown)}"


def _dialect(place: Place, journal: str) -> str:
    try:
        return dialect_in(place.read(place.root / journal))
    except OSError:
        return ""
