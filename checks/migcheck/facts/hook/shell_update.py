"""Edits of a shell script that say nothing of how migrations are run, as most do not.

What runs something of the project's is what it was, in whatever it stands. What changes speaks of no tool, and calls at
most scripts that run nothing themselves.
"""

import re
from collections.abc import Callable, Mapping
from posixpath import basename

from msgspec.structs import replace

from migcheck.facts.hook.package_update import runs_nothing, speaks_of_tools
from migcheck.facts.hook.run_update import changed_lines
from migcheck.regex import regex
from migcheck.scripts.calls import Call, FileCall, ProgramCall, SourcedFiles
from migcheck.scripts.file_names import SHELL_ENDS
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import Command
from migcheck.scripts.shell.function_calls import ANY, Within, begun_in, called_by, place_of
from migcheck.scripts.shell.functions import takes_in
from migcheck.scripts.shell.parsed import LARGEST

_NAME = regex(r"[\w-]+", re.ASCII)
Named = Callable[[str], Mapping[str, bytes]]
"""The staged files of such a name, by path."""


def functions_called(path: str, before: bytes, after: bytes, named: Named) -> frozenset[str] | None:
    """What may be functions that an edit of the script at `path` calls otherwise than before, if it does nothing more.

    None where it may. Where another script has one of those functions, and takes this one in, it does more as well.
    """
    # The first line may say which shell it is for.
    if max(map(len, (before, after))) > LARGEST or before.split(b"\n")[0] != after.split(b"\n")[0]:
        return None
    scripts = [_script(path, each) for each in (before, after)]
    lines = [each for each in changed_lines(before, after) if not each.lstrip().startswith("#")]
    if any(takes_in(each.text) for each in scripts) or any(map(_tells, lines)):
        return None
    (kept, one), (still, other) = (_apart(each, named) for each in scripts)
    names = {each for _, each in one ^ other}.union(*map(begun_in, lines))
    return None if kept != still or ANY in names else frozenset(filter(_NAME.fullmatch, names))


def _script(path: str, content: bytes) -> Script:
    return Script(path, "", 1, content.decode("utf-8", "replace"), ".")


def _tells(text: str) -> bool:
    # What psql is given may stand in a variable.
    return speaks_of_tools(text) or "sql" in text.lower()


def _apart(script: Script, named: Named) -> tuple[list[Command], set[tuple[Within, str]]]:
    """The commands that run something of the project's, wherever they stand, and what the others call, from where."""
    kept, rest = list[Command](), set[tuple[Within, str]]()
    for each in script.commands:
        if all(_is_idle(call, named) for call in script.calls(each)):
            rest.update((place_of(each, script), name) for name in called_by(each))
        else:
            kept.append(replace(each, line=0, stdin_line=0))
    return kept, rest


def _is_idle(call: Call, named: Named) -> bool:
    """Whether `call` is of a shell script, and those of its name run nothing."""
    if isinstance(call, SourcedFiles) or not isinstance(call, FileCall | ProgramCall):
        return False
    is_shell = isinstance(call, ProgramCall) or call.path.endswith(SHELL_ENDS)
    return is_shell and all(_runs_nothing(each, text) for each, text in named(basename(call.path)).items())


def _runs_nothing(path: str, content: bytes) -> bool:
    script = _script(path, content)
    is_read = path.endswith(SHELL_ENDS) and len(script.text) <= LARGEST
    return is_read and not takes_in(script.text) and not _tells(script.text) and runs_nothing(script)
