"""Partitions: what is done to a table is done to each of them, and told once."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from migcheck.facts.sql.observation import Change, Seen, Validated
from migcheck.postgres.table import Table


def with_above(oids: Collection[int], tables: Mapping[int, Table]) -> set[int]:
    """Those, and of `tables` what they are partitions of: by now that may be a new one."""
    return {*oids, *(each for oid in oids for each in _above(oid, tables) if each in tables)}


def told_once(found: Mapping[int, Sequence[Seen]], tables: Mapping[int, Table]) -> Iterator[tuple[int, Seen]]:
    """What was `found` of each table, by its oid, but for what a table above it tells as well."""
    kinds = {oid: {type(each.change) for each in seen} for oid, seen in found.items()}
    for oid, seen in found.items():
        above = [kinds.get(each, set()) for each in _above(oid, tables)]
        for each in seen:
            if not any(type(each.change) in kind for kind in above):
                yield oid, each


def without_handed_up(
    found: list[Change], oid: int, before: Mapping[int, Table], now: Mapping[int, Table]
) -> list[Change]:
    """What was `found` of a table, but for foreign keys that each of its partitions brought, validated, of its own.

    No row is read for these (commands/tablecmds.c `tryAttachPartitionForeignKey`), and they are no more its own then.
    """
    foreign = [each for each in found if isinstance(each, Validated) and each.foreign]
    brought = (len(_handed_up(part, before, now)) for part in before[oid].partitions)
    handed = foreign and min(brought, default=0) >= len(foreign)
    return [each for each in found if each not in foreign] if handed else found


def _handed_up(part: int, before: Mapping[int, Table], now: Mapping[int, Table]) -> Sequence[int]:
    if part not in before or part not in now:
        return ()
    own, left = before[part].constraints, now[part].constraints
    return [oid for oid, each in own.items() if each.foreign and each.validated and oid not in left]


def topmost(oid: int, tables: Mapping[int, Table]) -> int:
    """The table that this is a partition of, or that one is; itself, where it is none."""
    *_, top = (oid, *(each for each in _above(oid, tables) if each in tables))
    return top


def _above(oid: int, tables: Mapping[int, Table]) -> Iterator[int]:
    while oid in tables and (oid := tables[oid].parent):
        yield oid
