"""JSON: an object, and what has comments and commas too many, as nodes of YAML (deno.json, turbo.json)."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.yaml_nodes import read_yaml

if TYPE_CHECKING:
    from yaml import Node

_COMMENT = regex(rb'(?P<string>"(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)

_COMMA = regex(rb'(?P<string>"(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])')


def json_object(content: str | bytes) -> Mapping[str, object] | None:
    """What a file of JSON says; None where that is no object, or cannot be read."""
    try:
        told: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def without_comments(text: str) -> str:
    """The text of such a file as plain JSON, with as many lines."""
    plain = _COMMENT.sub(_kept, text.encode())
    return _COMMA.sub(lambda each: each["string"] or b"", plain).decode("utf-8", "replace")


def _kept(found: re.Match[bytes]) -> bytes:
    return found["string"] or b"\n" * found[0].count(b"\n")


def read_jsonc(content: bytes) -> "Node | None":
    """The document; None where it is empty. Raises BadYamlError."""
    plain = _COMMENT.sub(_kept, content.removeprefix(b"\xef\xbb\xbf"))
    # JSON is YAML, but for tabs, which JSON has only between its tokens.
    return read_yaml(plain.replace(b"\t", b" "))
