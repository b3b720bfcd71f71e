"""Rows that break a check of columns which get other names, or types that take all values of the old ones. No I/O."""

from migcheck.facts.replay.with_rows.retyping import is_cast, takes_all
from migcheck.facts.replay.with_rows.selecting import rows_of, unheld
from migcheck.facts.replay.with_rows.suspicion import Change
from migcheck.postgres.filling.demands import Demand, Holds
from migcheck.sql_names import quoted_always


def unheld_when_cast(change: Change, demand: Demand | None) -> str:
    """A SELECT of rows that break what `demand` says of them by then; empty where there is none that is true."""
    if not isinstance(demand, Holds):
        return ""
    was, now = change.before.get(demand.table), change.after.get(demand.table)
    if was is None or now is None or change.is_changed(was, demand.numbers):
        return ""
    columns = list[str]()
    for number in demand.numbers:
        one, other = was.columns.get(number), now.columns.get(number)
        if one is None or other is None:
            return ""
        if one.kind == other.kind:
            columns.append(f"{quoted_always(one.name)} as {quoted_always(other.name)}")
        elif takes_all(one, other) and is_cast(change, was, now, number):
            columns.append(f"{quoted_always(one.name)}::{other.type} as {quoted_always(other.name)}")
        else:
            return ""
    return rows_of(was, unheld(demand.says, columns), alone=demand.alone) if columns else ""
