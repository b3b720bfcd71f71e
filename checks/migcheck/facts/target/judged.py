"""Gate `target`: what is known of the database a deploy goes to. `read_target` reads it."""

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Layout
from migcheck.drizzle.ledger import Ledger, pending
from migcheck.drizzle.standing import Standings
from migcheck.facts.history.history import History
from migcheck.facts.target.creating import Created, created_plainly
from migcheck.finding import Severity
from migcheck.postgres.target.database import DatabaseIdentity

PATIENCE = 5.0
"""How many seconds whoever only looks waits for a ledger that a running deploy holds."""
TABLE_KINDS = frozenset({"r", "p"})
"""What Drizzle's ledger may be, as pg_class.relkind: a table, ordinary or partitioned."""
_ON_SCRATCH = "public"
_OTHER_KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table", "S": "a sequence", "i": "an index"}
_LEDGER_TYPES = {
    "id": {"integer", "bigint"},
    "hash": {"text", "character varying"},
    "created_at": {"bigint"},
}


class Target(Struct, frozen=True):
    """What was read. `name` is host and database for people, without a secret; `version` is `server_version_num`.

    `ledger_kind` is pg_class.relkind of the ledger ("r" a table, "v" a view), empty where there is none;
    `ledger_columns` are its columns' types by name. `may_create`: unqualified objects or new schemas can be made by
    `role`; the former go to `schema`, empty where there is none. `lacking` are the privileges that keeping the ledger
    needs and `role` has not, in words, each with the statement that grants it. `search_path` is the session's, empty
    where that is not known. `tables` are the others in the database,
    as `schema.table`, quoted where SQL needs it; those of extensions are left out. `relations` are its other relations
    likewise, each with its kind (`view`, `sequence`, `index`, `invalid index`, `foreign table`; a composite type is a
    `type`), and `types` its types that are none. `identity` tells it from every other database. `other_ledgers` are
    tables that look like ledgers of Drizzle's, with rows, and `unread_ledgers`, as `tables`, those that were not read:
    `role` may not, somebody holds one, or there are too many. `way` says how it was reached,
    empty for plain TCP. `closed` are the schemas in which `role` may not make things or look, as SQL writes them, each
    with what it lacks (`USAGE`, `CREATE`), and `unreferable` those of `tables` to which no key of its may point.
    `owners` has what of all these, and of the routines as `schema.name(types)`, is another's to alter, each with its
    owner, and `droppable` is what of it `role` may
    drop all the same, as owner of the schema. `deploying` is the session that
    holds the lock of a deploy, in words. `superuser`: `role` is one.
    """

    name: str
    version: int
    ledger: Ledger
    ledger_kind: str
    read_only: bool
    may_create: bool
    extensions: tuple[str, ...]
    ledger_columns: Mapping[str, str]
    lacking: Mapping[str, str] = {}
    role: str = ""
    tables: tuple[str, ...] = ()
    identity: DatabaseIdentity = DatabaseIdentity()
    way: str = ""
    other_ledgers: tuple[Ledger, ...] = ()
    unread_ledgers: tuple[str, ...] = ()
    relations: Mapping[str, str] = {}
    types: tuple[str, ...] = ()
    schema: str = ""
    closed: Mapping[str, tuple[str, ...]] = {}
    unreferable: frozenset[str] = frozenset()
    owners: Mapping[str, str] = {}
    droppable: frozenset[str] = frozenset()
    deploying: str = ""
    superuser: bool = False
    search_path: str = ""

    @property
    def foreign_columns(self) -> tuple[str, ...]:
        """The columns Drizzle needs that are absent or of another type; none where there is no ledger at all."""
        if not self.ledger_kind:
            return ()
        return tuple(name for name, types in _LEDGER_TYPES.items() if self.ledger_columns.get(name) not in types)

    @property
    def ledger_fault(self) -> str:
        """What the relation with the ledger's name is, in a sentence, where it is not Drizzle's table."""
        if self.ledger_kind and self.ledger_kind not in TABLE_KINDS:
            return f"{self.ledger.name} on {self.name} is {_OTHER_KINDS.get(self.ledger_kind, 'no table')}"
        return f"{self.ledger.name} on {self.name} is not Drizzle's table" if self.foreign_columns else ""

    @property
    def ledger_fault_columns(self) -> tuple[str, ...]:
        """What is wrong with the columns of a table that has the ledger's name: `created_at is absent`."""
        if self.ledger_kind not in TABLE_KINDS:
            return ()
        return tuple(f"{name} is {self.ledger_columns.get(name, 'absent')}" for name in self.foreign_columns)

    def is_as_on_scratch(self, schema: str) -> bool:
        """Whether what has no schema in its name, and is made in `schema` on scratch, is made there here as well."""
        return schema != _ON_SCRATCH or self.schema in {"", _ON_SCRATCH}

    @property
    def major(self) -> int:
        """17 of 170010."""
        return self.version // 10_000


def in_file(path: str, ledger: Ledger, layout: Layout) -> Target:
    """What is known of a target whose ledger is in the file at `path`: that ledger. All else is as in a sound one.

    A file holds no columns: rows with names are Drizzle 1.0's, and where there is none, it is of the folder's `layout`.
    """
    named = any(row.name is not None for row in ledger.rows) if ledger.rows else layout is Layout.FOLDERS
    columns = {**{name: max(types) for name, types in _LEDGER_TYPES.items()}, **({"name": "text"} if named else {})}
    return Target(
        name=path,
        version=0,
        ledger=ledger,
        ledger_kind="r" if ledger.exists else "",
        read_only=False,
        may_create=True,
        extensions=(),
        ledger_columns=columns if ledger.exists else {},
    )


class TargetFacts(Struct, frozen=True, dict=True):
    """What the rules MC5xx judge. `known_hashes` maps a ledger hash to the tag some revision had for it.

    `deploying`: a deploy follows. Who only verifies may look at a standby, or with a role that may write nothing.
    `change` is what the rehearsal saw change, as lines; none where it did not get through. `history` is None where git
    does not say what has landed. `outside` are the tags of what runs outside of a transaction. `copied`: the rehearsal
    started from a copy of the target, and of what is there already saw nothing being made.
    """

    target: Target
    folder: Folder
    known_hashes: Mapping[str, str]
    deploying: bool = True
    change: tuple[str, ...] = ()
    history: History | None = None
    outside: frozenset[str] = frozenset()
    copied: bool = False

    @property
    def writes(self) -> Severity | None:
        """How bad it is that the target takes no writes; None where there is nothing to write."""
        if not pending(self.folder, self.target.ledger):
            return None
        return Severity.ERROR if self.deploying else Severity.WARNING

    @property
    def other_layout(self) -> bool:
        """The ledger is of the other layout than the folder: rows and migrations have no place in common."""
        if not self.target.ledger_kind or self.target.foreign_columns:
            return False
        return ("name" in self.target.ledger_columns) != (self.folder.layout is Layout.FOLDERS)

    @cached_property
    def created_plainly(self) -> frozenset[Created]:
        """What is pending creates by statements that fail where it is there already."""
        return created_plainly(pending(self.folder, self.target.ledger))

    @cached_property
    def standings(self) -> Standings:
        """The whole folder against the whole ledger."""
        return Standings(self.folder, self.target.ledger, self.known_hashes)
