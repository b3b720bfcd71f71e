"""The files that a command writes, which are never files that it reads."""

from fnmatch import fnmatchcase
from pathlib import Path

from migcheck.commands.options import Options
from migcheck.errors import UsageError
from migcheck.facts.config import OWN_FILE, PROJECT_FILE
from migcheck.report.emit import prepare_output

_CONFIGURATIONS = (OWN_FILE, PROJECT_FILE, "drizzle*config*")
_MIGRATIONS = ("*.sql", "_journal.json", "*snapshot.json")


def prepare_outputs(options: Options, *, writes_clearance: bool = False) -> None:
    """Refuse what cannot be written before any work is done, and remove older ones. Raises UsageError.

    An older output is removed before anything is read: it must not be what another option names.
    """
    named = _read(options)
    if writes_clearance:
        _prepare("--clearance", options.clearance, named)
    if options.clearance is not None:
        named.append(options.clearance)
    _prepare("--output", options.output, named)
    if options.output is not None:
        named.append(options.output)
    _prepare("--report", options.report, named)


def usable_output(options: Options) -> Path | None:
    """The file of `--output`, without an older one; None for standard output, also where it may not be written."""
    try:
        _prepare("--output", options.output, [*_read(options), *_paths(options.clearance)])
    except UsageError:
        return None
    return options.output


def usable_report(options: Options) -> Path | None:
    """The file of `--report`, without an older one; None where none was named, or it may not be written."""
    try:
        _prepare("--report", options.report, [*_read(options), *_paths(options.clearance, options.output)])
    except UsageError:
        return None
    return options.report


def _read(options: Options) -> list[Path]:
    """The files that the command reads."""
    config = None if options.config is None else Path(options.config)
    return [*(options.ledger or ()), *_paths(options.env_file, config)]


def _paths(*paths: Path | None) -> list[Path]:
    return [path for path in paths if path is not None]


def _prepare(option: str, path: Path | None, named: list[Path]) -> None:
    if path is None:
        return
    if any(fnmatchcase(path.name, each) for each in _CONFIGURATIONS):
        raise UsageError(f"{option} {path}: that is a configuration", "name another file")
    for each in _MIGRATIONS:
        if fnmatchcase(path.name, each):
            raise UsageError(
                f"{option} {path}: a migrations folder has files that are named {each}", "name another file"
            )
    if any(_is_one(path, other) for other in named):
        raise UsageError(f"{option} {path}: another option names that file", "name another file")
    prepare_output(path, option)


def _is_one(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return path.resolve() == other.resolve()
