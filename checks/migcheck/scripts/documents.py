"""Here-documents and here-strings: what a command reads of one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.taken_out import document_in
from migcheck.scripts.words import text_of, word_of, words_of

if TYPE_CHECKING:
    from tree_sitter import Node


class Document(Struct, frozen=True):
    """What a command reads, as it gets it. `row` is where that begins in its script; None where it has no line."""

    text: str
    row: int | None = None


def handed_to(command: "Node") -> Document | None:
    """What a command reads of a here-document or a here-string, its own or that of a `cat` which pipes it on."""
    own = list(_read(command))
    if not own and command.parent is not None and command.parent.type == "pipeline":
        before = command.prev_named_sibling
        if before is not None and before.type == "command" and words_of(before) == ("cat",):
            own = list(_read(before))
    return own[-1] if own else None


def _read(command: "Node") -> Iterator[Document]:
    for each in command.named_children:
        if each.type == "herestring_redirect" and each.named_children:
            word = each.named_children[0]
            found = document_in(text_of(word))
            yield Document(word_of(word)) if found is None else Document(*found)
