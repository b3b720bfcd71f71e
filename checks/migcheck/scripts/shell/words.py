"""The parser of shell scripts, and the words of a command as the shell would hand them to it."""

import re
from functools import cache
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.shell.taken_out import MARK, put_back

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_ESCAPED = regex(r"\\(.)", re.DOTALL)
_ESCAPED_IN_QUOTES = regex(r'\\([$`"\\\n])')
_NO_WORD = frozenset({"variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect", "comment"})


@cache
def bash_parser() -> "Parser":
    """The one of bash, which reads what other shells read as well."""
    import tree_sitter  # noqa: PLC0415 - takes as long as a small offline run, and most runs have nothing to parse
    import tree_sitter_bash  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def words_of(command: "Node") -> tuple[str, ...]:
    """The program of a `command` node and its arguments."""
    return tuple(word_of(each) for each in command.named_children if each.type not in _NO_WORD)


def word_of(node: "Node") -> str:
    """One word without its quotes. An expansion stays as it is written."""
    text = text_of(node)
    if MARK in text:
        text = put_back(text)
    match node.type:
        case "word":
            return _ESCAPED.sub(r"\1", text)
        case "raw_string":
            return text[1:-1]
        case "string":
            return _ESCAPED_IN_QUOTES.sub(r"\1", text[1:-1])
        case "concatenation" | "command_name":
            return "".join(word_of(each) for each in node.named_children)
        case _:
            return text


def assignment_of(node: "Node") -> tuple[str, str]:
    """Name and value of a `variable_assignment` node."""
    value = node.child_by_field_name("value")
    name = node.child_by_field_name("name")
    return text_of(name) if name else "", word_of(value) if value else ""


def text_of(node: "Node") -> str:
    """What is written there."""
    return (node.text or b"").decode("utf-8", "replace")
