"""Where source code has another tool than Drizzle migrate a Postgres: by its documented API, or as a process.

Facts: knexjs.org "Migration API" (`knex.migrate.latest`, `up`); sequelize/umzug, README (`umzug.up`); salsita.github.io
"node-pg-migrate", "Programmatic API" (`direction: "up"`); typeorm.io "Executing and reverting" and "DataSource API"
(`dataSource.runMigrations`); sequelize.org "Model Synchronization" (`sequelize.sync`); node-flyway, README. Prisma has
no such API.
"""

import re
from collections.abc import Iterator, Mapping
from posixpath import basename

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.calls import calls_of
from migcheck.scripts.other_tools import NAMES, OtherTool
from migcheck.sources.imports import MADE
from migcheck.sources.later import Holder
from migcheck.sources.module import Call, Module
from migcheck.sources.other_kinds import is_of_another_kind
from migcheck.sources.processes import makes_a_database, started
from migcheck.sources.values import BesideFile, Fields, Unread, value_of

UMZUG = "umzug"
TOOLS = (*NAMES, UMZUG, "node-flyway")
"""What a file holds that has one of them migrate."""
_WORDS = (b"runMigrations", b"deploy", b"push", b"update", b"upgrade", b"apply", b"up")
# What a word begins with comes first: to look for that alone takes an eighth of the time.
_GLANCE = regex(
    rb"\.migrate\.(?:latest|up)\b|\.sync\(|\.(?:up|migrate)\(|node-pg-migrate|migrate:|migration:run|db:migrate|"
    + b"|".join(rb"%b\b(?<=\b%b)" % (each, each) for each in _WORDS)
)
# Half of a project on Supabase names it and pushes onto arrays: only its command is of interest.
_SUPABASE = r"supabase(?:@[\w.-]{1,20})?[\"'`,\s][^\n]{0,80}?\b(?:db|migrations?)\b"
_NAME = regex("|".join(_SUPABASE if each == "supabase" else re.escape(each) for each in TOOLS).encode())
# By the module that it is of: what the class, or the object of that name, is asked for.
_OF_CLASSES: Mapping[str, tuple[str, str]] = {
    UMZUG: ("Umzug.up", UMZUG),
    "typeorm": ("DataSource.runMigrations", "typeorm"),
    "sequelize": ("Sequelize.sync", "sequelize"),
    "node-flyway": ("Flyway.migrate", "flyway"),
}
_KNEX = regex(r"(?:[\w$]+\.){1,3}(?:\(\)\.)?migrate\.(?:latest|up)", re.ASCII)
_MADE_BY_KNEX = regex(r"(?:(?:default|knex)\.)?\(\)\.(?P<asked>migrate\.(?:latest|up))")
# What another file made: its name alone tells of which class it is.
_BY_NAME = (
    (regex(r"knex\.migrate\.(?:latest|up)"), "knex"),
    (regex(r"umzug\.up"), UMZUG),
    (regex(r"\w*[dD]ataSource\.runMigrations", re.ASCII), "typeorm"),
)
_OF_PG_MIGRATE = frozenset({"default", "*", "runner"})


class ToolCall(Struct, frozen=True):
    """A call that has `tool` migrate. `holder` is the function it stands in.

    `command` is what is called or run, for a sentence. `directory` is where a command is run; None where that is left
    to the program. `by_name`: its file does not load the tool, and what is called is only named as it.
    """

    path: str
    line: int
    holder: Holder
    command: str
    tool: OtherTool
    directory: str | BesideFile | Unread | None = None
    by_name: bool = False


def may_migrate_otherwise(content: bytes) -> bool:
    """Whether a file may hold such a call: quick, before it is parsed."""
    return _NAME.search(content) is not None and _GLANCE.search(content) is not None


def tool_calls(module: Module) -> Iterator[ToolCall]:
    """The calls that have another tool migrate a Postgres which lasts, where that is certain."""
    if makes_a_database(module):
        return
    found = [each for call in module.calls for each in _of_call(call, module)]
    yield from found if found and not is_of_another_kind(module) else ()


def _of_call(call: Call, module: Module) -> Iterator[ToolCall]:
    name = _asked(call, module)
    if name:
        callee = (call.callee or _of_knex(call)).replace(f".{MADE}", MADE)
        loaded = {*module.loads, call.imported.source if call.imported else ""}
        by_name = loaded.isdisjoint({name, f"node-{name}"})
        asked = OtherTool(name, of_node=True)
        yield ToolCall(module.path, call.line, call.holder, f"{callee}()", asked, by_name=by_name)
    for each in started(call, module):
        for tool in calls_of(each.command.words):
            if isinstance(tool, OtherTool):
                yield ToolCall(module.path, call.line, call.holder, str(each.command), tool, each.directory)


def _asked(call: Call, module: Module) -> str:
    """The tool whose API a call asks to migrate; empty where it is none."""
    to = call.imported
    if _KNEX.fullmatch(call.callee) and any(basename(each) == "knex" for each in module.loads):
        return "knex"
    if _of_knex(call):
        return "knex"
    named = next((name for pattern, name in _BY_NAME if pattern.fullmatch(call.callee)), "")
    if to is None or named:
        return named
    if to.source == "node-pg-migrate" and to.name in _OF_PG_MIGRATE and _is_up(call, module):
        return "node-pg-migrate"
    asked, name = _OF_CLASSES.get(to.source, ("", ""))
    return name if to.name == asked else ""


def _of_knex(call: Call) -> str:
    """What `require("knex")(config)` is asked for on the spot; empty for anything else."""
    to = call.imported
    made = _MADE_BY_KNEX.fullmatch(to.name) if to is not None and to.source == "knex" and not call.callee else None
    return f"knex.{MADE}.{made['asked']}" if made else ""


def _is_up(call: Call, module: Module) -> bool:
    options = value_of(call.arguments[0], module) if call.arguments else None
    return isinstance(options, Fields) and options.get("direction") == "up"
