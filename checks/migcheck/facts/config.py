"""Finding the configuration: `migcheck.toml`, `[tool.migcheck]`, else what drizzle.config says without being run."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from migcheck.config import Config, FolderConfig, LedgerConfig, Provider
from migcheck.config_text import parse_config
from migcheck.drizzle.config_file import FILE_NAMES, DrizzleConfig, OtherDialect, UnreadableConfig, read_config
from migcheck.errors import UsageError

_JOURNAL = "/meta/_journal.json"
OWN_FILE = "migcheck.toml"
PROJECT_FILE = "pyproject.toml"
PROJECT_TABLE = ("tool", "migcheck")
_SAY_IT = f'name it: migcheck verify FOLDER, or write {OWN_FILE} with [[folder]] and path = "…"'


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration of a run. Paths in it, and `path` itself, are relative to the root, with forward slashes.

    `path` is empty where nothing was configured. `notes` are lines for people: what was taken and what was passed over.
    """

    config: Config
    path: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look. `start` is the working directory, `root` the repository's top or, without one, `start` itself.

    `tracked` are the files git tracks, relative to `root`. Both directories are resolved.
    """

    start: Path
    root: Path
    tracked: Iterable[str] = ()


def load_config(place: Place, *, option: str | None = None, folder: str | None = None) -> Loaded:
    """Find and read the configuration, from the working directory up to the root.

    `option` is `--config`, `folder` the folder named on the command line, both relative to the working directory.
    Raises UsageError where there is no folder to verify, or where what is configured cannot be used.
    """
    loaded = _configured(place, option)
    if folder is not None:
        return _named_folder(place, loaded, folder)
    if not loaded.config.folder:
        loaded = _with_drizzle(place, loaded)
    _refuse_shared_ledgers(loaded)
    return loaded


def _configured(place: Place, option: str | None) -> Loaded:
    if option is not None:
        path = Path(os.path.normpath(place.start / option))
        found = None if path.name in FILE_NAMES else _read_own(place, path)
        if path.name in FILE_NAMES:
            return _drizzle_loaded(place, Loaded(Config()), [path])
        if found is None:
            raise UsageError(f"{option} has no [tool.migcheck]", "name a file that has one, or leave out --config")
        return found
    for directory in _upward(place):
        here = [
            found for name in (OWN_FILE, PROJECT_FILE) if (found := _read_own(place, directory / name, absent_ok=True))
        ]
        if len(here) > 1:
            raise UsageError(
                f"{here[0].path} and [tool.migcheck] of {here[1].path} both configure migcheck", "keep one"
            )
        if here:
            return here[0]
    return Loaded(Config())


def _upward(place: Place) -> Iterator[Path]:
    yield place.start
    if place.start != place.root and place.root in place.start.parents:
        for parent in place.start.parents:
            yield parent
            if parent == place.root:
                return


def _read_own(place: Place, path: Path, *, absent_ok: bool = False) -> Loaded | None:
    shown = _relative(place, path)
    if absent_ok and not path.is_file():
        return None
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{shown} cannot be read: {reason}", "check the path and its permissions") from error
    config = parse_config(text, shown, PROJECT_TABLE if path.name == PROJECT_FILE else ())
    return None if config is None else Loaded(_rooted(place, config, path), shown)


def _rooted(place: Place, config: Config, path: Path) -> Config:
    """Make the paths in `config`, which are relative to its file, relative to the root."""
    folders = tuple(
        replace(each, path=_inside(place, path.parent / each.path, f"the folder {each.path}")) for each in config.folder
    )
    scratch = config.scratch
    if scratch.prelude is not None:
        prelude = _inside(place, path.parent / scratch.prelude, f"the prelude {scratch.prelude}")
        scratch = replace(scratch, prelude=prelude)
    return replace(config, folder=folders, scratch=scratch)


def _inside(place: Place, path: Path, what: str) -> str:
    relative = _relative(place, path)
    if relative.startswith("../") or relative == ".." or Path(relative).is_absolute():
        raise UsageError(f"{what} lies outside {place.root}", "run migcheck in the repository that holds it")
    return relative


def _relative(place: Place, path: Path) -> str:
    # The parent alone is resolved: a folder that is itself a link is the folder rules' business.
    plain = Path(os.path.normpath(path))
    real = plain.parent.resolve() / plain.name
    return Path(os.path.relpath(real, place.root)).as_posix()


def _named_folder(place: Place, loaded: Loaded, folder: str) -> Loaded:
    path = place.start / folder
    if not path.is_dir():
        problem = "is a file" if path.exists() else "does not exist"
        raise UsageError(f"{folder} {problem}", "name the folder that holds meta/_journal.json")
    wanted = _inside(place, path, folder)
    known = loaded.config.folder
    notes: tuple[str, ...] = ()
    if not known:
        known, notes = _described(place, loaded, path.resolve(), wanted)
    chosen = next((each for each in known if each.path == wanted), FolderConfig(path=wanted))
    return Loaded(replace(loaded.config, folder=(chosen,)), loaded.path, notes)


def _described(
    place: Place, loaded: Loaded, path: Path, wanted: str
) -> tuple[tuple[FolderConfig, ...], tuple[str, ...]]:
    """What a drizzle.config says of the folder at `path`: the nearest one above it, else any that git tracks."""
    near = Place(path, place.root)
    found = _drizzle_loaded(near, loaded, _nearest(near), tolerant=True)
    if not any(each.path == wanted for each in found.config.folder):
        top = Place(place.root, place.root)
        tracked = [place.root / each for each in sorted(place.tracked) if _is_config_below(top, each)]
        elsewhere = _drizzle_loaded(top, loaded, [each for each in tracked if each.is_file()], tolerant=True)
        if any(each.path == wanted for each in elsewhere.config.folder):
            return elsewhere.config.folder, elsewhere.notes
    return found.config.folder, found.notes


def _with_drizzle(place: Place, loaded: Loaded) -> Loaded:
    nearest = _nearest(place)
    tracked = () if nearest else tuple(place.tracked)
    below = [place.root / each for each in sorted(tracked) if _is_config_below(place, each)]
    found = _drizzle_loaded(place, loaded, nearest or _one_per_directory(below))
    if found.config.folder:
        return found
    told = "".join(f"; {note}" for note in found.notes)
    journals = sorted(each for each in tracked if each.endswith(_JOURNAL) and "node_modules" not in each.split("/"))
    if len(journals) == 1 and not found.notes:
        only = journals[0].removesuffix(_JOURNAL).rstrip("/") or "."
        note = f"{only} is the only folder with a journal that git tracks"
        return Loaded(replace(loaded.config, folder=(FolderConfig(path=only),)), loaded.path, (note,))
    if journals:
        known = Path(os.path.relpath(place.root / journals[0].removesuffix(_JOURNAL), place.start)).as_posix()
        raise UsageError(f"no migrations folder is configured{told}", f"there is one here: migcheck verify {known}")
    raise UsageError(f"no migrations folder is configured{told}", _SAY_IT)


def _nearest(place: Place) -> list[Path]:
    for directory in _upward(place):
        if here := [directory / name for name in FILE_NAMES if (directory / name).is_file()]:
            return here[:1]
    return []


def _is_config_below(place: Place, path: str) -> bool:
    parts = path.split("/")
    return parts[-1] in FILE_NAMES and "node_modules" not in parts and place.start in (place.root / path).parents


def _one_per_directory(paths: list[Path]) -> list[Path]:
    """Of several in one directory, the one drizzle-kit takes."""
    ordered = sorted(paths, key=lambda path: (path.parent, FILE_NAMES.index(path.name)))
    return list({path.parent: path for path in reversed(ordered)}.values())[::-1]


def _drizzle_loaded(place: Place, loaded: Loaded, paths: list[Path], *, tolerant: bool = False) -> Loaded:
    folders: list[FolderConfig] = []
    notes: list[str] = []
    for path in paths:
        shown = _relative(place, path)
        try:
            found = read_config(shown, path.read_bytes())
        except OSError as error:
            raise UsageError(
                f"{shown} cannot be read: {error.strerror}", "check the path and its permissions"
            ) from error
        match found:
            case DrizzleConfig():
                folders.append(_from_drizzle(place, path, found))
                notes.append(f"{folders[-1].path} is configured by {shown}, which was read and not run")
            case OtherDialect(dialect=dialect):
                notes.append(f"{shown} is passed over: its dialect is {dialect}, migcheck is for postgresql")
            case UnreadableConfig(line=line, problem=problem) if tolerant:
                notes.append(f"{shown}:{line} is passed over: {problem}")
            case UnreadableConfig(line=line, problem=problem):
                raise UsageError(f"{shown}:{line}: {problem}", _SAY_IT)
    config = replace(loaded.config, folder=tuple(folders))
    return Loaded(config, loaded.path, (*loaded.notes, *notes))


def _from_drizzle(place: Place, path: Path, found: DrizzleConfig) -> FolderConfig:
    """`out` is relative to where drizzle-kit runs: the configuration's directory or, with --config, one above it."""
    places = [directory / found.out for directory in _upward(Place(path.parent, place.root))]
    folder = next((each for each in places if each.is_dir()), places[0])
    return FolderConfig(
        path=_inside(place, folder, f"`out` of {found.path}"),
        ledger=LedgerConfig(found.ledger.schema, found.ledger.table),
        provider=_provider(found.provider),
    )


def _provider(name: str | None) -> Provider | None:
    match name:
        case "neon" | "supabase":
            return name
        case _:
            return None


def _refuse_shared_ledgers(loaded: Loaded) -> None:
    for one, other in combinations(loaded.config.folder, 2):
        if one.path == other.path:
            raise UsageError(f"{loaded.path}: the folder {one.path} is configured twice", "keep one")
        # Folders that nobody configured may well go to databases of their own, each with its own DATABASE_URL.
        if loaded.path and (one.database_url, one.ledger) == (other.database_url, other.ledger):
            raise UsageError(
                f"{loaded.path}: {one.path} and {other.path} share the ledger "
                f"{one.ledger.schema}.{one.ledger.table} of {one.database_url}: Drizzle would skip one's migrations",
                "give each its own `database_url`, or its own `ledger` table",
            )
