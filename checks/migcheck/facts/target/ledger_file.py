"""A ledger in a file, as `migcheck status --format json` writes it, for where the target is out of reach."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.errors import UsageError

_WRITE = "write it with `migcheck status --format json --output FILE`"


class RowDocument(BaseModel):
    """One row. `created_at` is the journal's `when` in ms since 1970; `name` exists in 1.0 only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    hash: str
    created_at: int | None
    name: str | None = None


class LedgerDocument(BaseModel):
    """A whole ledger and where it is. Where its table is not there yet, `exists` is false and there are no rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Annotated[str, Field(alias="schema")]
    table: str
    exists: bool = True
    rows: tuple[RowDocument, ...]


class _Folder(BaseModel):
    path: str
    ledger: LedgerDocument


class _Error(BaseModel):
    problem: str


class _Status(BaseModel):
    folders: tuple[_Folder, ...]
    error: _Error | None = None


def write_ledger(ledger: Ledger) -> LedgerDocument:
    """The ledger as it stands in a file."""
    rows = tuple(RowDocument(id=row.id, hash=row.hash, created_at=row.created_at, name=row.name) for row in ledger.rows)
    return LedgerDocument(schema_=ledger.name.schema, table=ledger.name.table, exists=ledger.exists, rows=rows)


def read_ledger_file(path: Path) -> tuple[tuple[str, Ledger], ...]:
    """The folders in a status report, by their paths in the repository, each with its ledger.

    Raises UsageError where it is none.
    """
    try:
        status = _Status.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path of --ledger") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path} is not a status report: {place}{': ' if place else ''}{first['msg']}",
            _WRITE,
        ) from error
    if status.error is not None:
        raise UsageError(f"{path} holds no ledger: `migcheck status` ended with: {status.error.problem}", _WRITE)
    return tuple((each.path, _ledger(each.ledger)) for each in status.folders)


def _ledger(document: LedgerDocument) -> Ledger:
    rows = tuple(LedgerRow(row.id, row.hash, row.created_at, row.name) for row in document.rows)
    return Ledger(LedgerName(document.schema_, document.table), rows, document.exists)
