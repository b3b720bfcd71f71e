"""What a command reads: a here-document, a here-string, a file (`psql < a.sql`), or what is piped into it as a text.

Facts: POSIX 2.7 "Redirection" (of several for one file the last one holds, before what is piped); 2.7.4 (in a document
whose word has no quotes `$(…)` is run).
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.taken_out import MARK, document_in
from migcheck.scripts.shell.words import bash_parser, text_of, word_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

_REDIRECTED = "redirected_statement"
_ENDING = ("pipeline", "list")
_GROUPS = ("compound_statement", "subshell")
_ERRORS = "2"
_ESCAPES = regex(r"\\([nt\\])")
_ESCAPED = {"n": "\n", "t": "\t", "\\": "\\"}
_PUT_IN = regex(r"%(?:[sbq]|(%))")
_MOST = 50
_END = f"E{MARK}"


class Document(Struct, frozen=True):
    """A text, as a command gets it. `row` is where it begins in its script; None where it has no line.

    `written` is the same where the shell runs what stands in it as `$(…)`; empty where it runs nothing.
    """

    text: str
    row: int | None = None
    written: str = ""


class Files(Struct, frozen=True):
    """The files whose texts it gets, one after another."""

    paths: tuple[str, ...]


def handed_to(command: "Node", around: Sequence["Node"] = ()) -> Document | Files | None:
    """What a command reads, its own or what another pipes into it; None where that is nothing, or nobody knows.

    `around` are the statements that it stands in, the nearest last.
    """
    found, piped = _last(_own(command)), None
    node = command
    for each in reversed(around):
        if found is not None:
            break
        inside = each.named_children
        if each.type == _REDIRECTED:
            found = _last(_redirects(each))
        elif each.type == "pipeline" and len(inside) <= _MOST:
            at = inside.index(node)
            piped = piped or (_printed(inside[at - 1]) if at else None)
        if not (each.type in (_REDIRECTED, "negated_command") or (each.type in _ENDING and inside[-1:] == [node])):
            break
        node = each
    return found or piped


def substituted(document: Document) -> Iterator[tuple[str, int]]:
    """What the shell runs of a document, each with the row of the document it begins at."""
    if "$(" not in document.written:
        return
    text = f"cat <<{_END}\n{document.written}\n{_END}"
    left = [bash_parser().parse(text.encode("utf-8", "replace")).root_node]
    while left:
        node = left.pop()
        if node.type == "command_substitution":
            yield text_of(node)[2:-1], node.start_point.row - 1
        else:
            left += reversed(node.named_children)


def _last(found: "Iterator[Document | Files]") -> Document | Files | None:
    return next(iter([*found][::-1]), None)


def _own(command: "Node") -> Iterator[Document | Files]:
    for each in command.named_children:
        if each.type == "herestring_redirect" and each.named_children:
            yield _document(each.named_children[0])


def _redirects(statement: "Node") -> Iterator[Document | Files]:
    """What the redirections around a command give it. Behind another the grammar takes `<<<` for a mistake and `<`."""
    before = ""
    for each in statement.children:
        if each.type == "file_redirect" and (word := each.child_by_field_name("destination")) is not None:
            is_text = before == "<<" or MARK in text_of(word)
            if is_text:
                yield _document(word)
            elif text_of(each).startswith("<") and not text_of(each).startswith("<&"):
                yield Files((word_of(word),))
        before = text_of(each) if each.type == "ERROR" else ""


def _document(word: "Node") -> Document:
    found = document_in(text_of(word))
    return Document(word_of(word), word.start_point.row) if found is None else Document(*found)


def _printed(node: "Node") -> Document | Files | None:
    """What a statement pipes on, where that is a text or files as they are."""
    if node.type == "command":
        return _printed_by(words_of(node), node)
    if node.type in _GROUPS:
        found = [_printed(each) for each in node.named_children[:_MOST] if each.type != "comment"]
        return _together([each for each in found if isinstance(each, Document)]) if all(found) else None
    body = node.child_by_field_name("body") if node.type == _REDIRECTED else None
    if body is None or _is_written_away(node):
        return None
    return _last(_redirects(node)) if body.type == "command" and words_of(body) == ("cat",) else _printed(body)


def _printed_by(words: Sequence[str], command: "Node") -> Document | Files | None:
    match words:
        case ("cat",):
            return _last(_own(command))
        case ("cat", *paths) if not any(each.startswith("-") for each in paths):
            return Files(tuple(paths))
        case ("echo", *texts):
            return Document(_unescaped(" ".join(each for each in texts if each not in ("-e", "-n", "-ne", "-en"))))
        case ("printf", form, *values):
            left = iter(values)
            return Document(_PUT_IN.sub(lambda found: "%" if found[1] else next(left, ""), _unescaped(form)))
        case _:
            return None


def _together(found: Sequence[Document]) -> Document | None:
    if len(found) <= 1:
        return next(iter(found), None)
    return Document("\n".join(each.text for each in found))


def _is_written_away(statement: "Node") -> bool:
    told = (text_of(each) for each in statement.named_children if each.type == "file_redirect")
    return any(">" in each and not each.startswith(_ERRORS) for each in told)


def _unescaped(text: str) -> str:
    return _ESCAPES.sub(_of_escape, text)


def _of_escape(found: "re.Match[str]") -> str:
    return _ESCAPED[found[1]]
