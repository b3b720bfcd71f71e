"""What becomes of a shell script where one of its commands fails."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.taken_out import without_documents
from migcheck.scripts.shell.words import text_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

_SHOWN = 40
_NEWLINE = "\n"
_WAITS = regex(r"(?:^|[\s;(])wait[ \t]+[-$%\"\d]")
# What may be a look at what became of a loop, behind it.
_LOOKS = regex(r"\b(?:exit|return|false|kill|trap)\b|\$[?0]|\|\||migrat|drizzle", re.IGNORECASE)
_FARTHEST = 20_000
_TRIED = ("command", "redirected_statement")
_GROUPS = ("compound_statement", "subshell", "list", "redirected_statement")
_LEAVES_SO = ("exit",), ("return",)
_TESTS = ("test_command", "compound_statement")
_NAME = regex(r"[^\W\d]\w*", re.ASCII)
_SUCCEED = frozenset({"true", ":", "echo", "printf"})


class Fate(Struct, frozen=True):
    """What becomes of the script where a command fails: how it goes on, or empty where it ends there.

    `tested` is the same for a command whose failure `set -e` looks past. `pipestatus`: what comes next asks for the
    status of each command of a pipeline. `looked_past`: of a function, `set -e` looks past all that is in it.
    """

    failed: str = ""
    tested: str = ""
    pipestatus: bool = False
    looked_past: bool = False


HANDLED = Fate()
"""It is looked at: an `if`, a fallback, an `exit`."""


TESTED = "if"
"""Why a function goes on that is tested where it is called: `if f`, `f || exit`."""

LEFT = "if !, then exit"
"""Why a script ends as if all had gone well: `exit` alone takes the status of the test, which `!` made a success."""

GIVEN_UP = "for"
"""Why a script goes on behind a loop in which each try failed."""


class Called(NamedTuple):
    """A call of a function: what becomes of its failure, and whether it is `tested`, or that is not known."""

    fate: Fate
    tested: bool
    known: bool = True


def fate_of_function(calls: Sequence[Called]) -> Fate:
    """What becomes of a function that is called so wherever it is called; as if looked at where that is not one."""
    if not all(each.known for each in calls) or len({each.tested for each in calls}) != 1:
        return HANDLED
    first = calls[0].fate if all(each.fate.failed for each in calls) else HANDLED
    return Fate(first.failed, first.tested, looked_past=calls[0].tested)


def with_behind(node: "Node", behind: "Node", fate: Fate, options: ShellOptions) -> Fate:
    """What becomes of the script where `node` fails and `behind` is the next statement, of a block with that `fate`."""
    told = text_of(behind)
    if "$?" in told:
        return HANDLED
    if "PIPESTATUS" in told:
        return Fate(pipestatus=True)
    same_line = node.end_point.row == behind.start_point.row
    goes_on = f"; {shortened(told.partition(_NEWLINE)[0])}" if same_line else "no `set -e`"
    goes_on = options.heedless or goes_on
    return Fate(fate.failed, "&&") if options.errexit else Fate(goes_on, goes_on)


def succeeds(node: "Node") -> bool:
    """Whether `node` cannot fail."""
    return node.type == "command" and next(iter(words_of(node)), "") in _SUCCEED


def otherwise(right: "Node", fate: Fate, ending: Collection[str], *, forgotten: bool = False) -> Fate:
    """What becomes of the script where what stands before `|| RIGHT` fails; `ending` are functions that end it.

    `forgotten`: RIGHT keeps the failure where nobody asks for it.
    """
    if forgotten or _goes_on(right):
        told = f"|| {shortened(text_of(right))}"
        return Fate(told, told)
    called = right.type == "command" and next(iter(words_of(right)), "") in ending
    return HANDLED if called or ends(right) else fate


def and_then(right: "Node", fate: Fate, around: Sequence["Node"], ending: Collection[str]) -> Fate:
    """What becomes of the script where what stands before `&& RIGHT` fails: `&& exit` leaves the rest to failures.

    `around` are the nodes that it stands in, the innermost last.
    """
    if not _leaves(right):
        return Fate(fate.tested, fate.tested)
    match around:
        case [loop, body, tries] if _is_given_up(loop, body, tries, ending):
            return Fate(GIVEN_UP, GIVEN_UP)
        case _:
            return HANDLED


def _is_given_up(loop: "Node", body: "Node", tries: "Node", ending: Collection[str]) -> bool:
    """Whether the script goes on behind `loop` where each of its `tries` failed: what stands there looks at none.

    The body is `m && break` and words or a pause. Whatever might be a look at what became of it counts as one.
    """
    script, variable = loop.parent, _counter(loop, body)
    if script is None or script.type != "program" or not variable or loop.end_byte + _FARTHEST < script.end_byte:
        return False
    tried, *_, left = tries.named_children
    if tried.type not in _TRIED or text_of(left) != "break":
        return False
    if not all(each == tries or _is_idle(each) or _counts(each, variable) for each in _statements(body.children)):
        return False
    behind = (script.text or b"")[loop.end_byte - script.start_byte :].decode("utf-8", "replace")
    looks = {f"${variable}", f"${{{variable}", "((", text_of(tried), *ending}
    return bool(behind.strip(" \t\n;")) and not _LOOKS.search(behind) and not any(each in behind for each in looks)


def _counter(loop: "Node", body: "Node") -> str:
    """The variable that tells `loop` when to end; empty where it may go on until a try succeeds."""
    if loop.type == "for_statement":
        return text_of(loop.child_by_field_name("variable") or loop)
    test = loop.child_by_field_name("condition") if loop.type == "while_statement" else None
    names = set(_NAME.findall(text_of(test))) if test is not None and test.type in _TESTS else set[str]()
    return next((name for name in sorted(names) if any(_counts(each, name) for each in body.named_children)), "")


def _counts(node: "Node", variable: str) -> bool:
    """Whether `node` sets `variable` to what comes of itself: `n=$((n + 1))`, `((n++))`, `let n+=1`."""
    told = text_of(node)
    if node.type == "variable_assignment":
        name, _, value = told.partition("=")
        return name == variable and variable in _NAME.findall(value)
    counting = node.type == "compound_statement" and told.startswith("((")
    counting = counting or (node.type == "command" and words_of(node)[:1] == ("let",))
    return counting and variable in _NAME.findall(told)


def _is_idle(node: "Node") -> bool:
    """Whether `node` says something or waits, and does nothing else."""
    node = node.named_children[0] if node.type == "redirected_statement" else node
    return succeeds(node) or (node.type == "command" and words_of(node)[:1] == ("sleep",))


def _goes_on(node: "Node") -> bool:
    """Whether the script goes on after `node`, which runs because something failed."""
    named = [each for each in node.children if each.is_named]
    match node.type:
        case "command":
            words = words_of(node)
            return succeeds(node) or words in (("exit", "0"), ("return", "0"))
        case "compound_statement" | "subshell" if named:
            return _ends_well(named) or (not any(ends(each) for each in named) and _goes_on(named[-1]))
        case "list" if len(named) == 2:  # noqa: PLR2004
            either = any(each.type == "||" for each in node.children)
            return (any if either else all)(_goes_on(each) for each in named)
        case "redirected_statement" if named:
            return _goes_on(named[0])
        case _:
            return False


class PassedOver(NamedTuple):
    """What is `tried` behind an `if`, and the `branch` that is run where it fails, behind which the script goes on."""

    tried: Sequence["Node"]
    branch: Sequence["Node"]

    @property
    def leaves(self) -> bool:
        """Whether the script ends in that branch, where no trap says otherwise."""
        return words_of(self.branch[-1]) in _LEAVES_SO

    @property
    def told(self) -> str:
        """For a sentence."""
        return f"if{' !, then' if len(self.tried) > 1 else ', else'} {shortened(text_of(self.branch[0]))}"


def passed_over(test: "Node", then: Sequence["Node"], others: Sequence["Node"]) -> PassedOver | None:
    """What an `if` looks at and passes over, where no more hangs on its success than that this is said; else None.

    `others` are its `elif` and `else`. Behind `!` an `exit` alone takes the status of that, which is success.
    """
    alone = not others or (len(others) == 1 and others[0].type == "else_clause")
    behind = [_statements(then), _statements(others[0].children if others else ())]
    negated = test.type == "negated_command"
    failed, fine = behind if negated else reversed(behind)
    leaves = negated and bool(failed) and words_of(failed[0]) in _LEAVES_SO
    goes_on = leaves or _ends_well(failed) or (bool(failed) and all(map(_goes_on, failed)))
    if not alone or not goes_on or not all(map(_is_idle, fine)):
        return None
    return PassedOver(test.children if negated else (test,), failed)


def _statements(nodes: Iterable["Node"]) -> Sequence["Node"]:
    return [each for each in nodes if each.is_named and each.type != "comment"]


def _ends_well(statements: Sequence["Node"]) -> bool:
    """Whether the last of them leaves with the status of one that cannot fail: `{ echo failed; exit; }` is `exit 0`."""
    match statements:
        case [*_, before, last] if last.type == "command" and succeeds(before):
            return words_of(last) in _LEAVES_SO
        case _:
            return False


def _leaves(node: "Node") -> bool:
    """Whether `node` leaves what it stands in, however that goes."""
    if node.type == "command":
        words = words_of(node)
        return words[:1] in (("exit",), ("return",), ("break",)) or (words[:1] == ("exec",) and len(words) > 1)
    return node.type in _GROUPS and any(_leaves(each) for each in node.children if each.is_named)


def ends(node: "Node") -> bool:
    """Whether `node` ends the script, and not with success."""
    named = [each for each in node.children if each.is_named]
    if node.type == "command":
        words = words_of(node)
        is_killed = words[:1] == ("kill",) and words[-1] == "$$"
        return is_killed or (words[:1] in (("exit",), ("return",)) and words[1:] != ("0",))
    return node.type in _GROUPS and any(ends(each) for each in named)


def shortened(text: str) -> str:
    """`text` as a person reads it, or its beginning where it is long."""
    text = without_documents(text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def last_awaited(nodes: Sequence["Node"]) -> int:
    """The place of the last node that waits for one command and takes its status: `wait` alone never fails."""
    if all(each.type != "&" for each in nodes):
        return 0
    return max((at for at, each in enumerate(nodes) if _WAITS.search(text_of(each))), default=0)
