"""What statements leave behind around the tables, as far as they say it: no block and no function is looked into.

What was so before nobody knows here: what SQL that landed may have done is taken as done.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from migcheck.facts.lint.model import Model
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.tree import Node
from migcheck.facts.sql.left_behind import DefinerLeftOpen, GrantedToAll, NameCut, TriggerDisabled
from migcheck.facts.sql.observation import Change, Seen
from migcheck.finding import Location
from migcheck.postgres.surroundings import OF_TABLES, ROW_RIGHTS
from migcheck.sql_names import bare, full_name, unquoted

READ_BY = "read by Squawk, not seen on a server"
_MAKES = frozenset({"CREATE_FUNCTION", "CREATE_PROCEDURE"})
_OTHERS = frozenset({f"{verb}_{what}" for verb in ("ALTER", "DROP") for what in ("FUNCTION", "PROCEDURE", "ROUTINE")})
_ROUTINES = frozenset({"FUNCTION_NAME_REF", "PROCEDURE_NAME_REF", "ROUTINE_NAME_REF"})
_TRUSTED = frozenset({"c", "internal"})
# Where a name is given, and not asked for.
_GIVES = frozenset(
    {"CONSTRAINT_NAME", "TABLE_NAME", "COLUMN_NAME", "INDEX", "TYPE_NAME", "VIEW", "SEQUENCE", "POLICY", "TRIGGER"}
    | {"FUNCTION_NAME", "PROCEDURE_NAME", "SCHEMA"}
)


class Place(Struct, frozen=True):
    """Who says something, and where."""

    migration: str
    at: Location
    statement: str

    def seen(self, change: Change, table: str = "") -> Seen:
        """That it made a change."""
        return Seen(self.migration, self.at, self.statement, table, change, source=READ_BY)


class Beside:
    """Follows statements that the model has met already, and has what is left of what they say."""

    def __init__(self, model: Model, sql: Sql) -> None:
        """Nothing is read yet."""
        self._model = model
        self._sql = sql
        self._definers: dict[str, Place] = {}
        self._rights: dict[tuple[int, str], Place] = {}
        self._disabled: dict[tuple[int, str], Place] = {}
        self._triggers: set[str | None] = set()
        self._cut: dict[str, tuple[str, Place]] = {}

    def read(self, node: Node, where: Callable[[], Place]) -> None:
        """One more statement, which stands `where` that says."""
        if node.kind in _MAKES:
            self._make(node, where)
        elif node.kind in _OTHERS:
            for each in (each for each in node.below() if each.kind in _ROUTINES):
                self._definers.pop(self._name(each), None)
        elif node.kind in ("GRANT", "REVOKE"):
            self._grant(node, where)
        elif node.kind == "CREATE_TRIGGER":
            self._triggers.add(self._sql.name(node.child("TRIGGER")))
        elif node.kind == "ALTER_TABLE":
            self._switch(node, where)
        if node.kind.startswith(("CREATE_", "ALTER_", "DROP_")):
            self._name_things(Node("", node.start, node.end, [node]), where)

    def told(self) -> Iterator[Seen]:
        """What is still so."""
        now, first = self._model.now, self._model.first
        for name, place in self._definers.items():
            yield place.seen(DefinerLeftOpen(name))
        rights: dict[tuple[int, Place], list[str]] = {}
        for (oid, right), place in self._rights.items():
            if oid in now and not (self._is_guarded(oid) and right.partition(" ")[0] in ROW_RIGHTS):
                rights.setdefault((oid, place), []).append(right)
        for (oid, place), each in rights.items():
            yield place.seen(GrantedToAll(first[oid].name, tuple(sorted(each))), first[oid].name)
        for (oid, trigger), place in self._disabled.items():
            if oid in now:
                yield place.seen(TriggerDisabled(trigger), first[oid].name)
        for name, (kept, place) in self._cut.items():
            yield place.seen(NameCut(name, kept))

    def _make(self, node: Node, where: Callable[[], Place]) -> None:
        named, options = node.child("FUNCTION_NAME", "PROCEDURE_NAME"), node.child("FUNC_OPTION_LIST")
        path = () if named is None else self._sql.path(named)
        if not path or options is None or path[0] == "pg_temp" or self._model.strays(path):
            return
        name = self._name(named)
        self._definers.pop(name, None)
        languages = {self._sql.name(each) for each in options.below() if each.kind == "LANGUAGE_REF"}
        sets = {self._sql.name(each) for each in options.below() if each.kind == "CONFIG_PARAMETER_REF"}
        safe = "search_path" in sets or node.has("ATOMIC_BODY") or not languages.isdisjoint(_TRUSTED)
        opens = options.has("SECURITY_DEFINER_FUNC_OPTION") and not safe
        if opens and not self._model.told_of(path[-1], "definer"):
            self._definers[name] = where()

    def _name(self, node: Node | None) -> str:
        path = () if node is None else self._sql.path(node)
        return full_name(path[-2] if len(path) > 1 else "public", path[-1]) if path else ""

    def _grant(self, node: Node, where: Callable[[], Place]) -> None:
        to, on = node.child("ROLE_REF_LIST"), node.child("ON_PRIVILEGE_OBJECTS_CLAUSE")
        roles = {self._sql.name(each) for each in to.children} if to is not None else set()
        if on is None or "public" not in roles:
            return
        rights = [right for each in node.all("REVOKE_COMMAND_LIST") for right in self._rights_of(each)]
        for path in self._sql.tables(on, "RELATION_NAME_REF"):
            if (oid := self._model.find(path, sure=False)) is None:
                continue
            if node.kind == "REVOKE":
                # What is taken of a table is taken of its columns as well (REVOKE's manual).
                named = set(rights or OF_TABLES)
                held = [right for of, right in self._rights if of == oid]
                for right in held:
                    if not named.isdisjoint({right, right.partition(" ")[0]}):
                        del self._rights[oid, right]
            elif not self._model.told_of(path[-1], "grant", "public"):
                for right in rights or OF_TABLES:
                    self._rights.setdefault((oid, right), where())

    def _rights_of(self, node: Node) -> Iterator[str]:
        for command in node.all("REVOKE_COMMAND"):
            columns = [self._sql.name(each) for each in command.below() if each.kind == "COLUMN_NAME_REF"]
            right = self._sql.text(command).partition("(")[0].strip().upper()
            yield from (f"{right} ({each})" for each in columns) if columns else (right,)

    def _is_guarded(self, oid: int) -> bool:
        """Also where SQL that landed may have said so by hand: a snapshot does not tell of that."""
        table = self._model.now[oid]
        return table.guarded or self._model.was_guarded(bare(table.name))

    def _switch(self, node: Node, where: Callable[[], Place]) -> None:
        relation = node.child("TABLE_RELATION_NAME")
        path = () if relation is None else self._sql.path(relation)
        oid = self._model.find(path, sure=False) if path else None
        if oid is None:
            return
        for each in node.children:
            trigger = self._sql.name(each.child("TRIGGER_REF"))
            if each.kind == "DISABLE_TRIGGER" and trigger and trigger not in self._triggers:
                if not self._model.told_of(trigger, "disable"):
                    self._disabled[oid, trigger] = where()
            elif each.kind == "ENABLE_TRIGGER":
                gone = [key for key in self._disabled if key[0] == oid and trigger in (None, key[1])]
                self._disabled = {key: place for key, place in self._disabled.items() if key not in gone}

    def _name_things(self, node: Node, where: Callable[[], Place]) -> None:
        for each in _outside_of_queries(node):
            tokens = [token for token in each.below() if token.kind == "IDENT"]
            written = self._sql.text(tokens[-1]) if tokens else ""
            name, kept = _whole(written), unquoted(written) or ""
            if each.kind.startswith("DROP_"):
                self._cut.pop(name, None)
            elif each.kind in _GIVES and kept and len(kept) < len(name) and not self._model.told_of(name):
                self._cut.setdefault(name, (kept, where()))


def _whole(written: str) -> str:
    """An identifier with all its bytes."""
    return written[1:-1].replace('""', '"') if written[:1] == '"' else written.lower()


def _outside_of_queries(node: Node) -> Iterator[Node]:
    for each in node.children:
        if "SELECT" not in each.kind:
            yield each
            yield from _outside_of_queries(each)
