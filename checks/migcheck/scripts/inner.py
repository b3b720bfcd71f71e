"""Scripts that a command is given as an argument: `sh -c "…"`, `ssh host "…"`, `concurrently "…" "…"`."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from posixpath import basename

from msgspec import Struct

from migcheck.scripts.compose_calls import words_run
from migcheck.scripts.programs import SHELLS

_TAKES_SCRIPT = re.compile(r"-(?P<flags>[a-z]*)c", re.ASCII)
_SEVERAL = "concurrently"
_HANDED_ON = frozenset({"-c", "-C", "--command"})


class InnerScript(Struct, frozen=True):
    """A script and whether the shell that runs it has `set -e`."""

    text: str
    errexit: bool = False


def inner_scripts(words: Sequence[str]) -> Iterator[InnerScript]:
    """The scripts among the arguments of a command."""
    words = words_run(words) or words
    program = basename(words[0])
    if program == "eval":
        yield InnerScript(" ".join(words[1:]))
    elif _SEVERAL in words:
        given = words[words.index(_SEVERAL) + 1 :]
        yield from (InnerScript(_of_concurrently(each)) for each in given if " " in each or each.startswith("npm:"))
    elif program == "ssh" and " " in words[-1]:
        yield InnerScript(words[-1])
    else:
        yield from _handed_on(words)


def _handed_on(words: Sequence[str]) -> Iterator[InnerScript]:
    for at, word in enumerate(words[:-2]):
        flags = _TAKES_SCRIPT.fullmatch(words[at + 1])
        if basename(word) in SHELLS and flags:
            yield InnerScript(words[at + 2], errexit="e" in flags["flags"])
            return
    for word, after in pairwise(words):
        if word in _HANDED_ON and " " in after:
            yield InnerScript(after)
            return


def _of_concurrently(word: str) -> str:
    return f"npm run {word.removeprefix('npm:')}" if word.startswith("npm:") else word
