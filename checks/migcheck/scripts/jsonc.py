"""JSON with comments and commas too many, as nodes of YAML: deno.json, devcontainer.json."""

import re
from typing import TYPE_CHECKING

from migcheck.scripts.yaml_nodes import read_yaml

if TYPE_CHECKING:
    from yaml import Node

_COMMENT = re.compile(rb'(?P<string>"(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)


def read_jsonc(content: bytes) -> "Node | None":
    """The document; None where it is empty. Raises BadYamlError."""
    plain = _COMMENT.sub(
        lambda each: each["string"] or b"\n" * each[0].count(b"\n"), content.removeprefix(b"\xef\xbb\xbf")
    )
    # JSON is YAML, but for tabs, which JSON has only between its tokens.
    return read_yaml(plain.replace(b"\t", b" "))
