"""Clearances in a file: `verify` writes them where git and scratch are, `apply` reads them where the target is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from migcheck import __version__
from migcheck.clearance import Clearance
from migcheck.errors import ReportedError, UsageError

Format = Literal[2]
FORMAT: Format = 2
_WRITE = "write it with `migcheck verify --clearance`"
# Thousands of migrations take a few megabytes.
_LARGEST = 64 * 1024 * 1024


class ClearanceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one run cleared, one folder after the other, and when.

    `commit` is the one that was checked out, empty where there was none yet. `version` is migcheck's.
    """

    migcheck_clearance: Format = FORMAT
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    commit: str
    version: str = __version__
    clearances: tuple[Clearance, ...]


class _AnyFormat(msgspec.Struct, frozen=True):
    migcheck_clearance: int
    version: str = "of another version"


def write_clearances(path: Path, clearances: Sequence[Clearance], *, at: datetime, commit: str) -> None:
    """Write them as JSON, versioned. Raises ReportedError where the file cannot be written."""
    file = ClearanceFile(at=at, commit=commit, clearances=tuple(clearances))
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(file, order="deterministic")) + b"\n")
    except OSError as error:
        raise ReportedError(f"{path} cannot be written: {error.strerror}", "check the path of --clearance") from error


def read_clearances(path: Path) -> ClearanceFile:
    """What `write_clearances` wrote. Raises UsageError where it is something else, or of another format."""
    content = _content(path)
    try:
        _refuse_other_format(path, content)
        given = msgspec.json.decode(content, type=ClearanceFile)
        return msgspec.structs.replace(given, at=given.at.astimezone(UTC))
    except (msgspec.DecodeError, OverflowError) as error:
        raise UsageError(f"{path} is not a clearance: {error}", _WRITE) from error
    except RecursionError:
        raise UsageError(f"{path} is not a clearance: it is nested too deeply", _WRITE) from None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path of --clearance") from error
    if len(content) > _LARGEST:
        raise UsageError(f"{path} is not a clearance: it is larger than {_LARGEST // 1024**2} MiB", _WRITE)
    return content


def _refuse_other_format(path: Path, content: bytes) -> None:
    """Raise UsageError for a clearance of another migcheck, and msgspec.DecodeError for what is none."""
    found = msgspec.json.decode(content, type=_AnyFormat)
    if found.migcheck_clearance != FORMAT:
        formats = f"format {found.migcheck_clearance}, and this one, {__version__}, takes {FORMAT}"
        raise UsageError(
            f"{path} is a clearance of migcheck {found.version} ({formats})",
            "verify and apply with one version of migcheck",
        )
