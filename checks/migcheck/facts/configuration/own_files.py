"""The files that configure migcheck, beside the one that a run reads: in a monorepo, those of its packages."""

from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from posixpath import join, normpath

from migcheck.config.text import OWN_FILE, PROJECT_FILE, read_toml, table_in, table_of
from migcheck.errors import UsageError
from migcheck.facts.configuration.place import Place
from migcheck.facts.configuration.tracked_folders import is_installed
from migcheck.paths import lies_in, upwards

_NAME = b"migcheck"


def own_below(place: Place) -> list[Path]:
    """Those that git tracks below the working directory."""
    around = place.relative(place.start)
    return [place.root / each for each in place.own() if lies_in(each, around)]


def tell_unread(place: Place, read: str, folders: Iterable[str]) -> tuple[str, ...]:
    """Lines for people: the files that lie nearer to one of `folders` than the one that was `read`, if one was."""
    known = {*place.own(), read}
    nearest = {folder: next((each for each in _upward(folder) if each in known), read) for folder in folders}
    passed_over: dict[str, list[str]] = {}
    for folder, file in nearest.items():
        if file != read:
            passed_over.setdefault(file, []).append(folder)
    told = (
        f"{file} was not read, which lies above {', '.join(of)}: "
        f"`migcheck {place.command} --config {place.typed(file)}` reads it"
        for file, of in passed_over.items()
    )
    return (*told, *_untracked(place, known, nearest))


def _untracked(place: Place, known: Container[str], folders: Iterable[str]) -> Iterator[str]:
    """What somebody has just written, and sees without effect."""
    for file in dict.fromkeys(each for folder in folders for each in _upward(folder)):
        is_new = file.rpartition("/")[2] == OWN_FILE and file not in known and file not in place.tracked
        if is_new and place.is_file(place.root / file):
            yield f"{file} was not read, since git does not track it: `git add {place.typed(file)}`"


def find_own(place: Place) -> Iterator[str]:
    """Those that git tracks, from the root."""
    for each in place.tracked:
        name = each.rpartition("/")[2]
        if not is_installed(each) and (name == OWN_FILE or (name == PROJECT_FILE and _has_table(place, each))):
            yield each


def _has_table(place: Place, path: str) -> bool:
    try:
        content = place.read(place.root / path)
    except OSError:
        return False
    # Most are of packages in Python.
    if _NAME not in content:
        return False
    try:
        return table_in(read_toml(content.decode(), path), table_of(path)) is not None
    except (UsageError, UnicodeDecodeError):
        # That it cannot be used is said where it is read.
        return True


def _upward(folder: str) -> Iterator[str]:
    for directory in upwards(folder):
        yield from (normpath(join(directory, name)) for name in (OWN_FILE, PROJECT_FILE))
