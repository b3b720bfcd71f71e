"""The simple commands of a shell script, with what the shell does where one of them fails.

Facts: POSIX 2.14 "set" (`-e` looks past every command of an AND-OR list but the last, and past what is tested), 2.9.2
(the status of a pipeline is its last command's).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.shell.arms import Arm, arms_of, subject_of
from migcheck.scripts.shell.bash import bash_parser
from migcheck.scripts.shell.command import Command, ShellOptions
from migcheck.scripts.shell.fate import (
    HANDLED,
    TESTED,
    Called,
    Fate,
    and_then,
    ends,
    fate_of_function,
    last_awaited,
    otherwise,
    passed_over,
    shortened,
    succeeds,
    with_behind,
)
from migcheck.scripts.shell.outcomes import Outcomes, is_asked_for
from migcheck.scripts.shell.simple_commands import SimpleCommands
from migcheck.scripts.shell.taken_out import taken_out
from migcheck.scripts.shell.words import text_of, word_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

LARGEST = 256 * 1024
"""Characters of a script that is read."""
_PLAIN = ShellOptions()
_UNAWAITED = Fate("&", "&")
_STRICT = regex(r"#![^\n]{0,100}?\b(?:ba|da|a|k|z)?sh\s+(?:-\w+\s+)*(?:-\w*e|-o\s+errexit)", re.ASCII)


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
    documents = "<<" in text
    walk = _Walk(SimpleCommands(read_shell, line, options, depth, documents=documents), {})
    try:
        root = bash_parser().parse(taken_out(text).encode("utf-8", "replace")).root_node
        walk.shell(root, Fate(fate, fate))
        if functions := walk.functions():
            walk = _Walk(SimpleCommands(read_shell, line, options, depth, documents=documents), functions)
            walk.shell(root, Fate(fate, fate))
    except RecursionError as error:
        raise UnreadableScriptError("is nested too deeply to be read") from error
    return tuple(walk.commands.found)


class _Walk:
    """One pass over a script. Each method that reads a statement tells whether the script always ends there.

    `fates` are what becomes of its functions, which a first pass tells: they are called behind their definition.
    """

    def __init__(self, commands: SimpleCommands, fates: Mapping[str, Fate]) -> None:
        self.commands, self.fates = commands, fates
        self.retries = self.tests = False
        self.ending: set[str] = set()
        self.outcomes = Outcomes()
        self.leaves: Mapping[str, Fate] = {}
        self.calls: dict[str, list[Called]] = {}

    def functions(self) -> Mapping[str, Fate]:
        """What becomes of the functions of which that is sure."""
        found = {name: fate_of_function(calls) for name, calls in self.calls.items() if calls}
        return {name: fate for name, fate in found.items() if fate != HANDLED}

    def block(self, nodes: Iterable["Node"], fate: Fate) -> bool:
        every = [each for each in nodes if each.type not in ("comment", "heredoc_body")]
        statements = [number for number, each in enumerate(every) if each.is_named]
        awaited = last_awaited(every)
        for number, following in zip_longest(statements, statements[1:]):
            node, follower = every[number], None if following is None else every[following]
            if number + 1 < len(every) and every[number + 1].type == "&":
                told = HANDLED if number < awaited else _UNAWAITED
            else:
                told = self._fate_of(node, follower, fate)
            if self.statement(node, told):
                return True
        return False

    def _fate_of(self, node: "Node", follower: "Node | None", fate: Fate) -> Fate:
        if follower is None or self.retries:
            return fate if follower is None else HANDLED
        left = self.leaves.get(text_of(follower).strip())
        return with_behind(node, follower, fate, self.commands.options) if left is None else left

    def shell(self, node: "Node", fate: Fate, leaves: Mapping[str, Fate] | None = None) -> None:
        """What a shell runs, or a function: `exit` and `return` alone hand on the status of what stands before."""
        kept, self.leaves = self.leaves, leaves or {"exit": fate, "return": fate}
        self.block(node.children, fate)
        self.leaves = kept

    def statement(self, node: "Node", fate: Fate) -> bool:
        self.commands.around.append(node)
        ended = _READERS.get(node.type, _Walk.anything)(self, node, fate)
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
        begin, ends = self.commands.directory, {self.commands.directory}
        around, arms = self.commands.arm, iter(self._arms(node))
        for each in node.named_children:
            if each.type == "case_item":
                self.commands.directory, self.commands.arm = begin, around or next(arms)
                self.block(each.children, fate)
                ends.add(self.commands.directory)
            else:
                self.substitutions(each, fate)
        self.commands.directory, self.commands.arm = begin if len(ends) == 1 else None, around
        return False

    def _arms(self, node: "Node") -> "Sequence[Arm | None]":
        """Which item is whose to choose: that of a case on the script's first argument, at its top."""
        is_top = node.parent is not None and node.parent.type == "program" and not self.commands.shifted
        first = self.commands.variables.first_argument(node, subject_of(node)) if is_top else None
        return [None] * node.named_child_count if first is None else arms_of(node, first)

    def function(self, node: "Node", _fate: Fate) -> bool:
        """A definition moves nowhere. What becomes of its failure is for who calls it."""
        begin, around, options = self.commands.directory, self.commands.function, self.commands.options
        name = self.commands.function = text_of(node.named_children[0])
        fate = self.fates.get(name, HANDLED)
        if fate.looked_past and options.errexit:
            self.commands.options = replace(options, errexit=False, heedless=TESTED)
        self.shell(node, fate, {**self.leaves, "return": fate})
        if fate.looked_past:
            self.commands.options = options
        self.commands.directory, self.commands.function = begin, around
        # One that is defined twice is not known.
        self.calls[name] = [Called(HANDLED, tested=False, known=False)] if name in self.calls else []
        self.ending |= {name} if any(ends(each) for each in node.named_children) else set()
        return False

    def handled(self, node: "Node", _fate: Fate) -> bool:
        """A failure is what is asked for."""
        self._tested(lambda: self.block(node.children, HANDLED))
        return False

    def _tested(self, read: Callable[[], bool | None]) -> bool:
        """What is read so is tested: `set -e` looks past it, and past all of a function that it calls."""
        kept, self.tests = self.tests, True
        ended = bool(read())
        self.tests = kept
        return ended

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
        body, kept = False, self.commands.variables.settings
        inside: list[Node] = []
        others: list[Node] = []
        tests: list[Node] = []
        for each in node.children:
            body = body or each.type == "then"
            if each.type in ("elif_clause", "else_clause", "do_group"):
                others.append(each)
            elif body:
                inside.append(each)
            elif each.is_named:
                tests.append(each)
        self._tested(lambda: self._test(tests, inside, others))
        self.block(inside, fate)
        for each in others:
            self.commands.variables.settings = kept
            self.statement(each, fate)
        # `if [ -z "$URL" ]; then export URL=…` sets it where nobody else did.
        self.commands.variables.settings = kept
        return False

    def _test(self, tests: "Sequence[Node]", then: "Sequence[Node]", others: "Sequence[Node]") -> None:
        """What stands behind `if`. `if ! m; then echo bad; fi` looks at the failure, and goes on all the same."""
        passed = None if self.retries or len(tests) != 1 else passed_over(tests[0], then, others)
        trapped = passed is not None and passed.leaves and self.outcomes.is_trapped(self.commands.around)
        if passed is not None and not trapped and not is_asked_for(passed.branch, self.commands.options.asked):
            self.block(passed.tried, Fate(passed.told, passed.told))
            return
        for each in tests:
            self.statement(each, HANDLED)

    def loop(self, node: "Node", fate: Fate) -> bool:
        """The body of a loop. One that can be left may try again: nobody knows here what its last try comes to."""
        kept, self.retries = self.retries, self.retries or "break" in text_of(node)
        self.block(node.children, HANDLED if self.retries else fate)
        self.retries = kept
        return False

    def subshell(self, node: "Node", fate: Fate) -> bool:
        kept = self.commands.directory, self.commands.options, self.commands.variables.settings
        self.shell(node, fate)
        self.commands.directory, self.commands.options, self.commands.variables.settings = kept
        return False

    def and_or(self, node: "Node", fate: Fate) -> bool:
        named = [each for each in node.children if each.is_named]
        if len(named) != 2:  # noqa: PLR2004 - a list that does not parse
            return self.block(named, fate)
        left, right = named
        is_or = any(each.type == "||" for each in node.children)
        around, ending, asked = self.commands.around, self.ending, self.commands.options.asked
        lost = is_or and self.outcomes.is_forgotten(right, around, in_file=self.commands.line == 1)
        told = otherwise(right, fate, ending, forgotten=lost) if is_or else and_then(right, fate, around, ending)
        told = HANDLED if is_asked_for([right], asked, around[-2:-1]) or self.outcomes.are_kept(right, around) else told
        if self._tested(lambda: self.statement(left, told)) and not is_or:
            return True
        return self.statement(right, fate) and not is_or and succeeds(left)

    def pipeline(self, node: "Node", fate: Fate) -> bool:
        *before, last = [each for each in node.children if each.is_named]
        lost = f"| {shortened(text_of(last))}"
        for each in before:
            self.statement(each, fate if self.commands.options.pipefail or fate.pipestatus else Fate(lost, lost))
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
        if (calls := self.calls.get(next(iter(words_of(node)), ""))) is not None:
            calls.append(Called(fate, self.tests, known=not self.commands.function and not self.retries))
        return self.commands.take(node, fate)


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
