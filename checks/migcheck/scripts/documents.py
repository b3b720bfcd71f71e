"""Here-documents and here-strings: what a command reads of one, and what stands behind one on its line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migcheck.scripts.words import text_of, word_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node

_COMMANDS = ("command", "pipeline", "list")


def handed_to(command: "Node") -> str:
    """The here-document, or the here-string, that a command reads, as it is written; empty where there is none."""
    for each in command.named_children:
        if each.type == "herestring_redirect" and each.named_children:
            return word_of(each.named_children[0])
    around = _redirected(command)
    bodies = [each for each in _in_documents(around) if each.type == "heredoc_body"] if around is not None else []
    return text_of(bodies[-1]) if bodies else ""


def behind_documents(redirected: "Node") -> "list[Node]":
    """The commands that stand behind `<<E` on its line."""
    return [each for each in _in_documents(redirected) if each.type in _COMMANDS]


def _in_documents(redirected: "Node") -> "Iterator[Node]":
    documents = (each for each in redirected.named_children if each.type == "heredoc_redirect")
    return (each for document in documents for each in document.named_children)


def _redirected(command: "Node") -> "Node | None":
    """The statement whose redirections a command has: its own, or that of a `cat` which pipes them to it."""
    around = command.parent
    if around is not None and around.type == "pipeline":
        # What is piped further is a pipeline within that one.
        document = around.parent
        whole = document.parent if document is not None and document.type == "heredoc_redirect" else None
        body = whole.child_by_field_name("body") if whole is not None else None
        return whole if body is not None and words_of(body) == ("cat",) else None
    is_redirected = around is not None and around.type == "redirected_statement"
    return around if is_redirected else None
