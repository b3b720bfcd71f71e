"""What the drizzle.configs of a repository say of its migrations folders, without running one of them."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.config.config import AssumedLedger, FolderConfig, LedgerConfig, Provider
from migcheck.drizzle.config_file import (
    FILE_NAMES,
    DrizzleConfig,
    OtherDialect,
    Unread,
    UnreadableConfig,
    is_config_name,
    read_config,
)
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import InDoubtError, UsageError
from migcheck.facts.configuration.place import Place
from migcheck.facts.configuration.tracked_folders import is_installed
from migcheck.facts.layouts import own_names
from migcheck.paths import lies_in


class Described(Struct, frozen=True):
    """The folders that configurations name, and lines for people: what was taken and what was passed over.

    `told` has those of the lines that concern one folder alone, by its path.
    `absent` are the folders that are not there, or hold other folders alone, each with the directory of the
    configuration that names it.
    """

    folders: tuple[FolderConfig, ...] = ()
    notes: tuple[str, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)


class _Read(Struct, frozen=True):
    """A configuration that was read. `shown` is its path for people.

    `names` is the folder that its `out` names, from the root, or the error where it cannot be told or used; None where
    it is for another database. `binding`: drizzle-kit takes it unasked, or a person named it. Any other may be a
    leftover, and only adds a folder that is there.
    """

    path: Path
    shown: str
    said: DrizzleConfig | OtherDialect | UnreadableConfig
    names: str | UsageError | None
    binding: bool

    @property
    def doubt(self) -> Unread | None:
        """Why it cannot be told which folder it names."""
        match self.said:
            case UnreadableConfig(why=why) | DrizzleConfig(out=Unread() as why):
                return why
            case _:
                return None

    def at(self, why: Unread) -> str:
        """`why`, with the file and the line."""
        return f"{self.shown}:{why.line}: {why.problem}"


def say_it(place: Place) -> str:
    """How to tell which folder is meant."""
    return f'name it: migcheck {place.command} FOLDER, or write migcheck.toml with [[folder]] and path = "…"'


def describe_file(place: Place, path: Path) -> Described:
    """The folder that the configuration at `path` names. Raises UsageError where that cannot be told."""
    return _described(place, [_read(place, path, binding=True)])


def describe_all(place: Place, around: str = ".") -> Described:
    """The folders of the nearest configuration above the working directory, else of all that git tracks below it.

    `around` is the directory whose folders are meant: one that lies above that counts for those alone.

    Raises UsageError where one of them does not tell which folder it names.
    """
    near: list[_Read] = []
    for directory in place.upward():
        near = [each for each in _in_directory(place, directory) if _may_mean(place, each, around)]
        found = _described(place, near)
        if found.folders:
            return found
        if any(each.binding for each in near):
            break
    known = {each.path for each in near}
    below = _described(place, [each for each in _tracked(place, place.start) if each.path not in known])
    return replace(below, notes=(*_described(place, near).notes, *below.notes))


def _may_mean(place: Place, read: _Read, around: str) -> bool:
    """Whether it may name a folder of the directory `around`, or is of that directory."""
    is_of = lies_in(place.relative(read.path), around)
    return is_of or not isinstance(read.names, str) or lies_in(read.names, around)


def describe_folder(place: Place, wanted: str, only: Path | None = None) -> Described:
    """The folder `wanted`, as the configuration has it that names it: one above it, else any that git tracks.

    Where none does, one whose `out` cannot be read may: the nearest, else all of them together. `only` is the one
    configuration to read, where a person named it.
    """
    inner = replace(place, start=place.root / wanted)
    above = [_read(place, only, binding=True)] if only else _above(inner)
    naming = [each for each in above if each.names == wanted]
    nearest = next((each for each in above if each.binding), None)
    elsewhere = () if naming or only else _tracked(place, place.root)
    naming = naming or [each for each in elsewhere if each.names == wanted]
    if naming:
        return _described(place, naming)
    if nearest is not None and nearest.doubt is not None:
        return _in_doubt(wanted, nearest, [nearest])
    doubtful = [each for each in elsewhere if each.binding and each.doubt is not None]
    if doubtful:
        return _in_doubt(wanted, doubtful[0], doubtful)
    passed_over = [each for each in above if isinstance(each.said, OtherDialect)]
    return Described((FolderConfig(path=wanted),), _described(place, passed_over).notes)


def config_naming(place: Place, wanted: str) -> DrizzleConfig | None:
    """The configuration that names the folder `wanted`, its path from the root; None where none is read to."""
    reads = (*_above(replace(place, start=place.root / wanted)), *_tracked(place, place.root))
    return next((each.said for each in reads if each.names == wanted and isinstance(each.said, DrizzleConfig)), None)


def none_of_postgres(place: Place, but: str = "") -> bool:
    """Whether each configuration that git tracks, `but` for one, is for another database; one not read may not be."""
    try:
        return all(isinstance(each.said, OtherDialect) or each.shown == but for each in _tracked(place, place.root))
    except UsageError:
        return False


def _in_doubt(wanted: str, first: _Read, reads: Sequence[_Read]) -> Described:
    """The folder `wanted`, where it cannot be told which folder `reads` name."""
    ledgers = {each.said.ledger if isinstance(each.said, DrizzleConfig) else None for each in reads}
    assert first.doubt is not None
    match first.said:
        case DrizzleConfig(ledger=LedgerName() as ledger) as said if len(ledgers) == 1:
            note = f"{first.at(first.doubt)}; it is taken to be {wanted}, with the ledger {ledger}"
            return Described((_folder(first, said, wanted),), (note,), {wanted: (note,)})
        case DrizzleConfig(ledger=Unread() as why) if len(ledgers) == 1:
            assumed = AssumedLedger(why=first.at(why))
        case _:
            assumed = AssumedLedger(why=first.at(first.doubt))
    note = _tell_assumed(assumed)
    return Described((FolderConfig(path=wanted, ledger=assumed),), (note,), {wanted: (note,)})


def _described(place: Place, reads: Iterable[_Read]) -> Described:
    """What `reads` say together. A folder that several name is one, with the ledger they agree on."""
    folders: dict[str, FolderConfig] = {}
    by: dict[str, _Read] = {}
    notes: list[str] = []
    told: dict[str, tuple[str, ...]] = {}
    for each in reads:
        folder = _named(place, each)
        if folder is None:
            notes.extend(_passed_over(each))
        elif folder.path not in by:
            by[folder.path], folders[folder.path] = each, folder
            told[folder.path] = tuple(_taken(each, folder))
            notes.extend(told[folder.path])
        elif folder.ledger != folders[folder.path].ledger and not _outranks(by[folder.path], each):
            assumed = AssumedLedger(why=f"{by[folder.path].shown} and {each.shown} give {folder.path} two ledgers")
            folders[folder.path] = replace(folders[folder.path], ledger=assumed)
            notes.append(_tell_assumed(assumed))
            told[folder.path] = (*told[folder.path], notes[-1])
    absent = {path: place.relative(each.path.parent) for path, each in by.items() if _is_absent(place, path)}
    return Described(tuple(folders.values()), tuple(notes), told, absent)


def _is_absent(place: Place, path: str) -> bool:
    if not os.path.lexists(place.root / path):
        return True
    names = [each.removeprefix(f"{path}/") for each in place.tracked if each.startswith(f"{path}/")]
    return bool(names) and not own_names(names)


def _named(place: Place, read: _Read) -> FolderConfig | None:
    """The folder that a configuration names; None where it need not name one. Raises UsageError where it must."""
    match read.said, read.names:
        case DrizzleConfig() as said, str() as names if read.binding or place.is_folder(place.root / names):
            return _folder(read, said, names)
        case _, UsageError() as error if read.binding:
            raise error
        case _:
            return None


def _folder(read: _Read, said: DrizzleConfig, path: str) -> FolderConfig:
    return FolderConfig(path=path, ledger=_ledger(read, said.ledger), provider=_provider(said.provider))


def _ledger(read: _Read, said: LedgerName | Unread) -> LedgerConfig:
    match said:
        case LedgerName(schema, table):
            return LedgerConfig(schema, table)
        case Unread():
            return AssumedLedger(why=read.at(said))


def _provider(name: str | Unread | None) -> Provider | None:
    match name:
        case "neon" | "supabase":
            return name
        case _:
            return None


def _outranks(one: _Read, other: _Read) -> bool:
    """Whether drizzle-kit would take `one`, where the two lie side by side."""
    return one.binding and not other.binding and one.path.parent == other.path.parent


def _passed_over(read: _Read) -> Iterator[str]:
    if read.binding and isinstance(read.said, OtherDialect):
        yield f"{read.shown} is passed over: its dialect is {read.said.dialect}, migcheck is for postgresql"


def _taken(read: _Read, folder: FolderConfig) -> Iterator[str]:
    yield f"{folder.path} is configured by {read.shown}, which was read and not run"
    if isinstance(folder.ledger, AssumedLedger):
        yield _tell_assumed(folder.ledger)
    if isinstance(read.said, DrizzleConfig) and isinstance(read.said.provider, Unread):
        yield f"{read.at(read.said.provider)}; scratch gets no provider's roles"


def _tell_assumed(ledger: AssumedLedger) -> str:
    return f"{ledger.why}; the default ledger {ledger.schema}.{ledger.table} is assumed"


def _above(place: Place) -> list[_Read]:
    return [each for directory in place.upward() for each in _in_directory(place, directory)]


def _in_directory(place: Place, directory: Path) -> list[_Read]:
    return _read_all(place, [directory / name for name in place.names_in(directory) if is_config_name(name)])


def _tracked(place: Place, below: Path) -> list[_Read]:
    paths = [
        place.root / each
        for each in place.tracked
        if is_config_name(each.rpartition("/")[2]) and not is_installed(each)
    ]
    return _read_all(place, [each for each in paths if below in each.parents])


def _read_all(place: Place, paths: Iterable[Path]) -> list[_Read]:
    """Read those that are files; of several that drizzle-kit takes in one directory, the one it takes first."""
    order = {name: position for position, name in enumerate(FILE_NAMES)}
    ordered = sorted(paths, key=lambda path: (path.parent, order.get(path.name, len(order)), path.name))
    found: list[_Read] = []
    bound: set[Path] = set()
    for path in ordered:
        binding = path.name in order
        if not place.is_file(path) or (binding and path.parent in bound):
            continue
        found.append(_read(place, path, binding=binding))
        if binding:
            bound.add(path.parent)
    return found


def _read(place: Place, path: Path, *, binding: bool) -> _Read:
    shown = place.relative(path)
    try:
        said = read_config(shown, place.read(path), place.beside)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}", "check the path and its permissions") from error
    match said:
        case UnreadableConfig(why=why) | DrizzleConfig(out=Unread() as why):
            problem, of_postgres = f"{shown}:{why.line}: {why.problem}", isinstance(said, DrizzleConfig)
            names: str | UsageError | None = InDoubtError(problem, say_it(place), shown, of_postgres=of_postgres)
        case DrizzleConfig(out=str() as out, beside=beside):
            names = _folder_of(place, path, shown, out, beside=beside)
        case _:
            names = None
    return _Read(path, shown, said, names, binding)


def _folder_of(place: Place, path: Path, shown: str, out: str, *, beside: bool) -> str | UsageError:
    """`out` is relative to where drizzle-kit runs: the configuration's directory or, with --config, one above it."""
    above = replace(place, start=path.parent).upward()
    places = [directory / out for directory in ([path.parent] if beside else above)]
    try:
        return place.folder(next((each for each in places if place.is_folder(each)), places[0]), f"`out` of {shown}")
    except UsageError as error:
        return error
