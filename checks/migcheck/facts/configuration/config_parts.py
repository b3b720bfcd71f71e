"""A monorepo whose packages are configured each for itself: from above, it is what they are one by one."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from posixpath import dirname

from msgspec.structs import replace

from migcheck.drizzle.config_file import is_config_name
from migcheck.drizzle.journal import is_journal
from migcheck.errors import NoFolderError, UsageError
from migcheck.facts.configuration.drizzle_configs import describe_all
from migcheck.facts.configuration.loaded_config import Loaded
from migcheck.facts.configuration.own_claims import naming_elsewhere, paths_of, place_in, refuse_two
from migcheck.facts.configuration.own_config import configured
from migcheck.facts.configuration.own_files import own_below
from migcheck.facts.configuration.place import Place
from migcheck.facts.configuration.tracked_folders import is_installed, tell_unjudged, tracked_folders
from migcheck.paths import lies_in
from migcheck.wording import listed

Load = Callable[[Place], Loaded]
_WAY_OUT = "or, where it is no package's, write migcheck.toml at the top (it may be empty): then no other is read"


def parts_of(place: Place, load: Load) -> tuple[Loaded, ...]:
    """What runs in each directory below with a file of ours would `load`, and last what a run leaves of the others.

    A file of elsewhere is among them for the folders of this run that it names. Nothing where a file lies above, or
    none has a folder.

    Raises UsageError where one of them cannot be used, or two configure one folder.
    """
    if configured(place) is not None:
        return ()
    below = list(_packages(place, load))
    elsewhere = list(naming_elsewhere(place, [each.path for each in below])) if below or _is_below_top(place) else []
    if not below and not elsewhere:
        return ()
    directories = [dirname(each.path) for each in below]
    left = replace(place, tracked=dict.fromkeys(each for each in place.tracked if _is_left(directories, each)))
    folders = {each.path for each in describe_all(left).folders if _is_left(directories, each.path)}
    parts = [*below, *(_of(each, folders) for each in elsewhere if folders & {*paths_of(each)})]
    if not parts:
        return ()
    told = [_with_note(each, f"{each.path} configures {listed(paths_of(each))}") for each in parts]
    named = _owners(parts)
    if folders - named:
        return (*told, _without(_of(load(left), folders - named), named))
    others = [each.path for each in tracked_folders(left) if each.is_postgres and each.path not in named]
    return (*told[:-1], _with_note(told[-1], tell_unjudged(others))) if others else tuple(told)


def _is_below_top(place: Place) -> bool:
    return place.start != place.root


def _owners(parts: Sequence[Loaded]) -> frozenset[str]:
    """The folders of `parts`. Raises UsageError where two of them have one."""
    folders = frozenset(path for each in parts for path in paths_of(each))
    for folder in sorted(folders):
        refuse_two(folder, {each.path: each for each in parts if folder in paths_of(each)})
    return folders


def _packages(place: Place, load: Load) -> Iterator[Loaded]:
    """What is loaded in each directory with a file of ours, save those below another that has folders."""
    taken: list[Path] = []
    for directory in sorted({each.parent for each in own_below(place)}):
        if not any(each in directory.parents for each in taken):
            for part in _loaded(place, directory, load):
                taken.append(directory)
                yield part


def _loaded(place: Place, directory: Path, load: Load) -> Iterator[Loaded]:
    """What a run in `directory` would load, where that has folders or its file names some: else it is no package."""
    inner = _within(place, directory)
    try:
        own = configured(inner)
    except UsageError as error:
        raise UsageError(error.problem, f"{error.remedy}; {_WAY_OUT}") from error
    if own is None or (place.root / own.path).parent != directory:
        # Git tracks the file still, and it lies there no more.
        return
    has_any = bool(own.config.folder) or _has_any(place, directory)
    try:
        part = load(inner)
    except NoFolderError:
        # Nothing of it is of Postgres.
        return
    except UsageError:
        if has_any:
            raise
        return
    if has_any or any(lies_in(each, dirname(part.path)) for each in paths_of(part)):
        yield part


def _within(place: Place, directory: Path) -> Place:
    """As `place` is from `directory`, where a folder of elsewhere is none that may be meant."""
    around = place.relative(directory)
    tracked = (each for each in place.tracked if lies_in(each, around) or not _is_of_a_folder(each))
    return replace(place_in(place, around), tracked=dict.fromkeys(tracked))


def _is_of_a_folder(path: str) -> bool:
    return is_journal(path) or path.endswith("/migration.sql")


def _has_any(place: Place, directory: Path) -> bool:
    """Whether git tracks something there that names a folder, or is one."""
    around = place.relative(directory)
    return any(lies_in(each, around) for each in place.tracked if _names(each))


def _names(path: str) -> bool:
    return not is_installed(path) and (is_journal(path) or is_config_name(path.rpartition("/")[2]))


def _with_note(part: Loaded, note: str) -> Loaded:
    return replace(part, notes=(*part.notes, note))


def _is_left(directories: Sequence[str], path: str) -> bool:
    """Whether what is at `path` lies in none of `directories`."""
    return not any(lies_in(path, each) for each in directories)


def _without(loaded: Loaded, named: Collection[str]) -> Loaded:
    """`loaded`, which does not say of folders that others name what it would have taken."""
    left_out = {line for each in named for line in loaded.told.get(each, ())}
    return replace(loaded, notes=tuple(each for each in loaded.notes if each not in left_out))


def _of(loaded: Loaded, folders: Collection[str]) -> Loaded:
    kept = tuple(each for each in loaded.config.folder if each.path in folders)
    return replace(loaded, config=replace(loaded.config, folder=kept))
