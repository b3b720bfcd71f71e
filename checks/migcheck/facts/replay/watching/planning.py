"""Whether a statement goes through all of the table whose rows it writes: the server plans it before it runs.

Source: PostgreSQL's manual, EXPLAIN, and commands/explain.c `ExplainNode`, `show_modifytable_info`.
"""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping

import psycopg
from msgspec import Struct, convert, field

from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.statements import makes_as, statement_starts
from migcheck.sql_names import full_name

_PLANNED = frozenset({"select", "insert", "update", "delete", "merge", "with"})
_MAKES = frozenset({"create"})
_BLOCKS = frozenset({"do", "call"})
ROWS_ALONE = _PLANNED | _BLOCKS | _MAKES
"""How statements begin that go through a table for its rows alone: an index that is created is another change of it."""
# What is found out for itself, to look for rows by.
_ASIDE = frozenset({"InitPlan", "SubPlan"})
_LONGEST = 100_000


class _Of(Struct, frozen=True):
    """A table, and what the statement calls it."""

    name: str = field(name="Relation Name", default="")
    schema: str = field(name="Schema", default="")
    alias: str = field(name="Alias", default="")

    @property
    def table(self) -> str:
        return full_name(self.schema, self.name)


class _Node(_Of, frozen=True):
    """A part of a plan."""

    kind: str = field(name="Node Type", default="")
    operation: str = field(name="Operation", default="")
    role: str = field(name="Parent Relationship", default="")
    below: tuple["_Node", ...] = field(name="Plans", default=())
    targets: tuple[_Of, ...] = field(name="Target Tables", default=())


class _Whole(Struct, frozen=True):
    plan: _Node = field(name="Plan")


class Plan(Struct, frozen=True):
    """How often it reads each table, called `schema.table`, from one end to the other, and which to write its rows.

    A `block` may do anything: the server plans none.
    """

    scans: Mapping[str, int]
    written: frozenset[str]
    block: bool = False

    @property
    def writes(self) -> bool:
        """Whether all rows of a table may be written."""
        return self.block or bool(self.written)

    def only_reads(self, table: str, scans: int) -> bool:
        """Whether the table was read so often to look for rows of it, and is written by other ways or not at all."""
        return table not in self.written and self.scans.get(table, 0) >= scans


NO_PLAN = Plan({}, frozenset())
_OF_A_BLOCK = Plan({}, frozenset(), block=True)


def plan_of(connection: Connection, part: SentPiece) -> Plan:
    """What the server would do now, in the transaction that is open; nothing, where the piece is not one statement."""
    text = part.piece.text
    if part.words & _BLOCKS:
        return _OF_A_BLOCK
    # What a table or a materialized view is made AS, the server plans likewise; of all else that is made it takes none.
    planned = len(text) <= _LONGEST and (part.words <= _PLANNED or (part.words == _MAKES and makes_as(text)))
    one = planned and sum(1 for _ in statement_starts(text)) == 1
    return (_explained(connection, text) if one else None) or NO_PLAN


def _explained(connection: Connection, text: str) -> Plan | None:
    try:
        # Its locks go with the savepoint. Asked for in binary, the server takes one statement and nothing behind it.
        with connection.transaction(force_rollback=True):
            query = b"explain (verbose, format json) " + text.encode()
            found = connection.execute(query, prepare=False, binary=True).fetchone()
        return _plan_in(found[0] if found else [])
    except RecursionError:
        # The server plans what is nested deeper than JSON is read here.
        return None
    except psycopg.Error:
        if connection.broken:
            raise
        return None


def _plan_in(told: object) -> Plan:
    """What the server told, of all statements that rules have made of one: none, several, or such as have no plan."""
    plans = [each.plan for each in convert(told, tuple[_Whole | str, ...]) if isinstance(each, _Whole)]
    scans = Tally(node.table for plan in plans for node in _nodes(plan) if node.kind == "Seq Scan")
    return Plan(scans, frozenset(table for plan in plans for table in _written(plan)))


def _nodes(node: _Node) -> Iterator[_Node]:
    yield node
    for each in node.below:
        yield from _nodes(each)


def _written(plan: _Node) -> Iterator[str]:
    """The tables of which all rows are gone through to write them."""
    for node in _nodes(plan):
        if node.kind == "ModifyTable":
            named = (_Of(node.name, node.schema, node.alias), *node.targets)
            anew = node.operation == "Insert"
            for each in _at_hand(node):
                # What is inserted is read by another name than it is written by.
                if any(each.table == of.table and (anew or each.alias == of.alias) for of in named):
                    yield each.table


def _at_hand(node: _Node) -> Iterator[_Node]:
    """Tables that are read from one end to the other for the rows themselves."""
    for each in node.below:
        if each.role not in _ASIDE:
            if each.kind == "Seq Scan":
                yield _Node(each.name, each.schema, each.alias)
            yield from _at_hand(each)
