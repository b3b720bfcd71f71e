"""Escapes in strings of JavaScript. Source: ECMAScript 2025, 12.9.4 (string literals)."""

import re
import sys

from migcheck.regex import regex

_ESCAPE = regex(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF


def unescape(text: str) -> str:
    """The value of what stands between the quotes of a string."""
    return _ESCAPE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    body = found[1]
    if body[0] in "ux" and len(body) > 1:
        code = int(body[1:].strip("{}"), 16)
        return chr(code) if code < _FIRST_SURROGATE or _LAST_SURROGATE < code <= sys.maxunicode else "\ufffd"
    return _SIMPLE_ESCAPES.get(body, body)
