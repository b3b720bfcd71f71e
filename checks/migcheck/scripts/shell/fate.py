"""What becomes of a shell script where one of its commands fails."""

from typing import TYPE_CHECKING

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
_LEAVES = regex(r"(?:^|[\s;{(])(?:exit|return|break|exec)\b")
# What is kept, or is written where something else may ask for it: a variable, a file, what CI reads of what is printed.
_KEEPS = regex(r"(?:^|[\s;{(])\w+=|\d?>(?!&\s*2|\s*/dev/)|##\w|::(?:set-|save-)")
_LAST_STATUS = ("exit", "return")
"""They take the status of what stands before them."""
_AROUND = ("list", "redirected_statement")
_SUCCEED = frozenset({"true", ":", "echo", "printf"})


class Fate(Struct, frozen=True):
    """What becomes of the script where a command fails: how it goes on, or empty where it ends there.

    `tested` is the same for a command whose failure `set -e` looks past.
    """

    failed: str = ""
    tested: str = ""


HANDLED = Fate()
"""It is looked at, or may be: an `if`, a fallback, an `exit`, a flag."""
UNAWAITED = Fate("&", "&")


def with_behind(node: "Node", behind: "Node", fate: Fate, options: ShellOptions) -> Fate:
    """What becomes of the script where `node` fails and `behind` is the next statement, of a block with that `fate`."""
    told = text_of(behind)
    if "$?" in told or "PIPESTATUS" in told or told.strip() in _LAST_STATUS:
        return HANDLED
    same_line = node.end_point.row == behind.start_point.row
    goes_on = f"; {shortened(told.partition(_NEWLINE)[0])}" if same_line else "no `set -e`"
    return Fate(fate.failed, "&&") if options.errexit else Fate(goes_on, goes_on)


def otherwise(right: "Node") -> Fate:
    """What becomes of the script where what stands before `|| RIGHT` fails: whatever may look at that does so."""
    if not _goes_on(right) or keeps(right):
        return HANDLED
    told = f"|| {shortened(text_of(right))}"
    return Fate(told, told)


def and_then(right: "Node", fate: Fate) -> Fate:
    """What becomes of the script where what stands before `&& RIGHT` fails: `&& exit` leaves the rest to failures."""
    if keeps(right) or _LEAVES.search(text_of(right)):
        return HANDLED
    return Fate(fate.tested, fate.tested)


def is_waited_for(script: str) -> bool:
    """Whether a script waits for one command and takes its status: `wait` alone never fails."""
    return _WAITS.search(script) is not None


def succeeds(node: "Node") -> bool:
    """Whether `node` cannot fail."""
    return node.type == "command" and next(iter(words_of(node)), "") in _SUCCEED


def keeps(node: "Node") -> bool:
    """Whether `node` keeps what became of a command, for whoever asks for that."""
    around = node
    while around.parent is not None and around.parent.type in _AROUND:
        around = around.parent
    told = (around.text or b"")[node.start_byte - around.start_byte :]
    return _KEEPS.search(told.decode("utf-8", "replace")) is not None


def _goes_on(node: "Node") -> bool:
    """Whether the script goes on after `node`, which runs because something failed."""
    named = [each for each in node.children if each.is_named]
    match node.type:
        case "command":
            return succeeds(node) or words_of(node) in (("exit", "0"), ("return", "0"))
        case "compound_statement" | "subshell" | "list" if named:
            return all(map(_goes_on, named))
        case "redirected_statement" if named:
            return _goes_on(named[0])
        case _:
            return False


def shortened(text: str) -> str:
    """`text` as a person reads it, or its beginning where it is long."""
    text = without_documents(text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
