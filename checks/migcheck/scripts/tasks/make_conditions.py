"""The conditions of a Makefile, as far as they ask whether this is CI.

Facts: gnu.org "GNU make", "Conditional Syntax" (`else` may ask again, without an `endif` of its own). What every CI
sets, to `true`: docs.github.com "Default environment variables", docs.gitlab.com "Predefined variables".
"""

import re
from collections.abc import Container

from msgspec import Struct, field

from migcheck.regex import regex

_CONDITION = regex(
    r" *(?:(?:(?P<nested>else)[ \t]+)?(?P<asks>ifn?(?:def|eq))|else|(?P<ends>endif))(?=[ \t('\"#]|$)(?P<what>[^#]*)"
)
_NAME = regex(r"(?<![\w-])(?P<name>CI|GITHUB_ACTIONS|GITLAB_CI)(?![\w-])", re.ASCII)
_VALUE = regex(r"\$[({](?P<name>CI|GITHUB_ACTIONS|GITLAB_CI)[)}]")
_BETWEEN = regex(r"[()\s,\"']+")


class _Branch(Struct, frozen=True):
    """One branch of a condition: whether CI comes to what it asks, and what that is there; None where nobody knows."""

    come_to: bool | None
    so: bool | None

    @property
    def in_ci(self) -> bool | None:
        return _all(self.come_to, self.so)

    def otherwise(self, *, so: bool | None) -> "_Branch":
        """The next branch of the same condition."""
        return _Branch(_all(self.come_to, None if self.so is None else not self.so), so)


class Conditions(Struct):
    """Those around the line that is read."""

    _around: list[_Branch] = field(default_factory=list)

    @property
    def in_ci(self) -> bool | None:
        """Whether make reads the line in CI; None where that is not known."""
        return self._around[-1].in_ci if self._around else True

    def take(self, line: str, said: Container[str]) -> bool:
        """Take what a line says that begins, parts or ends one, and whether it does. `said` are variables of files."""
        found = _CONDITION.match(line)
        if found is None:
            return False
        so = _is_so_in_ci(found["asks"], found["what"], said) if found["asks"] else True
        if found["ends"]:
            del self._around[-1:]
        elif found["asks"] and not found["nested"]:
            self._around.append(_Branch(self.in_ci, so))
        elif self._around:
            self._around[-1] = self._around[-1].otherwise(so=so)
        return True


def _is_so_in_ci(asks: str, what: str, said: Container[str]) -> bool | None:
    """What CI says to `ifdef CI`, `ifeq ($(CI),true)` and the like; None where something else is asked."""
    is_name = asks.endswith("def")
    found = (_NAME if is_name else _VALUE).search(what)
    if found is None or found["name"] in said:
        return None
    words = set(_BETWEEN.split(what[: found.start()] + what[found.end() :])) - {""}
    if words and (is_name or words != {"true"}):
        return None
    # Both are so: it is there, and it is what it is compared to.
    return (is_name or bool(words)) is not asks.startswith("ifn")


def _all(*told: bool | None) -> bool | None:
    return False if False in told else None if None in told else True
