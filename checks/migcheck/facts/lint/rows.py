"""Whose rows statements read and write: where nobody can look into it, those of every table."""

from collections.abc import Collection

from migcheck.facts.lint.model import EVERY, READS, WRITES, Model
from migcheck.facts.lint.search_path import SETTING
from migcheck.facts.lint.sql import Path, Sql
from migcheck.facts.lint.tree import Node
from migcheck.facts.replay.watching.keeping import Keeps, keeps
from migcheck.facts.replay.watching.naming import spoken_in
from migcheck.postgres.sql_calls import calls_others, is_built_in
from migcheck.sql_names import bare

_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"})
_HIDDEN = frozenset({"CREATE_FUNCTION", "CREATE_PROCEDURE", "DO"})
_ANYTHING = frozenset({"CALL", "EXECUTE", "REFRESH"})
# Others that begin so say what is called later, or once for each row.
_DEFINES = ("CREATE_", "ALTER_")
_RUNS = frozenset({"CREATE_TABLE_AS", "CREATE_MATERIALIZED_VIEW"})
_OF_THE_SERVER = frozenset({"pg_catalog", "information_schema"})
_WRITE_WORDS = frozenset({"insert", "update", "delete", "merge", "copy"})


def use(model: Model, sql: Sql, node: Node) -> None:
    """Remember whose rows the statement reads, where it may keep them, and writes."""
    reads = _reads(sql.text(node))
    if node.kind in _HIDDEN:
        hide(model, sql.text(node), runs=node.kind == "DO")
    runs = node.kind in _RUNS or not node.kind.startswith(_DEFINES)
    own = {sql.name(each) for each in node.below() if each.kind == "CTE_NAME"}
    for each in (node, *node.below()):
        if each.kind in _WRITES:
            _write(model, sql, each, reads)
        elif each.kind in ("RELATION_FROM_ITEM", "TABLE"):
            _read(model, sql, each, own, reads)
        elif each.kind in _ANYTHING or (runs and each.kind == "CALL_EXPR" and not _is_built_in(sql, each)):
            _use_all(model)
            model.hide(None)


def _reads(text: str) -> tuple[str, ...]:
    return () if keeps(text) is Keeps.NOTHING else (READS,)


def _write(model: Model, sql: Sql, node: Node, reads: Collection[str]) -> None:
    named = node.child("RELATION_NAME", "RELATION_NAME_REF", "TABLE_RELATION_NAME", "COPY_TABLE")
    path = () if named is None else sql.path(named)
    if not path:
        return
    if model.find(path, sure=False) is None and not _is_new(model, path):
        # It may be a view, or have triggers.
        _use_all(model)
    if (oid := model.find(path, sure=True)) is not None:
        model.lock(oid, "ROW EXCLUSIVE")
        # What DELETE gives back may be kept.
        model.use(oid, WRITES, *(() if node.kind == "INSERT" else reads))


def _read(model: Model, sql: Sql, node: Node, own: Collection[str | None], reads: Collection[str]) -> None:
    # The alias stands beside it.
    named = node.child("RELATION_NAME_REF", "RELATION_NAME")
    path = () if named is None else sql.path(named)
    if path and (oid := model.find(path, sure=False)) is not None:
        model.use(oid, *reads)
    elif path and not (_is_new(model, path) or _is_of_the_server(path) or (len(path) == 1 and path[0] in own)):
        model.use(EVERY, WRITES, *reads)


def _is_new(model: Model, path: Path) -> bool:
    name = model.name_of(path)
    return not model.strays(path) and name in model.made and name not in model.views


def _is_of_the_server(path: Path) -> bool:
    return path[0].startswith("pg_") if len(path) == 1 else path[-2] in _OF_THE_SERVER


def _is_built_in(sql: Sql, node: Node) -> bool:
    called = node.child("NAME_REF", "FIELD_EXPR")
    # What has a grammar of its own is the server's.
    return called is None or is_built_in(sql.path(called))


def _use_all(model: Model) -> None:
    model.use(EVERY, READS, WRITES)


def hide(model: Model, text: str, *, runs: bool) -> None:
    """Take notice of what cannot be read: it may make tables, and where it `runs`, read and write them."""
    said = spoken_in(text)
    if said.words is None or {"create", "table"} <= said.words:
        model.hide(said.words)
    if not runs:
        return
    if SETTING in text.lower():
        model.strayed = True
    if said.words is None or calls_others(text) or any(said.names(bare(each)) for each in model.views):
        _use_all(model)
        return
    writes = (WRITES,) if said.words & _WRITE_WORDS else ()
    for oid, table in model.now.items():
        if said.names(bare(table.name)):
            model.use(oid, *_reads(text), *writes)
