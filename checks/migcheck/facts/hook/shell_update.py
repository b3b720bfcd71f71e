"""Edits of a shell script that say nothing of how migrations are run, as most do not.

What runs something of the project's is what it was, in whatever it stands. What changes speaks of no tool, and calls at
most scripts that run nothing themselves.
"""

from collections.abc import Callable, Iterator, Mapping
from posixpath import basename

from msgspec.structs import replace

from migcheck.facts.hook.package_update import runs_nothing, speaks_of_tools
from migcheck.facts.hook.run_update import changed_lines
from migcheck.regex import regex
from migcheck.scripts.calls import Call, FileCall, ProgramCall
from migcheck.scripts.file_names import SHELL_ENDS
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import Command
from migcheck.scripts.shell.parsed import LARGEST

_TAKES_IN = regex(r"(?:^|(?<=[\s;&|({\"'`]))(?:\.|source)[ \t]")
Named = Callable[[str], Mapping[str, bytes]]
"""The staged files of such a name, by path."""


def is_shell_update(path: str, before: bytes, after: bytes, named: Named) -> bool:
    """Whether an edit of the script at `path` leaves what runs something of the project's as it was."""
    # The first line may say which shell it is for.
    if max(map(len, (before, after))) > LARGEST or before.split(b"\n")[0] != after.split(b"\n")[0]:
        return False
    scripts = [_script(path, each) for each in (before, after)]
    lines = [each for each in changed_lines(before, after) if not each.lstrip().startswith("#")]
    if any(_TAKES_IN.search(each.text) for each in scripts) or any(map(_tells, lines)):
        return False
    kept, still = ([*_kept(each, named)] for each in scripts)
    return kept == still


def _script(path: str, content: bytes) -> Script:
    return Script(path, "", 1, content.decode("utf-8", "replace"), ".")


def _tells(text: str) -> bool:
    # What psql is given may stand in a variable.
    return speaks_of_tools(text) or "sql" in text.lower()


def _kept(script: Script, named: Named) -> Iterator[tuple[Command, bool]]:
    """The commands that run something of the project's, each with whether it is sure to be run."""
    for each in script.commands:
        if not all(_is_idle(call, named) for call in script.calls(each)):
            yield replace(each, line=0, stdin_line=0), script.surely_runs(each)


def _is_idle(call: Call, named: Named) -> bool:
    """Whether `call` is of a shell script, and those of its name run nothing."""
    if not isinstance(call, FileCall | ProgramCall):
        return False
    is_shell = isinstance(call, ProgramCall) or call.path.endswith(SHELL_ENDS)
    return is_shell and all(_runs_nothing(each, text) for each, text in named(basename(call.path)).items())


def _runs_nothing(path: str, content: bytes) -> bool:
    script = _script(path, content)
    is_read = path.endswith(SHELL_ENDS) and len(script.text) <= LARGEST
    return is_read and not _TAKES_IN.search(script.text) and not _tells(script.text) and runs_nothing(script)
