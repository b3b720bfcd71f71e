"""What a step of GitHub runs, where, and what the shell is told that runs it.

Facts: docs.github.com "Workflow syntax": without `shell`, `bash -e`; with `shell: bash`, `bash -eo pipefail`;
a shell with `{0}` is run as it is written; on Windows, PowerShell where nothing else is told. Of
appleboy/ssh-action `script_stop` was removed in February 2025 (its issue 367): `set -e` stands in the script.
"""

import re
from posixpath import basename
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.calls import ACTION
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.programs import SHELLS
from migcheck.scripts.yaml_nodes import member, text

if TYPE_CHECKING:
    from yaml import Node

EXPRESSION = regex(r"\$\{\{(?:(?!\$\{\{|\}\}).)*\}\}", re.DOTALL)
_SCRIPT = "{0}"


class Said(Struct, frozen=True):
    """The script of a step: as it is `told`, its `words` without GitHub's expressions, what its shell is told."""

    told: str
    words: str
    options: ShellOptions


def said_by(step: "Node", run: "Node", *around: "Node | None") -> Said:
    """What `step` says of its script `run`; `around` are its job and its workflow."""
    if is_elsewhere(step):
        # The shell on another machine goes on where a command fails: the script itself may tell it not to.
        return Said(text(run), EXPRESSION.sub("$EXPRESSION", text(run)), ShellOptions())
    shell = _shell(step, *around) or _unasked_shell(around[0])
    is_action = run is member(step, "uses")
    told = f"{ACTION} {text(run)} {text(member(step, 'with', 'command'))}" if is_action else text(run)
    return Said(told, EXPRESSION.sub("$EXPRESSION", told), _options(shell))


def told_by(step: "Node") -> tuple["Node | None", ...]:
    """What a step runs on the machine of its job, and its action."""
    return None if is_elsewhere(step) else run_by(step), member(step, "uses")


def run_by(step: "Node") -> "Node | None":
    """The script of a step, or else its action; of one that others made to run a script (retry, ssh), that script."""
    action = member(step, "uses")
    command = _script_of_ssh(step) or member(step, "with", "command")
    is_known = text(action).startswith("./") or "migcheck" in text(action).partition("@")[0]
    return member(step, "run") or (command if action and text(command) and not is_known else action)


def is_elsewhere(step: "Node") -> bool:
    """Whether the action of a step is one that others made to run what it is given on another machine."""
    return _script_of_ssh(step) is not None


def _script_of_ssh(step: "Node") -> "Node | None":
    """What such an action is given to run; None where it is none."""
    action = text(member(step, "uses"))
    given = (member(step, "with", each) for each in ("script", "command"))
    return next(filter(text, given), None) if "ssh" in action and not action.startswith("./") else None


def _options(shell: str) -> ShellOptions:
    if "pwsh" in shell or "powershell" in shell:
        return ShellOptions(errexit=True, pipefail=True, powershell=True)
    if _SCRIPT in shell and not SHELLS.isdisjoint(map(basename, shell.split())):
        return ShellOptions().told(shell)
    return ShellOptions(errexit=True, pipefail=shell == "bash")


def _shell(step: "Node", *around: "Node | None") -> str:
    defaults = (text(member(each, "defaults", "run", "shell")) for each in around)
    return text(member(step, "shell")) or next(filter(None, defaults), "")


def _unasked_shell(job: "Node | None") -> str:
    return "pwsh" if text(member(job, "runs-on")).startswith("windows") else ""
