"""Which settings migrations leave changed, as far as SET and `set_config` say it themselves."""

from collections.abc import Callable, Iterator

from migcheck.drizzle.folder import Migration
from migcheck.facts.lint.beside import Place
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.tree import Node
from migcheck.facts.replay.watching.locating import names_setting
from migcheck.facts.sql.left_behind import SettingKept
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.zones import is_without_offset
from migcheck.postgres.running.session_left import SETTINGS

# As the server tells them, and what it is without any SET.
_WORDS = {"true": "on", "false": "off", "yes": "on", "no": "off", "1": "on", "0": "off"}
_SWITCHES = frozenset({"row_security", "check_function_bodies", "standard_conforming_strings"})
_USUAL = frozenset(
    {("search_path", "public"), ("search_path", '"$user", public'), ("statement_timeout", "0"), ("role", "none")}
    | {("intervalstyle", "postgres"), *((each, "on") for each in _SWITCHES)}
)
_DATES = frozenset({"iso", "mdy"})
_VALUES = frozenset({"CONFIG_VALUE_NAME", "LITERAL"})


class Settings:
    """Follows statements, and has what the migration that runs has set."""

    def __init__(self, sql: Sql) -> None:
        """Nothing is set."""
        self._sql = sql
        self._set: dict[str, tuple[str, Place]] = {}

    def read(self, node: Node, where: Callable[[], Place]) -> None:
        """One more statement, which stands `where` that says."""
        if node.kind == "RESET" and node.has("ALL"):
            self._set.clear()
        elif node.kind in ("SET", "RESET"):
            values = [self._value(each) for each in node.below() if each.kind in _VALUES]
            names = [self._sql.name(each) or "" for each in node.below() if each.kind == "CONFIG_PARAMETER_REF"]
            names = ["timezone"] if node.has("SET_TIME_ZONE", "RESET_TIME_ZONE") else names
            for name in ["search_path"] if node.has("SET_SCHEMA_VALUE") else names:
                self._put(name, ", ".join('"$user"' if each == "$user" else each for each in values), where)
        elif node.kind in ("SET_ROLE", "RESET_ROLE"):
            roles = (self._value(each) for each in node.below() if each.kind in ("ROLE_NAME_REF", "LITERAL"))
            self._put("role", next(roles, ""), where)
        for each in (node, *node.below()) if node.kind == "SELECT" else ():
            called = each.child("NAME_REF", "FIELD_EXPR") if each.kind == "CALL_EXPR" else None
            if called is not None and self._sql.name(called) == "set_config":
                given = [self._sql.text(arg) for arg in each.below() if arg.kind == "ARG"]
                if all(arg.startswith("'") for arg in given[:2]):
                    self._put(given[0].strip("'").lower(), given[1].strip("'"), where, called=True)

    def pass_on(self, to: Migration) -> Iterator[Seen]:
        """What `to` begins with. Who comes behind it has to do with what that one sets alone."""
        for name, (value, place) in self._set.items():
            if not names_setting(to, name):
                yield place.seen(SettingKept(name, value, to.tag))
        self._set.clear()

    def _value(self, node: Node) -> str:
        """What is given there: a name without quotes has no case."""
        return (self._sql.text(node).strip("'") if node.kind == "LITERAL" else self._sql.name(node)) or ""

    def _put(self, name: str, value: str, where: Callable[[], Place], *, called: bool = False) -> None:
        if name in _SWITCHES:
            value = _WORDS.get(value.lower(), value.lower())
        elif name == "intervalstyle":
            value = value.lower()
        self._set.pop(name, None)
        if name in SETTINGS and (value or called) and not _is_usual(name, value):
            self._set[name] = value, where()


def _is_usual(name: str, value: str) -> bool:
    if name == "timezone":
        # `0`, `+00`, `INTERVAL '+00:00'`.
        return is_without_offset(value) or not value.strip("+-0:")
    if name == "datestyle":
        return {each.strip() for each in value.lower().split(",")} <= _DATES
    return (name, value) in _USUAL
