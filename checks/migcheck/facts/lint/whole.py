"""Statements that go through all of a table by their words: what of it becomes another no look at the model tells."""

from collections.abc import Collection, Iterator, Mapping

from migcheck.facts.lint.model import LOCKS, READS, Model
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.tree import Node
from migcheck.facts.sql.observation import Change, Deleted, Reindexed, WorkedThrough
from migcheck.postgres.running.alone import is_concurrent
from migcheck.postgres.running.statements import tokens

_OF_SOME = ("WHERE_CLAUSE", "USING_CLAUSE", "FROM_CLAUSE", "WHERE_CURRENT_OF", "WITH_CLAUSE")
_OFF = frozenset({"false", "off", "0"})
_OF_ROWS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "DO", "CALL"})


def done_whole(
    model: Model, sql: Sql, node: Node, held: Mapping[int, str], kinds: Collection[str]
) -> Iterator[tuple[int, Change]]:
    """What a statement is about to do to all of a table, by that one's number.

    `held` are the locks from before its piece, which has statements of these `kinds`.
    """
    # Who read the rows before may have kept them, and puts them back.
    yield from ((oid, Deleted()) for oid in _of_all(model, sql, node, "DELETE") if not model.is_used(oid, READS))
    yield from ((oid, Reindexed()) for oid in reindexed(model, sql, node))
    for oid in _of_all(model, sql, node, "UPDATE"):
        # Of several statements in one piece nobody on a server would know which came first.
        if held.get(oid) == LOCKS[-1] and _OF_ROWS.issuperset(kinds):
            yield oid, WorkedThrough()


def reindexed(model: Model, sql: Sql, node: Node) -> Iterator[int]:
    """The table whose indexes a statement builds anew, while others wait."""
    if node.kind != "REINDEX" or works_concurrently(sql, node):
        return
    for each in node.all("REINDEX_TARGET_TABLE"):
        for path in sql.tables(each, "TABLE_NAME_REF"):
            if (oid := model.find(path, sure=True)) is not None:
                yield oid
    for each in node.all("REINDEX_TARGET_INDEX"):
        for path in sql.tables(each, "INDEX_REF"):
            oid = None if model.strays(path) else model.index_of.get(model.name_of(path))
            if oid in model.now:
                yield oid


def works_concurrently(sql: Sql, node: Node) -> bool:
    """Whether a statement says CONCURRENTLY, and does not say `(concurrently false)`."""
    said = any(each.kind == "CONCURRENTLY_KW" for each in node.below())
    return said and is_concurrent([each.lower() for each in tokens(sql.text(node))])


def vacuum(model: Model, sql: Sql, node: Node) -> None:
    """VACUUM FULL gives tables other files. In a transaction it is refused, so it holds no lock there."""
    if _is_full(sql, node):
        named = list(sql.tables(node, "TABLE_NAME_REF"))
        for oid in [model.find(path, sure=True) for path in named] if named else list(model.now):
            if oid is not None:
                model.write_anew(oid)


def _is_full(sql: Sql, node: Node) -> bool:
    said = [each for options in node.all("VACUUM_OPTION_LIST") for each in options.all("VACUUM_OPTION")]
    for each in said:
        name, value = each.child("VACUUM_OPTION_NAME"), each.child("VACUUM_OPTION_VALUE")
        if name is not None and name.has("FULL_KW"):
            return value is None or sql.text(value).strip("'\"").lower() not in _OFF
    return node.has("FULL_KW")


def _of_all(model: Model, sql: Sql, node: Node, kind: str) -> Iterator[int]:
    """The table of which a statement of this kind takes every row. Behind a WITH they may be kept."""
    named = node.child("RELATION_NAME") if node.kind == kind and not node.has(*_OF_SOME) else None
    path = () if named is None else sql.path(named)
    # What is updated and not known may be a view, through which any table is written.
    if path and (oid := model.find(path, sure=kind == "DELETE")) is not None:
        yield oid
