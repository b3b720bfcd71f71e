"""A ledger in a file, as `migcheck status --format json` writes it, for where the target is out of reach."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.errors import UsageError


class _Row(BaseModel):
    model_config = ConfigDict(strict=True)

    id: int
    hash: str
    created_at: int | None
    name: str | None = None


class _Ledger(BaseModel):
    model_config = ConfigDict(strict=True)

    schema_: Annotated[str, Field(alias="schema")]
    table: str
    rows: tuple[_Row, ...] = Field(strict=False)


class _Status(BaseModel):
    ledger: _Ledger


def read_ledger_file(path: Path) -> Ledger:
    """Read the ledger in a status report. Raises UsageError where it holds none."""
    remedy = "write it with `migcheck status --format json --output FILE`"
    try:
        found = _Status.model_validate_json(path.read_bytes()).ledger
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path of --ledger") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path} is no status report: {place or 'it'}: {first['msg']}", remedy) from None
    rows = tuple(LedgerRow(row.id, row.hash, row.created_at, row.name) for row in found.rows)
    return Ledger(LedgerName(found.schema_, found.table), rows)
