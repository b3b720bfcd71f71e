"""What each of many migrations is seen to do, in one rehearsal: each on a copy of the tables that it speaks of.

seen_apart(server, BASE, ["drop table teams"])      # {"drop table teams": [Seen(table="public.teams", ...)]}
"""

import re
from collections.abc import Iterable

from msgspec.structs import asdict, replace

from migcheck.facts.sql.observation import Change, ReadMeanwhile, Seen
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.apart import apart, as_alone, made
from tests.support.rehearsals import folder_of, upgraded


def seen_apart(
    server: ScratchServer, base: str, cases: Iterable[str], *, outside: bool = False
) -> dict[str, list[Seen]]:
    """For each of `cases`, a migration on what it needs of `base`, what is seen of it; all must go through.

    They come one behind the other in one transaction, or with `outside` each outside of any. Tables and changes are
    told by the names that `base` gives; statements have a prefix.
    """
    new = {f"{number:04}_new": sql for number, sql in enumerate(cases, 1)}
    both = [apart(number, _needed(base, sql), sql) for number, sql in enumerate(new.values(), 1)]
    landed = {"0000_base": "\n".join(own for own, _ in both)}
    head = folder_of({**landed, **{tag: sql for tag, (_, sql) in zip(new, both, strict=True)}})
    found = upgraded(server, head, folder_of(landed), outside=tuple(new) if outside else ())
    assert found.failure is None, found.failure
    told: dict[str, list[Seen]] = {sql: [] for sql in new.values()}
    assert len(told) == len(new), "a case is there twice"
    for each in found.seen:
        # What the transaction holds for the other cases is none of this one's.
        change = each.change
        if isinstance(change, ReadMeanwhile):
            of = f"public.c{int(each.migration[:4])}_"
            change = ReadMeanwhile(tuple(as_alone(name) for name in change.held if name.startswith(of)))
        if change != ReadMeanwhile(()):
            told[new[each.migration]].append(replace(each, table=as_alone(each.table), change=_shared(change)))
    return told


def changed_apart(
    server: ScratchServer, base: str, cases: Iterable[str], *, outside: bool = False
) -> dict[str, list[tuple[str, Change]]]:
    """Of the same the tables, and what is done to them."""
    told = seen_apart(server, base, cases, outside=outside)
    return {sql: [(each.table, each.change) for each in found] for sql, found in told.items()}


def _needed(base: str, sql: str) -> str:
    """The statements of `base` about what `sql` speaks of, and about what these speak of."""
    statements, names = base.split(";\n"), made(base)
    words = [names.intersection(re.findall(r"\w+", each)) for each in statements]
    # An index that the server named is its table's.
    needed = {word.removesuffix("_pkey") for word in re.findall(r"\w+", sql)}
    while more := {name for each in words if each & needed for name in each} - needed:
        needed |= more
    return ";\n".join(one for one, each in zip(statements, words, strict=True) if each & needed) + ";"


def _shared(change: Change) -> Change:
    return replace(
        change, **{name: as_alone(value) for name, value in asdict(change).items() if isinstance(value, str)}
    )
