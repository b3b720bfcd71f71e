"""Which drizzle.config a drizzle-kit command reads, and whether that is the folder's."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from posixpath import basename, dirname, join, normpath, splitext

from msgspec import Struct

from migcheck.drizzle.config_file import (
    FILE_NAMES,
    DrizzleConfig,
    OtherDialect,
    UnreadableConfig,
    is_config_name,
    read_config,
)
from migcheck.paths import upwards
from migcheck.regex import regex
from migcheck.scripts.at_hand import is_variable_of_tests
from migcheck.scripts.databases import is_local_address
from migcheck.typescript.beside import may_import

_OPTION = regex(rb"--config[= ][ \t]*\\?[\"']?(?:\.{1,2}/)*(?P<path>[\w@./-]{1,200}\.(?:[mc]?[jt]s|json))")
_TOOL = b"drizzle-kit"
_VARIABLE = regex(r"\benv(?:\.|\?\.|\[[\"'`])(?P<name>\w{1,100})", re.ASCII)


def named_in(files: Mapping[str, bytes]) -> frozenset[str]:
    """What commands of `files` that run drizzle-kit name as its configuration: the ends of paths."""
    found = (each for content in files.values() if _TOOL in content for each in _OPTION.finditer(content))
    return frozenset(each["path"].decode("utf-8", "replace") for each in found)


def taken_in(files: Mapping[str, bytes], named: frozenset[str]) -> frozenset[str]:
    """The paths of what the drizzle.configs of `files` may import; `named` are those that commands name."""
    return frozenset[str]().union(*(may_import(path, content) for path, content in _among(files, named)))


def _among(files: Mapping[str, bytes], named: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    ends = tuple(f"/{each}" for each in named)
    return (
        (path, content)
        for path, content in files.items()
        if is_config_name(basename(path)) or f"/{path}".endswith(ends)
    )


class Configs(Struct, frozen=True, dict=True):
    """The drizzle.configs of a repository, by path. `folder` is the one that is judged, `others` are all there are."""

    files: Mapping[str, bytes]
    folder: str
    others: frozenset[str]

    def concern(self, directory: str | None, named: str) -> bool:
        """Whether a drizzle-kit that is run in `directory` with `--config NAMED` goes to the folder's database.

        Where the directory is only known once it runs, the repository's only configuration is meant.
        """
        if directory is None:
            return len(self._own) == len(self.read) and bool(self.read)
        path = self.taken(directory, named)
        return path is not None and path in self._own

    def are_local(self, directory: str | None, named: str) -> bool:
        """Whether a drizzle-kit that is run in `directory` with `--config NAMED` goes to this machine, whoever runs it.

        So it does where the configuration that it takes has such an address as a constant, or is of PGlite.
        """
        if directory is None:
            return bool(self.read) and all(map(_is_local, self.read.values()))
        path = self.taken(directory, named)
        return path is not None and _is_local(self.read[path])

    def variable(self, directory: str | None, named: str) -> str:
        """The variable that the address is in of the configuration that such a drizzle-kit takes; empty for none."""
        said = self.read.get("" if directory is None else self.taken(directory, named) or "")
        return said.variable if isinstance(said, DrizzleConfig) else ""

    def title(self, named: str) -> str:
        """The name of the configuration that `--config NAMED` takes: without its directory and suffix, which may move.

        Without `--config` it is what drizzle-kit calls it.
        """
        return splitext(basename(named or FILE_NAMES[0]))[0]

    def taken(self, directory: str, named: str = "") -> str | None:
        """The configuration that drizzle-kit takes in `directory`; None where there is none."""
        if named:
            path = normpath(join(directory, named))
            return path if path in self.read else None
        paths = (normpath(join(directory, name)) for name in FILE_NAMES)
        return next((each for each in paths if each in self.read), None)

    @cached_property
    def read(self) -> Mapping[str, DrizzleConfig | OtherDialect | UnreadableConfig]:
        """What each says."""
        among = _among(self.files, named_in(self.files))
        return {path: read_config(path, content, self.files.get) for path, content in among}

    @cached_property
    def named(self) -> Mapping[str, str | None]:
        """The folder that each configuration of Postgres names, by its path; None where none is there."""
        return {path: self._meant(path) for path, said in self.read.items() if isinstance(said, DrizzleConfig)}

    @cached_property
    def _own(self) -> frozenset[str]:
        """Those that name the folder; those beside them and above the folder as well, where they name no other.

        What has the database of tests names the folder, or is not its.
        """
        naming = {path for path in self.read if self._meant(path) == self.folder}
        homes = {*map(dirname, naming), *self._nearest()}
        beside = {path for path in self.read if dirname(path) in homes and self._may_be(path)}
        return frozenset(naming | beside)

    def _nearest(self) -> list[str]:
        """The nearest directory above the folder that has a configuration."""
        homes = set(map(dirname, self.read))
        around = ("" if each == "." else each for each in upwards(dirname(self.folder)))
        return [each for each in around if each in homes][:1]

    def _may_be(self, path: str) -> bool:
        if _is_of_tests(self.read[path]):
            return False
        return not isinstance(self.read[path], OtherDialect) and self._meant(path) in (None, self.folder)

    def _meant(self, path: str) -> str | None:
        """The folder that a configuration names: the nearest that is there. None where none is."""
        there = {self.folder, *self.others}
        return next((each for each in self._named(path) if each in there), None)

    def _named(self, path: str) -> Iterator[str]:
        """The folders that a configuration may name, as drizzle-kit is run in its directory or in one above it.

        Nearest first; none where only running it tells.
        """
        match self.read[path]:
            case DrizzleConfig(out=str() as out, beside=True):
                yield normpath(join(dirname(path), out))
            case DrizzleConfig(out=str() as out):
                yield from (normpath(join(each, out)) for each in upwards(dirname(path)))
            case _:
                pass


def _is_local(said: DrizzleConfig | OtherDialect | UnreadableConfig) -> bool:
    match said:
        case DrizzleConfig(inside=inside, constants=constants):
            return inside or (bool(constants) and all(map(is_local_address, constants)))
        case _:
            return False


def _is_of_tests(said: DrizzleConfig | OtherDialect | UnreadableConfig) -> bool:
    """Whether the address of a configuration is in no variable but such as are for tests, by their names."""
    found = _VARIABLE.findall(said.address) if isinstance(said, DrizzleConfig) else []
    return bool(found) and all(map(is_variable_of_tests, found))
