"""What one state of a database changed into another, as readable lines."""

from collections.abc import Mapping, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.stage import Contents
from migcheck.postgres.catalogue import difference
from migcheck.postgres.reversal.tables import whole_of

_KINDS = frozenset({"table", "foreign table", "materialized view"})


def ledger_change(before: Contents | None, after: Contents | None, new: Sequence[Migration]) -> tuple[str, ...]:
    """What the upgrade did to the ledger besides recording `new`, as readable lines."""
    if before is None or after is None:
        return ()
    expected, found = before.ledger.records(), after.ledger.records()
    expected.update((each.hash, each.when) for each in new)
    lines = [f"- row: hash {digest}, created_at {at}" for digest, at in (expected - found).elements()]
    lines += [f"+ row: hash {digest}, created_at {at}" for digest, at in (found - expected).elements()]
    if before.columns:
        lines += [f"- column {name} {before.columns[name]}" for name in before.columns.keys() - after.columns.keys()]
        lines += [f"+ column {name} {kind}" for name, kind in after.columns.items() if before.columns.get(name) != kind]
    return tuple(sorted(lines))


def catalogue_change(before: Contents | None, after: Contents | None) -> tuple[str, ...]:
    """What the catalogue has now (`+`), lacks (`-`) or has otherwise (`~`); nothing where either is not known."""
    return () if before is None or after is None else difference(before.catalogue, after.catalogue)


def tables_of(*contents: Contents | None) -> frozenset[str]:
    """The tables of any of these, as `schema.table`."""
    known = [key for each in contents if each is not None for key in each.catalogue.things]
    return frozenset(key.identity for key in known if key.kind in _KINDS)


def partitions_of(*contents: Contents | None) -> Mapping[str, str]:
    """The table that each partition is of, both as `schema.table`; of several contents the first that has one."""
    known = [item for each in reversed(contents) if each is not None for item in each.catalogue.things.items()]
    found = ((key.identity, whole_of(told)) for key, told in known if key.kind in _KINDS)
    return {name: whole for name, whole in found if whole}
