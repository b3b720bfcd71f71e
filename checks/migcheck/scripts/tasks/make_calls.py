"""What a command asks make for (gnu.org "GNU make", "Summary of Options")."""

import re
from collections.abc import Iterator, Sequence
from posixpath import basename

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.shell.options import options_of, plain
from migcheck.scripts.shell.programs import MAKES

# Options that take no value may stand before it in one word: `-ki`.
_IGNORES = regex(r"--ignore-errors|-[bBdekLmnpqrRsStvw]*i\w*")
_NAMES_A_FILE = regex(r"-f.*|--(?:make)?file(?:=.*)?")
_VALUED = frozenset({"C", "directory", "j"})
_GIVEN = regex(r"(?P<name>[\w.-]+):{0,3}=(?P<value>.*)", re.DOTALL)


class MakeCall(Struct, frozen=True):
    """`make`: the targets (none: the first of the file) of the Makefile in `directory`.

    `ignores`: it is told to look past every failure. `given` are the variables that it is told, which take the place of
    the Makefile's own. `around` is the environment, which only what a Makefile says with `?=` gives way to.
    """

    targets: tuple[str, ...]
    directory: str = "."
    ignores: bool = False
    given: tuple[tuple[str, str], ...] = ()
    around: tuple[tuple[str, str], ...] = ()


def make_calls(words: Sequence[str]) -> Iterator[MakeCall]:
    """What the command `words` asks of make, where that is its program. A Makefile that is named is not read."""
    if basename(words[0]) not in MAKES or any(map(_NAMES_A_FILE.fullmatch, words)):
        return
    options = options_of(words[1:])
    told = plain(words[1:], _VALUED)
    given = tuple((each["name"], each["value"]) for each in map(_GIVEN.fullmatch, told) if each)
    place = options.get("C", options.get("directory", "."))
    targets = tuple(each for each in told if "=" not in each)
    yield MakeCall(targets, place, ignores=any(map(_IGNORES.fullmatch, words)), given=given)
