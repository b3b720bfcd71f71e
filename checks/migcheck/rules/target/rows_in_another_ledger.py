"""MC514."""

import re
from collections.abc import Iterator, Sequence
from json import dumps

from msgspec import Struct

from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.ledger import Ledger, LedgerName, pending
from migcheck.facts.target.judged import Target, TargetFacts
from migcheck.facts.target.made import made_in, named_in
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import Trait, rule
from migcheck.sql_names import bare, full_name, quoted
from migcheck.wording import counted, listed

_SECOND = 1000


@rule("MC514", Trait.MEETS_A_DEPLOY)
def rows_in_another_ledger(facts: TargetFacts) -> Iterator[Violation]:
    """What the folder's migrations left on the target is in the ledger that is configured.

    ## Why it matters
    Drizzle looks into one table only. Where an older configuration, another runner or `migrationsSchema` in the code
    recorded in another one, as `public.__drizzle_migrations`, a deploy runs again what is applied: it fails on what is
    there, or does its data changes a second time. Where nothing would run again, and the other table has rows that this
    one lacks, it only warns. So it does where this one has no row, and the other one's have the times of the folder's
    migrations and other hashes: those of files that were edited since. A table with rows of another folder alone, or
    with none that this one lacks, is no concern, and neither is a tenant's: a schema that has its own ledger beside
    tables by the names that those of another tenant have, and that no migration names.

    ## How to fix
    Configure the ledger that holds the rows, or move them into the one that is configured. Then have every runner use
    that one.
    """
    for held in held_elsewhere(facts):
        many = "it" if len(held.extra) == 1 else f"{len(held.again)} of them"
        yield Violation(
            Location(facts.folder.path),
            f"{held.told}: a deploy would run {many} again" if held.again else held.told,
            evidence=listed([each.tag for each in held.extra]),
            severity=Severity.ERROR if held.again else Severity.WARNING,
            fix=_way_out(facts, held.ledger),
            disputable=True,
        )


class Held(Struct, frozen=True):
    """Another ledger, which in one sentence is `told` to hold the migrations `extra` alone; `again` of them are due."""

    ledger: Ledger
    extra: tuple[Migration, ...]
    again: tuple[Migration, ...]
    told: str


def held_elsewhere(facts: TargetFacts) -> Iterator[Held]:
    """What other ledgers of the target hold of the folder, and the configured one does not."""
    target = facts.target
    if target.ledger_fault or facts.other_layout:
        return
    due = {each.tag for each in pending(facts.folder, target.ledger)}
    for other in target.other_ledgers:
        extra = tuple(_held_there_alone(facts.folder, target.ledger, other))
        edited = () if extra or target.ledger.rows else tuple(_edited_since(facts.folder, other))
        again = tuple(each for each in extra if each.tag in due)
        if (extra or edited) and not _another_place(facts, other, again or edited):
            yield Held(other, extra or edited, again, _told(target, other, len(extra), len(edited)))


def _told(target: Target, other: Ledger, extra: int, edited: int) -> str:
    has, lacks = f"{other.name} on {target.name} has", _lack(target.ledger)
    if extra:
        return f"{has} {counted(extra, 'migration')} of the folder that {lacks}"
    count = counted(edited, "migration")
    return f"{has} rows with the time of {count} of the folder, by other hashes, and {lacks} them"


def _held_there_alone(folder: Folder, ledger: Ledger, other: Ledger) -> list[Migration]:
    """The migrations with a row in `other` and none in `ledger`.

    By hash and time: two folders may have a file with one text, an empty custom migration say.
    """
    here, there = _recorded(ledger), _recorded(other)
    return [each for each in folder.migrations if (key := _key(folder, each)) in there and key not in here]


def _edited_since(folder: Folder, other: Ledger) -> list[Migration]:
    """The migrations at whose time `other` has rows, and none of their text."""
    there = _recorded(other)
    times = {at for _, at in there}
    return [each for each in folder.migrations if (key := _key(folder, each)) not in there and key[1] in times]


def _recorded(ledger: Ledger) -> set[tuple[str, int]]:
    exact = {(row.hash, row.created_at) for row in ledger.rows if row.created_at is not None}
    # Drizzle 1.0 knows a migration by its second, and keeps the milliseconds of rows that 0.x wrote.
    return exact | {(digest, at // _SECOND * _SECOND) for digest, at in exact}


def _key(folder: Folder, migration: Migration) -> tuple[str, int]:
    when = migration.when // _SECOND * _SECOND if folder.layout is Layout.FOLDERS else migration.when
    return migration.hash, when


def _another_place(facts: TargetFacts, other: Ledger, again: Sequence[Migration]) -> bool:
    """Whether `other` is of other tables than those that a deploy works on, as a tenant's is."""
    here, there = facts.target.ledger.name.schema, other.name.schema
    alike = here != there and not _tables(facts, here).isdisjoint(_tables(facts, there))
    if alike and not (_is_named(facts.folder, here) or _is_named(facts.folder, there)):
        return True
    made = named_in(again, [each for each in made_in(facts.change) if each.kind == "table"])
    return bool(made) and {each.full for each in made}.isdisjoint(facts.target.tables)


def _is_named(folder: Folder, schema: str) -> bool:
    """Whether a folder itself has things in that schema: that of a tenant names none, and runs in each."""
    named = re.compile(rf'(?<![\w"])"?{re.escape(schema)}"?\.'.encode())
    return schema != "public" and any(named.search(each.sql) for each in folder.migrations)


def _tables(facts: TargetFacts, schema: str) -> frozenset[str]:
    """The names of a schema's tables that are no ledgers."""
    ledgers = {each.name.table for each in facts.target.other_ledgers}
    prefix = f"{quoted(schema)}."
    return frozenset(bare(each) for each in facts.target.tables if each.startswith(prefix)) - ledgers


def _lack(ledger: Ledger) -> str:
    return f"{ledger.name} lacks" if ledger.exists else f"{ledger.name}, which is not there, lacks"


def _way_out(facts: TargetFacts, other: Ledger) -> str:
    name, old = facts.target.ledger.name, other.name
    schema, table = (dumps(each, ensure_ascii=False) for each in (old.schema, old.table))
    configure = (
        f"Configure it (`ledger = {{ schema = {schema}, table = {table} }}` under [[folder]] in "
        "migcheck.toml, and the same as `migrations` in drizzle.config and where the code migrates)"
    )
    moved = _move(facts, old) if facts.target.ledger.exists else _rename(name, old)
    return f"{configure}, or, where all that migrates keeps its rows in {name}, move them there: `{moved}`"


def _rename(name: LedgerName, old: LedgerName) -> str:
    there = LedgerName(name.schema, old.table)
    steps = []
    if name.schema != old.schema:
        steps += [
            f"create schema if not exists {quoted(name.schema)};",
            f"alter table {_sql(old)} set schema {quoted(name.schema)};",
        ]
    if name.table != old.table:
        steps.append(f"alter table {_sql(there)} rename to {quoted(name.table)};")
    return " ".join(steps)


def _move(facts: TargetFacts, old: LedgerName) -> str:
    name = facts.target.ledger.name
    columns = ", ".join(("hash", "created_at", *(["name"] if facts.folder.layout is Layout.FOLDERS else [])))
    held = f"exists (select from {_sql(name)} l where (l.hash, l.created_at) = (o.hash, o.created_at))"
    rows = f"select {columns} from {_sql(old)} o where not {held} order by created_at"  # noqa: S608 - printed, not run
    return f"insert into {_sql(name)} ({columns}) {rows};"


def _sql(name: LedgerName) -> str:
    return full_name(name.schema, name.table)
