"""Paths that a shell script names from where it lies: `"$(dirname "$0")/lib"`, `HERE=${0%/*}; . "$HERE/lib"`."""

import re
from collections.abc import Mapping
from posixpath import normpath

from migcheck.regex import regex

_PATH = r"(?:/[\w@+.*-]+)*/?"
_OF_SELF = r"(?:0|BASH_SOURCE(?:\[0\])?)"
_SELF = rf'"?\$(?:0|BASH_SOURCE|\{{{_OF_SELF}(?::-\$0)?\}})"?'
_REAL = rf'"?\$\((?:realpath|readlink -f)(?: --)? {_SELF}\)"?'
_OWN = rf"\$\(dirname(?: --)? (?:{_SELF}|{_REAL})\)|`dirname(?: --)? {_SELF}`|\$\{{{_OF_SELF}%/\*\}}"
_FROM = rf"(?:{_OWN}|\$(?P<bare>[A-Za-z_]\w*)|\$\{{(?P<braced>[A-Za-z_]\w*)\}})"
_WORD = regex(rf"{_FROM}(?P<rest>{_PATH})", re.ASCII)
_ENTERED = regex(
    rf'\$\(\s*(?:CDPATH= )?cd(?: -P)?(?: --)? "?{_FROM}(?P<within>{_PATH})"?'
    rf"(?:[^&;()\n]|&(?=[\d>])){{0,40}}(?:&&|;)\s*pwd(?: -P)?\s*\)(?P<rest>{_PATH})",
    re.ASCII,
)
_SELF_WORD = regex(_SELF, re.ASCII)
_BEGINS = ("$", "`")
_LONGEST = 300


def is_self(word: str) -> bool:
    """Whether `word` names the script that says it: `"$0"`."""
    return _SELF_WORD.fullmatch(word) is not None


def beside(word: str, places: Mapping[str, str]) -> str | None:
    """The path that `word` names, from the directory of the script that says it; None where it names none so.

    `places` are the variables that stand for such paths.
    """
    if not word.startswith(_BEGINS) or len(word) > _LONGEST:
        return None
    found = _WORD.fullmatch(word) or _ENTERED.fullmatch(word)
    if found is None:
        return None
    name = found["bare"] or found["braced"]
    begin = places.get(name) if name else "."
    within = found.groupdict().get("within") or ""
    return None if begin is None else normpath(f"{begin}/{within}/{found['rest']}")
