"""Changes of a package.json that say nothing of how migrations are run, as most of them do."""

import re
from collections.abc import Iterator

from migcheck.regex import regex
from migcheck.scripts.jsonc import json_object
from migcheck.scripts.named_scripts import named_in_texts
from migcheck.scripts.other_tools import NAMES
from migcheck.scripts.script import Script
from migcheck.scripts.shell.programs import MANAGERS
from migcheck.scripts.tasks.packages import DEPENDENCIES, dependencies_of
from migcheck.sources.addresses import CONFIGURED

_SCRIPTS = "scripts"
_ASIDE = ("version", _SCRIPTS, *DEPENDENCIES)
# What is looked for in the texts of scripts before, or without, their being parsed: tools and their configurations,
# files that are named to one, and what starts a database.
_TOLD = regex(
    "drizzle|migrat|migcheck|push|compose|make|postg|supabase|pg_ctl|neon"
    + "".join(f"|{re.escape(each)}" for each in sorted({*MANAGERS, *NAMES, *CONFIGURED})),
    re.IGNORECASE,
)


def is_update(before: bytes, after: bytes) -> bool:
    """Whether but its version, its dependencies and what runs nothing all is as it was, and no tool came or went."""
    one, other = json_object(before), json_object(after)
    if one is None or other is None:
        return False
    rest = ({key: value for key, value in each.items() if key not in _ASIDE} for each in (one, other))
    return (
        next(rest) == next(rest)
        and _tools_in(before) == _tools_in(after)
        and all(map(text_runs_nothing, _changed(one.get(_SCRIPTS), other.get(_SCRIPTS))))
    )


def speaks_of_tools(text: str) -> bool:
    """Whether `text` speaks of what migrates, or of a tool that comes from there to something else of the project's."""
    return _TOLD.search(text) is not None


def runs_nothing(script: Script) -> bool:
    """Whether nothing of the project's is run by `script`, or named by it to a tool."""
    if speaks_of_tools(script.text):
        return False
    return not any(call for command in script.commands for call in script.calls(command))


def _tools_in(package: bytes) -> frozenset[str]:
    """The dependencies that are, or belong to, tools that migrate."""
    return frozenset(name for name in dependencies_of(package) if any(tool in name for tool in NAMES))


def _changed(before: object, after: object) -> Iterator[object]:
    """What the scripts that are not as they were said, and say; the whole where it is no list of scripts."""
    one, other = ({} if each is None else each for each in (before, after))
    if not (isinstance(one, dict) and isinstance(other, dict)):
        yield from (each for each in (one, other) if one != other)
        return
    for name in {*one, *other}:
        if one.get(name) != other.get(name):
            yield from (each[name] for each in (one, other) if name in each)


def text_runs_nothing(script: object) -> bool:
    """Whether the gate `project` comes to nothing by a script of that text: it calls and names nothing there is."""
    if not isinstance(script, str) or named_in_texts([script.encode("utf-8", "replace")]):
        return False
    return runs_nothing(Script("", "", 1, script, "."))
