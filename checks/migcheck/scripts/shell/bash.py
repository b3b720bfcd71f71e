"""The parser of shell scripts."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Parser


@cache
def bash_parser() -> "Parser":
    """The one of bash, which reads what other shells read as well."""
    import tree_sitter  # noqa: PLC0415 - takes as long as a small offline run, and most runs have nothing to parse
    import tree_sitter_bash  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
