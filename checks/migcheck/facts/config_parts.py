"""A monorepo whose packages are configured each for itself: from above, it is what they are one by one."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from migcheck.drizzle.config_file import is_config_name
from migcheck.errors import NoFolderError
from migcheck.facts.drizzle_configs import describe_all
from migcheck.facts.loaded_config import Loaded
from migcheck.facts.own_config import configured
from migcheck.facts.own_files import own_below
from migcheck.facts.place import Place
from migcheck.facts.tracked_folders import JOURNAL, is_installed, tell_unjudged, tracked_folders
from migcheck.wording import listed

Load = Callable[[Place], Loaded]


def parts_of(place: Place, load: Load) -> tuple[Loaded, ...]:
    """What runs in each directory below with a file of ours would `load`, and last what a run leaves of the others.

    Nothing where there is such a file above, or none below that has a folder.

    Raises UsageError where one of them cannot be used.
    """
    below = own_below(place)
    if not below or configured(place) is not None:
        return ()
    directories = [each for each in _outermost(below) if _has_any(place, each)]
    parts = [_told(part) for each in directories for part in _loaded(_within(place, each), load)]
    if not parts:
        return ()
    left = replace(place, tracked=dict.fromkeys(each for each in place.tracked if _is_left(place, directories, each)))
    folders = frozenset(each.path for each in describe_all(left).folders if _is_left(place, directories, each.path))
    if folders:
        return (*parts, _of(load(left), folders))
    others = [each.path for each in tracked_folders(left) if each.is_postgres]
    return (*parts[:-1], _with_note(parts[-1], tell_unjudged(others))) if others else tuple(parts)


def _within(place: Place, directory: Path) -> Place:
    """As `place` is from `directory`, where a folder of elsewhere is none that may be meant."""
    tracked = (each for each in place.tracked if directory in (place.root / each).parents or not _is_journal(each))
    return replace(place, start=directory, caller=place.start, tracked=dict.fromkeys(tracked))


def _outermost(files: Sequence[Path]) -> list[Path]:
    places = sorted({each.parent for each in files})
    return [each for each in places if not any(one in each.parents for one in places)]


def _has_any(place: Place, directory: Path) -> bool:
    """Whether git tracks something there that names a folder, or is one: else the file is no package's."""
    return any(directory in (place.root / each).parents for each in place.tracked if _names(each))


def _names(path: str) -> bool:
    return not is_installed(path) and (_is_journal(path) or is_config_name(path.rpartition("/")[2]))


def _is_journal(path: str) -> bool:
    return f"/{path}".endswith(f"/{JOURNAL}")


def _loaded(place: Place, load: Load) -> Iterator[Loaded]:
    try:
        yield load(place)
    except NoFolderError:
        # Nothing of it is of Postgres.
        return


def _told(part: Loaded) -> Loaded:
    return _with_note(part, f"{part.path} configures {listed([each.path for each in part.config.folder])}")


def _with_note(part: Loaded, note: str) -> Loaded:
    return replace(part, notes=(*part.notes, note))


def _is_left(place: Place, directories: Sequence[Path], path: str) -> bool:
    """Whether what is at `path` lies in none of `directories`."""
    return not any((place.root / path).is_relative_to(each) for each in directories)


def _of(loaded: Loaded, folders: Collection[str]) -> Loaded:
    kept = tuple(each for each in loaded.config.folder if each.path in folders)
    return replace(loaded, config=replace(loaded.config, folder=kept))
