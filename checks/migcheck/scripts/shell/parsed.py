"""The simple commands of a shell script, with what the shell does where one of them fails.

Facts: POSIX 2.14 "set" (`-e` looks past every command of an AND-OR list but the last, and past what is tested), 2.9.2
(the status of a pipeline is its last command's).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING

from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.shell.command import Command, ShellOptions
from migcheck.scripts.shell.fate import (
    HANDLED,
    UNAWAITED,
    Fate,
    and_then,
    is_waited_for,
    otherwise,
    shortened,
    succeeds,
    with_behind,
)
from migcheck.scripts.shell.simple_commands import SimpleCommands
from migcheck.scripts.shell.taken_out import taken_out
from migcheck.scripts.shell.words import bash_parser, text_of, word_of

if TYPE_CHECKING:
    from tree_sitter import Node

LARGEST = 256 * 1024
"""Characters of a script that is read."""
_PLAIN = ShellOptions()
_STRICT = regex(r"#![^\n]{0,100}?\b(?:ba|da|a|k|z)?sh\s+(?:-\w+\s+)*(?:-\w*e|-o\s+errexit)", re.ASCII)
_NOTE = regex(r"<#(?:[^#]|#(?!>))*+(?:#>)?")
"""A comment of PowerShell's: in a shell the lines of it would be commands."""
# What every CI sets (docs.github.com "Default environment variables", docs.gitlab.com "Predefined variables").
_ASKS_FOR_CI = regex(r"\$(?:\{(?:CI|GITHUB_ACTIONS|GITLAB_CI)(?::?-[^${}]*)?\}|(?:CI|GITHUB_ACTIONS|GITLAB_CI)\b)")
# It is what is tested, and no argument of a program of which nobody here knows what it makes of it.
_TESTS = regex(r"[\s!({]*(?:\[|test\s|echo\s|printf\s|[\"']?$)")
# Twice is as good as not at all: `[ ! -z "$CI" ]`.
_ASKS_FOR_NONE = regex(r"-z|!|false|\"\"|''")
# `… && echo skipped` is so where what stands before it is.
_SAYS_SO = regex(r"&&\s*(?:echo|printf|true|:)(?=\s|$)[^&|]*$")
_ASKS_FOR_MORE = regex(r"[$`]|&&|\|\||\s-[ao]\s")
_PIPES = "PIPESTATUS"
"""Where a script has it, it asks for the status of each command of a pipeline."""


class UnreadableScriptError(ValueError):
    """The text is too large or too deep to be read."""


def read_shell(
    text: str, line: int = 1, options: ShellOptions = _PLAIN, depth: int = 0, fate: str = ""
) -> tuple[Command, ...]:
    """The commands of `text`, which begins at `line` of its file. `fate`: how whoever runs it goes on where it fails.

    What comes after an unconditional `exit` is never run and left out. Raises UnreadableScriptError.
    """
    if len(text) > LARGEST:
        raise UnreadableScriptError(f"is larger than {LARGEST // 1024} KiB")
    if _STRICT.match(text):
        options = replace(options, errexit=True)
    if options.powershell:
        text = _NOTE.sub(lambda found: "\n" * found[0].count("\n"), text)
    around = Fate(fate, fate)
    commands = SimpleCommands(read_shell, line, options, depth, documents="<<" in text)
    walk = _Walk(commands, text, only=around if options.powershell else None)
    try:
        walk.block(bash_parser().parse(taken_out(text).encode("utf-8", "replace")).root_node.children, around)
    except RecursionError as error:
        raise UnreadableScriptError("is nested too deeply to be read") from error
    return tuple(walk.commands.found)


class _Walk:
    """One pass over a script. Each method that reads a statement tells whether the script always ends there.

    `only` is what becomes of each command, whatever stands around it.
    """

    def __init__(self, commands: SimpleCommands, text: str, only: Fate | None) -> None:
        self.commands, self.only = commands, only
        self.retries = False
        self.unawaited = HANDLED if is_waited_for(text) else UNAWAITED
        self.pipes = _PIPES in text

    def block(self, nodes: Iterable["Node"], fate: Fate) -> bool:
        every = [each for each in nodes if each.type not in ("comment", "heredoc_body")]
        statements = [number for number, each in enumerate(every) if each.is_named]
        for number, following in zip_longest(statements, statements[1:]):
            node, follower = every[number], None if following is None else every[following]
            # What runs beside the script does not end it.
            beside = number + 1 < len(every) and every[number + 1].type == "&"
            told = self.unawaited if beside else self._fate_of(node, follower, fate)
            if self.statement(node, told) and not beside:
                return True
        return False

    def _fate_of(self, node: "Node", follower: "Node | None", fate: Fate) -> Fate:
        if follower is None or self.retries:
            return fate if follower is None else HANDLED
        return with_behind(node, follower, fate, self.commands.options)

    def statement(self, node: "Node", fate: Fate) -> bool:
        self.commands.around.append(node)
        ended = _READERS.get(node.type, _Walk.anything)(self, node, self.only or fate)
        self.commands.around.pop()
        return ended

    def inside(self, node: "Node", fate: Fate) -> bool:
        """What stands in braces ends the script where it ends."""
        return self.block(node.children, fate)

    def perhaps(self, node: "Node", fate: Fate) -> bool:
        """What may be left out ends nothing for sure."""
        self.block(node.children, fate)
        return False

    def each(self, node: "Node", fate: Fate) -> bool:
        """The body of a `for`, with what its variable stands for where that is one pattern of files."""
        listed = [word_of(value) for value in node.children_by_field_name("value")]
        with self.commands.variables.standing(text_of(node.child_by_field_name("variable") or node), listed):
            return self.perhaps(node, fate)

    def case(self, node: "Node", fate: Fate) -> bool:
        """Each item begins where the case does, and what follows it is what follows the case."""
        begin, ends, around = self.commands.directory, {self.commands.directory}, self.commands.chosen
        for each in node.named_children:
            if each.type == "case_item":
                self.commands.directory, self.commands.chosen = begin, True
                self.block(each.children, fate)
                ends.add(self.commands.directory)
            else:
                self.substitutions(each, fate)
        self.commands.directory, self.commands.chosen = begin if len(ends) == 1 else None, around
        return False

    def function(self, node: "Node", _fate: Fate) -> bool:
        """A definition moves nowhere. What becomes of its failure is for who calls it, and so is where it ends."""
        begin, around, unsure = self.commands.directory, self.commands.function, self.commands.unsure
        name = self.commands.function = text_of(node.named_children[0])
        ends = self.block(node.children, HANDLED) and "return" not in text_of(node)
        self.commands.ends = self.commands.ends | {name} if ends else self.commands.ends - {name}
        self.commands.directory, self.commands.function, self.commands.unsure = begin, around, unsure
        return False

    def handled(self, node: "Node", _fate: Fate) -> bool:
        """A failure is what is asked for."""
        self.block(node.children, HANDLED)
        return False

    def redirected(self, node: "Node", fate: Fate) -> bool:
        return (body := node.child_by_field_name("body")) is not None and self.statement(body, fate)

    def anything(self, node: "Node", fate: Fate) -> bool:
        self.substitutions(node, fate)
        return False

    def assignment(self, node: "Node", fate: Fate) -> bool:
        self.commands.assign(node)
        return self.anything(node, fate)

    def tested(self, node: "Node", fate: Fate) -> bool:
        """An `if` or a loop: what stands before `then` and `do` is tested, and its failure is looked at."""
        body, kept, unsure = False, self.commands.variables.settings, self.commands.unsure
        condition = ""
        inside: list[Node] = []
        others: list[Node] = []
        for each in node.children:
            body = body or each.type == "then"
            if each.type in ("elif_clause", "else_clause", "do_group"):
                others.append(each)
            elif body:
                inside.append(each)
            elif each.is_named:
                condition += text_of(each)
                self.statement(each, HANDLED)
        in_ci = _is_so_in_ci(condition)
        self.commands.unsure = unsure or in_ci is False
        ends = self.block(inside, fate)
        self.commands.unsure = unsure or in_ci is True
        for each in others:
            self.commands.variables.settings = kept
            self.statement(each, fate)
        # `if [ -z "$URL" ]; then export URL=…` sets it where nobody else did.
        self.commands.variables.settings = kept
        self.commands.unsure = unsure or (ends and in_ci is True)
        return False

    def loop(self, node: "Node", fate: Fate) -> bool:
        """The body of a loop. One that can be left may try again: nobody knows here what its last try comes to."""
        kept, self.retries = self.retries, self.retries or "break" in text_of(node)
        self.block(node.children, HANDLED if self.retries else fate)
        self.retries = kept
        return False

    def subshell(self, node: "Node", fate: Fate) -> bool:
        now = self.commands
        kept = now.directory, now.options, now.unsure, now.variables.settings
        self.block(node.children, fate)
        now.directory, now.options, now.unsure, now.variables.settings = kept
        return False

    def and_or(self, node: "Node", fate: Fate) -> bool:
        named = [each for each in node.children if each.is_named]
        if len(named) != 2:  # noqa: PLR2004 - a list that does not parse
            return self.block(named, fate)
        left, right = named
        is_or = any(each.type == "||" for each in node.children)
        if self.statement(left, otherwise(right) if is_or else and_then(right, fate)) and not is_or:
            return True
        in_ci, unsure = _is_so_in_ci(text_of(left)), self.commands.unsure
        self.commands.unsure = unsure or in_ci is is_or
        ends = self.statement(right, fate) and not is_or
        self.commands.unsure = unsure or (ends and in_ci is True)
        return ends and succeeds(left)

    def pipeline(self, node: "Node", fate: Fate) -> bool:
        *before, last = [each for each in node.children if each.is_named]
        lost = f"| {shortened(text_of(last))}"
        for each in before:
            self.statement(each, fate if self.commands.options.pipefail or self.pipes else Fate(lost, lost))
        self.statement(last, fate)
        return False

    def substitutions(self, node: "Node", fate: Fate) -> None:
        """What `$(…)` runs, wherever it stands."""
        for each in node.named_children:
            if each.type in ("command_substitution", "process_substitution"):
                self.subshell(each, fate)
            elif each.type != "heredoc_body":
                self.substitutions(each, fate)

    def command(self, node: "Node", fate: Fate) -> bool:
        self.substitutions(node, fate)
        return self.commands.take(node, fate)


def _is_so_in_ci(condition: str) -> bool | None:
    """Whether what a shell tests is so in CI, as `[ -n "$CI" ]` is; None where it does not ask for that alone."""
    before, *asked = _ASKS_FOR_CI.split(_SAYS_SO.sub("", condition), 1)
    if not asked or not _TESTS.match(before) or any(map(_ASKS_FOR_MORE.search, (before, *asked))):
        return None
    return sum(len(_ASKS_FOR_NONE.findall(each)) for each in (before, *asked)) % 2 == 0


_READERS: Mapping[str, Callable[[_Walk, "Node", Fate], bool]] = {
    "command": _Walk.command,
    "list": _Walk.and_or,
    "pipeline": _Walk.pipeline,
    "redirected_statement": _Walk.redirected,
    "compound_statement": _Walk.inside,
    "subshell": _Walk.subshell,
    "do_group": _Walk.loop,
    **dict.fromkeys(("if_statement", "elif_clause", "while_statement"), _Walk.tested),
    **dict.fromkeys(("negated_command", "test_command"), _Walk.handled),
    **dict.fromkeys(("variable_assignment", "variable_assignments", "declaration_command"), _Walk.assignment),
    "case_statement": _Walk.case,
    "function_definition": _Walk.function,
    "for_statement": _Walk.each,
    **dict.fromkeys(("else_clause", "c_style_for_statement"), _Walk.perhaps),
}
