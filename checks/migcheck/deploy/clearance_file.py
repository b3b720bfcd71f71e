"""Clearances in a file: `verify` writes them where git and scratch are, `apply` reads them where the target is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from migcheck.clearance import Clearance
from migcheck.errors import UndecidableError, UsageError


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    migcheck_clearance: Literal[1] = 1
    clearances: tuple[Clearance, ...]


def write_clearances(path: Path, clearances: Sequence[Clearance]) -> None:
    """Write them as JSON, versioned. Raises UndecidableError where the file cannot be written."""
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(_File(clearances=tuple(clearances)))) + b"\n")
    except OSError as error:
        raise UndecidableError(
            f"{path} cannot be written: {error.strerror}", "check the path of --clearance"
        ) from error


def read_clearances(path: Path) -> tuple[Clearance, ...]:
    """What `write_clearances` wrote. Raises UsageError where it is something else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File).clearances
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path of --clearance") from error
    except msgspec.DecodeError as error:
        raise UsageError(
            f"{path} is not a clearance: {error}", "write it with `migcheck verify --clearance`"
        ) from error
