"""Partitions: which table each is of, as statements say."""

from migcheck.facts.lint.model import LOCKS, Model
from migcheck.facts.lint.sql import Path, Sql
from migcheck.facts.lint.tree import Node
from migcheck.facts.replay.watching.naming import spoken_in


def create_part(model: Model, sql: Sql, node: Node, path: Path) -> None:
    """CREATE TABLE makes `path`, as a partition where it says so."""
    for each in node.all("PARTITION_OF"):
        for above in sql.tables(each, "TABLE_NAME_REF"):
            _part(model, path, above)


def attach(model: Model, sql: Sql, above: Path, node: Node) -> None:
    """A table that is there, or a partition that was, is one of `above`."""
    for path in sql.tables(node, "TABLE_NAME_REF"):
        oid, other = model.find(path, sure=False), model.find(above, sure=True)
        if oid is not None:
            model.heirs.add(oid)
        if oid is not None and other is not None:
            model.lock(oid, LOCKS[-1])
            model.put(oid, parent=other)
        _part(model, path, above)


def detach(model: Model, sql: Sql, node: Node) -> None:
    """A partition is none any more."""
    for path in sql.tables(node, "TABLE_NAME_REF"):
        oid = model.find(path, sure=True)
        if oid is not None:
            model.heirs.discard(oid)
        if oid is not None and model.now[oid].parent:
            model.lock(oid, LOCKS[-1])
            model.put(oid, parent=0)
        if not model.strays(path):
            model.partitions.pop(model.name_of(path), None)


def inherit(model: Model, path: Path, *, ends: bool) -> None:
    """A table inherits from another, or does not any more where that `ends`."""
    if (oid := model.find(path, sure=True)) is not None:
        (model.heirs.discard if ends else model.heirs.add)(oid)


def _part(model: Model, path: Path, above: Path) -> None:
    if model.strays(path):
        model.hide(spoken_in(path[-1]).words)
    else:
        model.partitions[model.name_of(path)] = above
