"""What sets variables where nobody here can read which: programs that bring an environment, files that are taken in.

Facts: dotenv-cli (`-o`, `--override`) and dotenvx (`--overload`) leave what is set alone unless they are told; env-cmd
does so only where it is told (`--no-override`). `run` of doppler, infisical, op and railway puts its own in place.
"""

import re
from collections.abc import Sequence
from posixpath import basename

from migcheck.regex import regex

_RUN = frozenset({"doppler", "infisical", "op", "railway"})
_DOTENV = frozenset({"dotenv", "dotenvx"})
_OVERRIDES = frozenset({"-o", "--override", "--overload"})
_TAKE_IN = frozenset({".", "source"})
# nvm's functions say nothing of a database.
_KNOWN = frozenset({"nvm.sh"})
_WRITES = regex(r"^(?![^\n]*\w=)(?![^\n]*<<)[^\n]*\bGITHUB_ENV\b", re.ASCII | re.MULTILINE)
_ASSIGNS = regex(
    rb"\bprocess\.env(?:\.\w{1,100}|\[[^\]\n]{1,100}\])?\s{0,20}=(?![=>])|\bassign\(\s{0,20}process\.env\b|override|overload"
)


def wraps(words: Sequence[str]) -> bool:
    """Whether the command `words` hands another one variables of its own, in place of those that are set."""
    for at, word in enumerate(words):
        behind, name = words[at + 1 :], basename(word)
        if name in _RUN and "run" in behind:
            return True
        if name in _DOTENV and not _OVERRIDES.isdisjoint(behind):
            return True
        if name == "env-cmd" and "--no-override" not in behind:
            return True
    return False


def takes_in(words: Sequence[str]) -> bool:
    """Whether the command `words` sets variables of the shell that is at it: `. ./.env`, `eval "$(…)"`."""
    match words:
        case (word, file, *_) if word in _TAKE_IN:
            return basename(file) not in _KNOWN
        case ("eval", *told):
            return any("$" in each for each in told)
        case _:
            return False


def writes(step: str) -> bool:
    """Whether a step of GitHub's writes what cannot be read for later ones: `cat .env.production >> $GITHUB_ENV`."""
    return _WRITES.search(step) is not None


def assigns(config: bytes) -> bool:
    """Whether a drizzle.config sets variables anew that are set, by itself or by dotenv."""
    return _ASSIGNS.search(config) is not None
