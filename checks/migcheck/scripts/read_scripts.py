"""From the files that say what is run to their scripts."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import islice
from posixpath import basename, dirname, join, normpath

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.calls import Call, FileCall, calls_of
from migcheck.scripts.ci.by_hand import Callers, callers
from migcheck.scripts.ci.gitlab import read_gitlab
from migcheck.scripts.ci.pipelines import read_pipelines
from migcheck.scripts.ci.platforms import read_platform
from migcheck.scripts.ci.workflows import read_workflow, told_by_action
from migcheck.scripts.databases import starts_a_database
from migcheck.scripts.directories import moved
from migcheck.scripts.elsewhere import not_read, templates_in
from migcheck.scripts.file_names import (
    ACTIONS,
    BITBUCKET,
    CIRCLECIS,
    GITLAB,
    NX_PROJECT,
    PACKAGE,
    PLATFORMS,
    SHELL_ENDS,
    files_called,
    is_azure,
    is_of_github,
)
from migcheck.scripts.images.compose import Composes, is_compose
from migcheck.scripts.images.dockerfile import is_dockerfile, read_dockerfile
from migcheck.scripts.jsonc import read_jsonc
from migcheck.scripts.named_scripts import given_to_shells, is_script, may_be_script
from migcheck.scripts.script import Script
from migcheck.scripts.shell.parsed import LARGEST as LARGEST_SCRIPT
from migcheck.scripts.shell.parsed import UnreadableScriptError, read_shell
from migcheck.scripts.tasks.chosen import directories
from migcheck.scripts.tasks.json_tasks import is_nx_used, read_deno, read_nx, targets_of
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.makefiles import Makefiles
from migcheck.scripts.tasks.managers import RunIn, ScriptCall
from migcheck.scripts.tasks.packages import Packages, read_package
from migcheck.scripts.tasks.turbo import TurboTasks
from migcheck.scripts.yaml_nodes import BadYamlError, is_mapping, read_yaml

_MOST = 5_000
"""Scripts of one file. No person writes more; aliases can."""
# Most stand in base as they do in head.
_read_package = lru_cache(maxsize=1024)(read_package)
_DEEP = 2
"""How many scripts deep a step of CI is followed to what starts its database: `test:e2e`, which runs `db:up`."""
_STARTING = regex(rb"compose|postg|supabase|pg_ctl|neon", re.IGNORECASE)
_STRUCTURED = (".yml", ".yaml", ".json", ".jsonc")


class ScriptFiles(Struct, dict=True):
    """What `files` say, by path."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    _asked: dict[tuple[str, str | None, int], bool] = field(default_factory=dict)

    @cached_property
    def packages(self) -> Packages:
        """The package.json files."""
        read = (_read_package(path, content) for path, content in files_called(self.files, PACKAGE))
        return Packages({each.directory: each for each in read if each is not None})

    @cached_property
    def makefiles(self) -> Makefiles:
        """The Makefiles."""
        return Makefiles(self.files)

    @cached_property
    def deno(self) -> Packages:
        """The tasks of the deno.json files, as if they were scripts of packages."""
        return read_deno(self.files)

    @cached_property
    def turbo(self) -> TurboTasks:
        """The tasks of the turbo.json files."""
        return TurboTasks(self.files, self.packages)

    @cached_property
    def nx(self) -> Packages:
        """The packages as Nx has them, with the targets of its projects."""
        return read_nx(self.files, self.packages)

    @cached_property
    def composes(self) -> Composes:
        """The compose files, by their names."""
        read = tuple(each for each in self.files if is_compose(each) and not is_of_github(each))
        return Composes(self.files, read, frozenset(self.packages.by_directory))

    @cached_property
    def shells(self) -> Mapping[str, Script]:
        """The shell scripts, by path."""
        # Where one begins depends on who calls it: the root is where most are meant to be called from.
        found: dict[str, Script] = {}
        given = given_to_shells(self.files.values())
        for path, content in self.files.items():
            if path.endswith(SHELL_ENDS) or is_script(path, content, given):
                found[path] = Script(path, "", 1, content.decode("utf-8", "replace"), ".")
        return found

    def shell(self, path: str, *, placed: bool) -> Iterator[Script]:
        """The shell script at `path`; where an image has it elsewhere, the one that `path` ends with, or of that name.

        One without an ending only where `path` is not `placed`, below a directory that is known: it is another program.
        """
        alike = not placed or not may_be_script(path)
        named = [each for each in self.shells if alike and basename(each) == basename(path)]
        named = [each for each in named if "/" in each and path.endswith(f"/{each}")] or named
        found = path if path in self.shells else named[0] if len(named) == 1 else None
        if found is not None:
            yield self.shells[found]

    @cached_property
    def all(self) -> tuple[Script, ...]:
        """Every script of every file."""
        return (
            *(each for package in self.packages.by_directory.values() for each in package.scripts.values()),
            *self.makefiles.scripts,
            *(each for package in self.deno.by_directory.values() for each in package.scripts.values()),
            *targets_of(self.nx),
            *self.composes.scripts,
            *self.shells.values(),
            *self._others(),
        )

    @property
    def unreadable(self) -> Iterator[str]:
        """The files that were to be read and are not what their names say. None as long as nobody asked for scripts."""
        # To find out costs what reading does, so it comes with that: what nobody had to read, nobody misses.
        if "all" not in self.__dict__:
            return
        yielding = {each.path for each in self.all}
        for path, content in self.files.items():
            # What is of another tool than Nx is no file that was to be read.
            of_another = not_read(path) or (basename(path) == NX_PROJECT and not is_nx_used(self.files))
            if of_another:
                continue
            if basename(path) == PACKAGE:
                broken = (dirname(path) or ".") not in self.packages.by_directory
            else:
                broken = path not in yielding and path.endswith(_STRUCTURED) and _is_broken(path, content)
            if broken:
                yield f"{path} (cannot be parsed)"
            elif path in self.shells and len(content) > LARGEST_SCRIPT:
                yield f"{path} (larger than {LARGEST_SCRIPT // 1024} KiB)"

    def _others(self) -> Iterator[Script]:
        directories = frozenset(self.packages.by_directory)
        for path, content in self.files.items():
            if is_of_github(path) or basename(path) in ACTIONS:
                by_hand, given = path in self._callers.by_hand, self._callers.given.get(path)
                yield from islice(read_workflow(path, content, self._starts, by_hand=by_hand, given=given), _MOST)
            elif path == GITLAB:
                yield from islice(read_gitlab(path, content, self.files, self._starts), _MOST)
            elif path in (BITBUCKET, *CIRCLECIS) or is_azure(path):
                begins = basename(path) not in self._templates
                yield from islice(read_pipelines(path, content, self._starts, begins=begins), _MOST)
            elif is_dockerfile(path):
                yield from islice(read_dockerfile(path, content, directories), _MOST)
            elif basename(path) in PLATFORMS:
                yield from islice(read_platform(path, content), _MOST)

    @cached_property
    def _templates(self) -> frozenset[str]:
        """The names of the files that pipelines of Azure take in: these say who begins them, and beside what."""
        told = (each for path, content in self.files.items() if is_azure(path) for each in templates_in(content))
        return frozenset(map(basename, told))

    @cached_property
    def _callers(self) -> Callers:
        return callers({path: content for path, content in self.files.items() if is_of_github(path)})

    def _starts(self, step: str, directory: str | None = None, /, deep: int = _DEEP) -> bool:
        """Whether a step of CI starts a Postgres, or what it calls does; with Compose where one is in its files."""
        asked = step, directory, deep
        if asked not in self._asked:
            called = self._called_by(step, directory) if deep and self._may_start else ()
            self._asked[asked] = starts_a_database(step, composed=self.composes.may_serve) or any(
                self._starts(text, place, deep=deep - 1) for text, place in called
            )
        return self._asked[asked]

    def _called_by(self, step: str, directory: str | None) -> Iterator[tuple[str, str | None]]:
        """What a step calls by name says, and where that begins: many keep `docker compose up` in a script."""
        action = next((path for each in ACTIONS if (path := normpath(f"{step}/{each}")) in self.files), None)
        if action is not None:
            yield from ((each, None) for each in told_by_action(self.files[action]))
            return
        try:
            commands = read_shell(step)
        except UnreadableScriptError:
            return
        for each in commands:
            if not each.elsewhere and basename(each.words[0]) != "ssh":
                here = moved(directory, each.directory)
                for script in (script for call in calls_of(each.words) for script in self._asked_by(call, here)):
                    yield script.text, here if script.path in self.shells else script.directory

    def _asked_by(self, call: Call, directory: str | None) -> Iterator[Script]:
        """What a step's call from `directory` runs; where that is not told, whatever it may be."""
        match call:
            case ScriptCall(names=names, hooks=hooks):
                packages = self.nx if call.nx else self.packages
                every = packages.by_directory
                places = directories(RunIn(call.directory, call.packages, call.every), directory, every)
                for each in every if None in places else places:
                    yield from packages.asked(ScriptCall(names, hooks=hooks), each)
            case FileCall(path=path):
                yield from self.shell(normpath(join(directory or ".", path)), placed=True)
            case MakeCall():
                yield from self.makefiles.asked(call, directory or ".")
            case _:
                pass

    @cached_property
    def _may_start(self) -> bool:
        """Whether anything may start a Postgres: a glance, before what the steps of CI call is looked for."""
        return any(map(_STARTING.search, self.files.values()))


def _is_broken(path: str, content: bytes) -> bool:
    try:
        if path.endswith((".json", ".jsonc")):
            # A file with the marks of a merge in it is a text of YAML.
            return not is_mapping(read_jsonc(content))
        read_yaml(content)
    except BadYamlError:
        return True
    return False
