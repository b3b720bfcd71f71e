"""Regular expressions that are compiled when they are first asked.

There are hundreds, each in its own file, and one run asks a few dozen: to compile all as the files load took a tenth of
it.
"""

import re
from typing import AnyStr, Generic, cast


class _Uncompiled(Generic[AnyStr]):
    """Stands in for a compiled pattern: hands on what it is asked, and keeps what it got for that."""

    def __init__(self, pattern: AnyStr, flags: int) -> None:
        self.pattern: AnyStr = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        found: object = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found


def regex(pattern: AnyStr, flags: int = 0) -> "re.Pattern[AnyStr]":
    """The pattern, to keep at the top of a file. One that is wrong raises `re.error` when it is first asked."""
    return cast("re.Pattern[AnyStr]", _Uncompiled(pattern, flags))
