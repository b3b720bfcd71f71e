"""Shell scripts without an ending in their name, which commands name: `./bin/release`, `bash bin/release`.

A glance at texts, before anything is parsed: what is named here and is not there does no harm. Facts: execve(2)
"Interpreter scripts"; POSIX.1-2024 "Command Search and Execution" (a file that the system cannot execute, a shell reads
as a script).
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from posixpath import basename

from migcheck.regex import regex

_NAMED = regex(rb"/([\w@+-]{1,100})(?![\w@+./-])", re.ASCII)
_GIVEN = regex(
    rb"(?<![\w.-])(?:ba|da|a|z|k)?sh[\"']?[\s,]{1,5}(?:[\"']?-[\w-]{1,20}[\"']?[\s,]{1,5}){0,5}"
    rb"[\"']?[\w@+./-]{0,200}/([\w@+-]{1,100})(?![\w@+./-])",
    re.ASCII,
)
# What it begins with comes first: to look for that alone takes a third of the time.
_SOURCED = regex(
    rb"(?:\.(?<![^\s;&|({\"'`]\.)|source(?<![^\s;&|({\"'`]source))[ \t]{1,5}[\"']?"
    rb"(?:\$\([^\n]{1,100}?\)[\"']?|`[^`\n]{1,50}`|\$\{[^}\n]{1,50}\}[\"']?|\$\w{1,50}[\"'])?"
    rb"[\w@+./$-]{0,200}/([\w@+-]{1,100})(?![\w@+./-])",
    re.ASCII,
)
_FOR_A_SHELL = regex(rb"#![^\n]{0,100}\b(?:ba|da|a|z|k)?sh\b")
_INTERPRETED = b"#!"
_BINARY = b"\0"
_A_GLANCE = 1_000


def may_be_script(path: str) -> bool:
    """Whether the file at `path` has no ending in its name."""
    return "." not in basename(path)


def named_in_texts(texts: Iterable[bytes]) -> frozenset[str]:
    """The names of what may be such a script: everything without an ending behind a slash."""
    return frozenset[str]().union(*map(_named, texts))


def given_to_shells(texts: Iterable[bytes]) -> frozenset[str]:
    """The names of what a shell is given to read, or takes in (`. ./lib`), whatever its first line says."""
    return frozenset[str]().union(*map(_given, texts))


# Most texts stand in base as they do in head, and in both they are asked more than once.
@lru_cache(maxsize=4096)
def _named(text: bytes) -> frozenset[str]:
    return frozenset(name.decode() for name in _NAMED.findall(text))


@lru_cache(maxsize=4096)
def _given(text: bytes) -> frozenset[str]:
    given = _GIVEN.findall(text) if b"sh" in text else []
    sourced = _SOURCED.findall(text) if b". " in text or b"source" in text else []
    return frozenset(name.decode() for name in (*given, *sourced))


def may_be_run(content: bytes, *, executable: bool) -> bool:
    """Whether a shell would run a file without an ending: its first line says so, or nothing, and it is executable."""
    return _FOR_A_SHELL.match(content) is not None or (executable and not content.startswith(_INTERPRETED))


def may_be_given(content: bytes) -> bool:
    """Whether a shell that is given a file without an ending would read it: a text whose first line names nothing."""
    return not content.startswith(_INTERPRETED) and _BINARY not in content[:_A_GLANCE]


def is_for_a_shell(text: str) -> bool:
    """Whether a shell runs `text`, which a shell is given: its first line names one, or nothing."""
    begin = text[:_A_GLANCE].encode("utf-8", "replace")
    return not begin.startswith(_INTERPRETED) or _FOR_A_SHELL.match(begin) is not None


def is_script(path: str, content: bytes, given: frozenset[str]) -> bool:
    """Whether the file at `path` is one: its first line says so, or it is `given` to a shell and is a text."""
    if not may_be_script(path):
        return False
    if content.startswith(_INTERPRETED):
        return _FOR_A_SHELL.match(content) is not None
    return basename(path) in given and may_be_given(content)


def scripts_among(found: Mapping[str, bytes], texts: Iterable[bytes]) -> dict[str, bytes]:
    """Those of the files `found` that are such scripts, as `texts` name them."""
    plain = not all(each.startswith(_INTERPRETED) for each in found.values())
    given = given_to_shells(texts) if plain else frozenset()
    return {path: content for path, content in found.items() if is_script(path, content, given)}
