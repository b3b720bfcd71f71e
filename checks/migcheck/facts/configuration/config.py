"""Finding the configuration: `migcheck.toml`, `[tool.migcheck]`, else what drizzle.config says without being run."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from posixpath import dirname

from msgspec.structs import replace

from migcheck.config.config import Config, LedgerConfig
from migcheck.config.text import OWN_FILE, PROJECT_FILE
from migcheck.drizzle.config_file import is_config_name
from migcheck.drizzle.journal import JOURNAL
from migcheck.errors import InDoubtError, NoFolderError, UsageError
from migcheck.facts.configuration.config_parts import parts_of
from migcheck.facts.configuration.drizzle_configs import (
    Described,
    config_naming,
    describe_all,
    describe_file,
    describe_folder,
    none_of_postgres,
    say_it,
)
from migcheck.facts.configuration.in_doubt import newer_folders, the_only_one
from migcheck.facts.configuration.loaded_config import Loaded
from migcheck.facts.configuration.own_claims import (
    file_of,
    named_by_any,
    place_in,
    refuse_named_elsewhere,
    tell_unjudged_of,
)
from migcheck.facts.configuration.own_config import configured
from migcheck.facts.configuration.own_files import find_own, tell_unread
from migcheck.facts.configuration.place import Place
from migcheck.facts.configuration.tracked_folders import (
    TrackedFolder,
    candidates,
    is_installed,
    near_folder,
    tell_unjudged,
    tracked_folders,
    unjudged,
)
from migcheck.paths import lies_in
from migcheck.wording import listed

__all__ = ["OWN_FILE", "PROJECT_FILE", "Loaded", "Place", "load_config"]


def load_config(place: Place, *, option: str | None = None, folder: str | None = None) -> Loaded:
    """Find and read the configuration, from the working directory up to the root; else where the folders lie.

    `option` is `--config`, `folder` the folder named on the command line, both relative to the working directory.
    Raises UsageError where there is no folder to verify, or where what is configured cannot be used: NoFolderError
    where nothing is of Postgres or may be.
    """
    place = replace(place, own=cache(partial(_own, place)), kept={})
    parts = parts_of(place, _load) if option is None and folder is None else ()
    first, *others = [_beside(place, each) for each in parts or [_load(place, option, folder)]]
    return replace(first, others=tuple(others)) if others else first


def _own(place: Place) -> tuple[str, ...]:
    return tuple(find_own(place))


def _beside(place: Place, loaded: Loaded) -> Loaded:
    """`loaded`, with what is known of the other files of the repository."""
    apart = not loaded.path and bool(place.own())
    return replace(loaded, apart=apart, named=cache(partial(named_by_any, place)), naming=partial(config_naming, place))


def _load(place: Place, option: str | None = None, folder: str | None = None) -> Loaded:
    given = None if option is None else Path(os.path.normpath(place.start / option))
    drizzle = given if given is not None and is_config_name(given.name) else None
    if folder is not None and option is None and place.is_folder(place.start / folder):
        found = file_of(place, place.folder(place.start / folder, folder))
    else:
        found = None if drizzle else configured(place, option, given)
    loaded = found or Loaded(Config())
    loaded = replace(loaded, every=_every(place, loaded))
    if folder is not None:
        return _with_unread(place, _named_folder(place, loaded, folder, drizzle), option, whole=False)
    if not loaded.config.folder:
        if loaded.path and given is not None and given.parent not in (place.start, *place.start.parents):
            place = place_in(place, dirname(loaded.path))
        # Folders that nobody configured may well go to databases of their own, each with its own DATABASE_URL.
        loaded = _with_drizzle(place, loaded, drizzle)
    else:
        _refuse_shared_ledgers(loaded)
        _refuse_misspelt(place, loaded)
    return loaded if drizzle else _with_unread(place, _with_unjudged(place, loaded), option, whole=True)


def _with_unread(place: Place, loaded: Loaded, option: str | None, *, whole: bool) -> Loaded:
    """Tell of our own files that lie nearer to the folders, where nobody chose one.

    `whole`: nor did anybody name a folder, so those are told of as well that name others.
    """
    folders = [each.path for each in loaded.config.folder]
    if option is not None:
        return loaded
    refuse_named_elsewhere(place, loaded)
    told = tell_unread(place, loaded.path, folders)
    if whole and loaded.path:
        told = (*told, *tell_unjudged_of(place, loaded))
    return replace(loaded, notes=(*loaded.notes, *told)) if told else loaded


def _every(place: Place, loaded: Loaded) -> Callable[[], tuple[str, ...]]:
    named, around = tuple(each.path for each in loaded.config.folder), dirname(loaded.path)

    @cache
    def every() -> tuple[str, ...]:
        there = tuple(each.path for each in tracked_folders(place) if each.is_postgres)
        # A file of one package is not of another's folders.
        return named or tuple(each for each in there if lies_in(each, around)) or there

    return every


def _named_folder(place: Place, loaded: Loaded, folder: str, drizzle: Path | None) -> Loaded:
    path = place.start / folder
    if not place.is_folder(path):
        lacking = f"does not exist in the revision {place.revision}" if place.revision else _no_folder(path)
        raise UsageError(f"{folder} {lacking}", f"{_meant(place, path)}name the folder that holds meta/_journal.json")
    wanted = place.folder(path, folder)
    named = tuple(each for each in loaded.config.folder if each.path == wanted)
    found = Described(named, loaded.told.get(wanted, ()))
    if not found.folders:
        found = describe_folder(place, wanted, drizzle)
    return replace(loaded, config=replace(loaded.config, folder=found.folders), notes=found.notes)


def _meant(place: Place, path: Path) -> str:
    """A question for the folder that git tracks and that is called almost like `path`; empty where there is none."""
    near = near_folder(place.relative(path), [each.path for each in tracked_folders(place) if each.is_postgres])
    return f"did you mean {place.typed(near)}? " if near else ""


def _no_folder(path: Path) -> str:
    """What is wrong with `path`, which is no directory that can be looked at."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return "does not exist"
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"
    return "is a file"


def _with_drizzle(place: Place, loaded: Loaded, drizzle: Path | None) -> Loaded:
    around = dirname(loaded.path)
    own = tuple(each for each in tracked_folders(place) if lies_in(each.path, around))
    try:
        found = describe_file(place, drizzle) if drizzle else describe_all(place, around)
    except InDoubtError as doubt:
        found = the_only_one(place, doubt, named=drizzle is not None)
    if not found.folders and not own and not drizzle:
        # A directory that has none: it configures those of elsewhere.
        found = describe_all(place)
    if not found.folders:
        found = _unconfigured(place, found.notes, around if own else ".")
    judged = [each.path for each in found.folders]
    meant = _meant_by(found.absent, unjudged(tracked_folders(place), judged))
    absent = tuple(path for path, others in meant.items() if not others)
    astray = {path: others for path, others in meant.items() if others}
    config = replace(loaded.config, folder=found.folders)
    return replace(loaded, config=config, notes=found.notes, told=found.told, absent=absent, astray=astray)


def _meant_by(absent: Mapping[str, str], left_out: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each folder that is not there what its `out` may mean: a folder below the configuration."""
    return {path: tuple(each for each in left_out if lies_in(each, around)) for path, around in absent.items()}


def _unconfigured(place: Place, notes: tuple[str, ...], within: str) -> Described:
    """The only folder `within` a directory, where nothing hints at another. Raises UsageError where it is not plain."""
    found = [each for each in tracked_folders(place) if lies_in(each.path, within)]
    newer = [each for each in newer_folders(place) if lies_in(each, within)]
    postgres = [*(each.path for each in found if each.is_postgres), *newer]
    if len(postgres) == 1 and not (newer or notes):
        kind = "folder" if len(found) == 1 else "Postgres folder"
        note = f"{postgres[0]} is the only {kind} with a journal that git tracks"
        # What names it lies neither above the working directory nor below: in another package, say.
        described = describe_folder(place, postgres[0])
        return replace(described, notes=(note, *described.notes))
    problem = "".join(("no migrations folder is configured", *(f"; {note}" for note in notes)))
    if found and not postgres:
        problem += f"; none of this repository's folders is of Postgres: {_by_dialect(found)}"
        leave = "migcheck is for Postgres alone, so take it out of what runs it here"
        raise _none(place, problem, f"{leave}; or, where another folder is of Postgres, {say_it(place)}")
    if postgres:
        raise UsageError(problem, candidates(place, postgres))
    around = place.relative(place.start)
    hidden = [each for each in place.untracked() if lies_in(each, around) and not is_installed(each)]
    hidden = [each for each in hidden if each.endswith(JOURNAL) or is_config_name(each.rpartition("/")[2])]
    if not hidden:
        by_itself = "; or commit drizzle.config.ts and what `drizzle-kit generate` writes: those are found"
        raise _none(place, problem, say_it(place) + by_itself)
    problem += f"; below the working directory only what git tracks is looked at, and it tracks no {listed(hidden)}"
    raise UsageError(problem, f"`git add` it, or {say_it(place)}")


def _none(place: Place, problem: str, remedy: str) -> UsageError:
    """The error where no journal that git tracks is of Postgres; its kind tells whether a configuration may be."""
    return (NoFolderError if none_of_postgres(place) else UsageError)(problem, remedy)


def _by_dialect(found: Sequence[TrackedFolder]) -> str:
    return listed([f"{each.path} ({each.dialect})" for each in found])


def _with_unjudged(place: Place, loaded: Loaded) -> Loaded:
    """Tell of the folders below the working directory that this run leaves out."""
    around = place.relative(place.start)
    left_out = [
        each
        for each in unjudged(tracked_folders(place), [each.path for each in loaded.config.folder])
        if lies_in(each, around)
    ]
    return replace(loaded, notes=(*loaded.notes, tell_unjudged(left_out))) if left_out else loaded


def _refuse_misspelt(place: Place, loaded: Loaded) -> None:
    """Raise UsageError for a folder that our own file names, where there is none and git tracks one of a near name."""
    missing = [each.path for each in loaded.config.folder if not _is_there(place, place.root / each.path)]
    for path in missing:
        others = unjudged(tracked_folders(place), [each.path for each in loaded.config.folder])
        # In a monorepo those of other packages are called almost alike.
        near = near_folder(path, [each for each in others if lies_in(each, dirname(loaded.path))])
        if near is not None:
            at = loaded.at("folder", [each.path for each in loaded.config.folder].index(path), "path")
            raise UsageError(f"{at}: there is no folder {path}", f"did you mean {near}?")


def _is_there(place: Place, path: Path) -> bool:
    # Of what lies about, a link that leads nowhere has an error of its own.
    return place.is_folder(path) if place.revision else os.path.lexists(path)


def _refuse_shared_ledgers(loaded: Loaded) -> None:
    paths: set[str] = set()
    ledgers: dict[tuple[str, LedgerConfig], str] = {}
    for number, each in enumerate(loaded.config.folder):
        other = ledgers.setdefault((each.database_url, each.ledger), each.path)
        # To find the line the file is read anew: of 60 folders that took seconds, one by one.
        if each.path in paths:
            raise UsageError(f"{loaded.at('folder', number)}: the folder {each.path} is configured twice", "keep one")
        if other != each.path:
            raise UsageError(
                f"{loaded.at('folder', number)}: {other} and {each.path} share the ledger "
                f"{each.ledger.schema}.{each.ledger.table} of {each.database_url}: Drizzle would skip one's migrations",
                "give each its own `database_url`, or its own `ledger` table",
            )
        paths.add(each.path)
