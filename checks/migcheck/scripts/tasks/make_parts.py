"""The files that Makefiles, Taskfiles and justfiles may include."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from posixpath import basename

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.databases import is_local_url, names_a_database
from migcheck.scripts.file_names import PACKAGE, SHELL_ENDS, TASKFILES

_GIVE = (".yml", ".yaml", PACKAGE, *SHELL_ENDS)
"""How the paths end of what may give a Taskfile an address: CI's files, packages and shell scripts."""
# Behind `$` or `${` a name is asked for, and given alone by `${NAME:=…}`.
_NAME = rb"(?:(?<![\w$])(?<!\$\{)|(?<=\$\{)(?=\w{1,100}:?=))(?P<name>\w{1,100})"
_VALUE = rb"[\"']?(?P<value>[^\s\"'}]{0,500})"
_GIVEN = regex(rb"%s[\"']?[ \t]{0,5}(?::?=|:)(?=[ \t]{0,5}%s)" % (_NAME, _VALUE), re.ASCII)
_GIVEN_BY_SHELL = regex(rb"%s:?=(?=%s)" % (_NAME, _VALUE), re.ASCII)


class Parts(Struct, dict=True):
    """The files that Makefiles may include. `left` are the bytes that they may take together: one can be in many."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    left: int = 4 * 1024 * 1024

    def named(self, path: str) -> Iterator[str]:
        """The files at `path`, which may be a pattern of the shell."""
        if path in self.files:
            yield path
        elif "*" in path and self.left > 0:
            self.left -= len(self.files)
            yield from (each for each in self.files if _matches(each, path))

    def taken(self, path: str) -> bytes:
        """What stands in the file at `path`; nothing where that were too much."""
        self.left -= len(self.files[path])
        return self.files[path] if self.left >= 0 else b""

    @cached_property
    def addresses(self) -> frozenset[str]:
        """The variables that hold a database's address and to which CI or a script gives one not of this machine."""
        giving = ((path, each) for path, each in self.files.items() if path.endswith(_GIVE))
        found = (each for path, text in giving if not _is_passed_over(path) for each in _given(path).finditer(text))
        told = ((each["name"].decode(), each["value"]) for each in found)
        databases = ((name, value.decode("utf-8", "replace")) for name, value in told if names_a_database(name))
        return frozenset(name for name, value in databases if not is_local_url(value))


def _given(path: str) -> re.Pattern[bytes]:
    """What a variable that the file at `path` gives looks like."""
    return _GIVEN_BY_SHELL if path.endswith(SHELL_ENDS) else _GIVEN


def _is_passed_over(path: str) -> bool:
    """Whether what the file at `path` gives comes to no task: a Taskfile's own, or what Compose gives to services."""
    return basename(path) in TASKFILES or "compose" in basename(path)


def _matches(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)
