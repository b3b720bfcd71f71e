"""The files that a command writes, which are never files that it reads."""

import os
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

from migcheck.commands.options import Options
from migcheck.errors import UsageError
from migcheck.facts.configuration.config import OWN_FILE, PROJECT_FILE

_CONFIGURATIONS = (OWN_FILE, PROJECT_FILE, "drizzle*config*")
_MIGRATIONS = ("*.sql", "_journal.json", "*snapshot.json")


def prepare_outputs(options: Options) -> None:
    """Refuse what cannot be written before any work is done, and remove older ones. Raises UsageError.

    An older output is removed before anything is read: it must not be what another option names.
    """
    for option, path, named in _written(options):
        _prepare(option, path, named)


def usable_output(options: Options, option: str = "--output") -> Path | None:
    """The file that `option` names, without an older one; None where it names none, or one that may not be written."""
    for each, path, named in _written(options):
        if each == option:
            with suppress(UsageError):
                _prepare(option, path, named)
                return path
    return None


def _written(options: Options) -> Iterator[tuple[str, Path, tuple[Path, ...]]]:
    """Each file that is to be written: the option that names it, where it is, and which files it must not be."""
    config = None if options.config is None else Path(options.config)
    named = (*(options.ledger or ()), *_paths(options.env_file, config))
    outputs = {"--clearance": options.clearance, "--output": options.output, "--report": options.report}
    for option, path in outputs.items():
        if path is None:
            continue
        # To every other command a clearance is given.
        if option != "--clearance" or options.command == "verify":
            yield option, path, named
        named += (path,)


def _paths(*paths: Path | None) -> tuple[Path, ...]:
    return tuple(path for path in paths if path is not None)


def _prepare(option: str, path: Path, named: tuple[Path, ...]) -> None:
    if any(fnmatchcase(path.name, each) for each in _CONFIGURATIONS):
        raise UsageError(f"{option} {path}: that is a configuration", "name another file")
    for each in _MIGRATIONS:
        if fnmatchcase(path.name, each):
            raise UsageError(
                f"{option} {path}: a migrations folder has files that are named {each}", "name another file"
            )
    if any(_is_one(path, other) for other in named):
        raise UsageError(f"{option} {path}: another option names that file", "name another file")
    try:
        _make_room(path, option)
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}", "name another file") from error


def _is_one(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return path.resolve() == other.resolve()


def _make_room(path: Path, option: str) -> None:
    if path.is_dir():
        raise UsageError(f"{option} {path}: it is a directory", "name a file")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{option} {path}: there is no directory {path.parent}", "make it, or name another file")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise UsageError(f"{option} {path}: it may not be written", "name another file")
    # Whoever reads it after a run that came to no end must not take an earlier run's word for this one's.
    if path.is_file() and not path.is_symlink():
        path.unlink()
