"""Whether a shell script looks at what became of a command, where it keeps that in a variable: `m || failed=1`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.words import assignment_of, text_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

# A flag, a count, or the status itself: `&& TAG=$(git describe)` and `|| MODE=degraded` keep another thing.
_OUTCOME = regex(
    r"\d*|true|false|yes|no|y|n|on|off|ok|failed|failure|\$\?|\$\{PIPESTATUS\[\d+\]\}|\$\(\([^()`]*\)\)",
    re.ASCII | re.IGNORECASE,
)
_FARTHEST = 20_000
_STRICT = regex(r"^[ \t]*set[ \t]+-\w*e", re.MULTILINE)
_KEEPS = frozenset({"variable_assignment", "variable_assignments", "declaration_command"})
_GROUPS = frozenset({"compound_statement", "subshell", "list", "redirected_statement"})
_BRANCHES = frozenset({"if_statement", "elif_clause"})
_BODIES = frozenset({"do_group", "else_clause", "elif_clause"})
_LOOKING = frozenset({"test", "exit", "return"})
_PRINTS = frozenset({"echo", "printf"})
# What is written, piped or put elsewhere may be asked for there.
_AWAY = frozenset({"pipeline", "command_substitution", "process_substitution", "declaration_command"})
_TO_A_PERSON = regex(r"\s*>&\s*2|\s*>\s*/dev/stderr")
# What a CI reads of what is printed: `##vso[task.setvariable …]`, `::set-output …`, `##teamcity[setParameter …]`.
_TO_CI = regex(r"##vso\[(?!task\.logissue)|##teamcity\[|::(?:set-(?:output|env)|save-state)\b")
# Behind it what is printed may go anywhere.
_PUT_ELSEWHERE = regex(r"\bexec[ \t]+[1&]?>")
_TRAPS = regex(r"\btrap[ \t][^\n]{0,500}[ \t](?:EXIT|0)\b")
_HANDS_ON = regex(r"GITHUB_(?:OUTPUT|ENV)\b")
_HANDED = regex(r"(?<![\w-])([a-zA-Z_][\w-]*)=", re.ASCII)


def handed_on(text: str) -> frozenset[str]:
    """The names by which `text` may hand something on to later steps of GitHub."""
    return frozenset(_HANDED.findall(text) if _HANDS_ON.search(text) else ())


def is_asked_for(nodes: Sequence["Node"], asked: frozenset[str], around: Iterable["Node"] = ()) -> bool:
    """Whether `nodes`, or the redirection `around` them, hand something on by one of the names `asked`.

    What they print for their CI, that asks for.
    """
    redirected = (each for each in around if each.type == "redirected_statement")
    told = any(_TO_CI.search(text_of(each)) for each in nodes)
    return told or (
        bool(asked) and any(not asked.isdisjoint(handed_on(text_of(each))) for each in (*nodes, *redirected))
    )


class Outcomes(Struct):
    """What a script keeps of its commands, and asks for behind them. It is gone through once, where it keeps any.

    `said` is the text in which it sets variables to an outcome or prints them, and `trapped` is whether a trap of it
    may say how it ends, where that has been asked for.
    """

    looks: Mapping[str, int] | None = None
    said: str | None = None
    trapped: bool | None = None

    def is_trapped(self, around: Sequence["Node"]) -> bool:
        """Whether the script sets a trap that may end it otherwise than an `exit` does. `around` as in `are_kept`."""
        script = around[0].parent
        if self.trapped is None and script is not None:
            self.trapped = _TRAPS.search(text_of(script)) is not None
        return bool(self.trapped)

    def are_kept(self, node: "Node", around: Sequence["Node"]) -> bool:
        """Whether `node` keeps what became of a command in a variable that is asked for behind it.

        `around` are the nodes that it stands in, the outermost first.
        """
        kept = [(name, at) for name, value, at in _kept(node) if _OUTCOME.fullmatch(value)]
        script = around[0].parent if kept else None
        if script is not None and self.looks is None:
            self.looks = _looks_in(script)
        looks = self.looks or {}
        return any(looks.get(name, 0) > at for name, at in kept)

    def is_forgotten(self, node: "Node", around: Sequence["Node"], *, in_file: bool) -> bool:
        """Whether `node` keeps it in a variable that the script, of no great length, at most sets again and prints.

        `around` as in `are_kept`. `in_file`: the script begins with the first line of its file, as no step of CI does.
        Whoever takes such a file in may ask for it: it is left alone unless it says `set -e` itself.
        """
        script = around[0].parent if node.type == "variable_assignment" else None
        text = text_of(script) if script is not None else ""
        if not text or len(text) > _FARTHEST or (in_file and not _STRICT.search(text)):
            return False
        if _PUT_ELSEWHERE.search(text):
            return False
        name, value = assignment_of(node)
        if script is not None and self.said is None:
            self.said = "\n".join(_said_in(script))
        named = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.ASCII)
        nowhere_else = len(named.findall(text)) == len(named.findall(self.said or ""))
        return nowhere_else and _OUTCOME.fullmatch(value) is not None


def _said_in(script: "Node") -> Iterator[str]:
    """What sets a variable to an outcome, what a person reads of them, and comments."""
    waiting = [script]
    while waiting:
        node = waiting.pop()
        body = node.child_by_field_name("body") if node.type == "redirected_statement" else None
        if node.type == "comment" or (
            node.type == "variable_assignment" and _OUTCOME.fullmatch(assignment_of(node)[1])
        ):
            yield text_of(node)
        elif body is not None and not _TO_A_PERSON.fullmatch(text_of(node)[len(text_of(body)) :]):
            continue
        elif node.type == "command" and next(iter(words_of(node)), "") in _PRINTS:
            yield text_of(node)
        elif node.type not in _AWAY:
            waiting += node.named_children


def _looks_in(script: "Node") -> Mapping[str, int]:
    """The variables that a test, a `case`, an `exit` or a `return` of `script` asks for, and where it last does so."""
    found: dict[str, int] = {}
    waiting = [(script, 0)]
    while waiting:
        node, least = waiting.pop()
        # A loop asks again behind its body, and who calls a function may stand behind anything.
        least = node.end_byte if node.type == "while_statement" else least
        least = script.end_byte if node.type == "function_definition" else least
        for each in _asking(node):
            for name in _names(each):
                found[name] = max(found.get(name, 0), each.end_byte, least)
        waiting += ((each, least) for each in node.named_children)
    return found


def _kept(node: "Node") -> Iterator[tuple[str, str, int]]:
    """The assignments of `node`, also where it is several commands: name, value and where each ends."""
    if node.type == "variable_assignment":
        yield (*assignment_of(node), node.end_byte)
    elif node.type in _KEEPS or node.type in _GROUPS:
        for each in node.named_children:
            yield from _kept(each)


def _asking(node: "Node") -> Iterator["Node"]:
    """What of `node` decides how the script goes on: no word of an `echo` does that only people read."""
    match node.type:
        case "test_command":
            yield node
        case "compound_statement" if node.children[0].type == "((":
            yield from (each for each in node.named_children if each.type != "postfix_expression")
        case "case_statement":
            yield from node.children_by_field_name("value")
        case "command":
            name = node.child_by_field_name("name")
            looks = (name is not None and text_of(name) in _LOOKING) or _TO_CI.search(text_of(node)) is not None
            # `$ok || exit 1`: the flag is the command.
            yield from node.named_children if looks else node.named_children[:1]
        case kind if kind in _BRANCHES or kind == "while_statement":
            for each in node.children:
                if each.type == "then" or each.type in _BODIES:
                    return
                yield each
        case _:
            pass


def _names(node: "Node") -> Iterator[str]:
    """The variables that `node` takes the value of."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.type == "variable_name":
            yield text_of(each)
        # `FLAG=$x command` and `if x=$(command)` set the variable.
        set_here = each.child_by_field_name("name") if each.type == "variable_assignment" else None
        waiting += (inner for inner in each.named_children if inner != set_here)
