"""Gate `target`: the database a deploy goes to, seen read only."""

from dataclasses import dataclass

from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Target:
    """What was read. `name` is host and database for people, without a secret; `version` is `server_version_num`.

    `ledger_kind` is pg_class.relkind of the ledger ("r" a table, "v" a view), empty where there is none.
    """

    name: str
    version: int
    ledger: Ledger
    ledger_kind: str
    read_only: bool
    may_create: bool
    extensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What the rules MC5xx judge. `known_hashes` maps a ledger hash to the tag some revision had for it."""

    target: Target
    folder: Folder
    known_hashes: dict[str, str]
