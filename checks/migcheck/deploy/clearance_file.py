"""Clearances in a file: `verify` writes them where git and scratch are, `apply` reads them where the target is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from migcheck.clearance import Clearance
from migcheck.errors import UndecidableError, UsageError


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    migcheck_clearance: Literal[1] = 1
    clearances: tuple[Clearance, ...]


def write_clearances(path: Path, clearances: Sequence[Clearance]) -> None:
    """Write them as JSON, versioned. Raises UndecidableError where the file cannot be written."""
    try:
        path.write_text(_File(clearances=tuple(clearances)).model_dump_json(indent=2) + "\n", "utf-8")
    except OSError as error:
        raise UndecidableError(
            f"{path} cannot be written: {error.strerror}", "check the path of --clearance"
        ) from error


def read_clearances(path: Path) -> tuple[Clearance, ...]:
    """What `write_clearances` wrote. Raises UsageError where it is something else."""
    try:
        return _File.model_validate_json(path.read_bytes()).clearances
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path of --clearance") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path} is not a clearance: {place}{': ' if place else ''}{first['msg']}",
            "write it with `migcheck verify --clearance`",
        ) from error
