"""From the files that say what is run to their scripts."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from posixpath import basename

from msgspec import Struct, field

from migcheck.scripts.azure import read_azure
from migcheck.scripts.bitbucket import read_bitbucket
from migcheck.scripts.circleci import read_circleci
from migcheck.scripts.compose import is_compose, read_compose
from migcheck.scripts.deno import DenoTasks, read_deno
from migcheck.scripts.dockerfile import is_dockerfile, read_dockerfile
from migcheck.scripts.file_names import (
    ACTIONS,
    BITBUCKET,
    CIRCLECIS,
    GITLAB,
    PACKAGE,
    PLATFORMS,
    SHELL_ENDS,
    WORKFLOWS,
)
from migcheck.scripts.gitlab import read_gitlab
from migcheck.scripts.included import is_azure, templates
from migcheck.scripts.packages import Packages, read_package
from migcheck.scripts.platforms import read_platform
from migcheck.scripts.script import Script
from migcheck.scripts.task_runners import TaskRunners
from migcheck.scripts.workflows import read_workflow

_MOST = 5_000
"""Scripts of one file. No person writes more; aliases can."""
_AT_THE_TOP: Mapping[str, Callable[[str, bytes], Iterator[Script]]] = {
    BITBUCKET: read_bitbucket,
    **dict.fromkeys(CIRCLECIS, read_circleci),
}


class ScriptFiles(Struct, frozen=True, dict=True):
    """What `files` say, by path."""

    files: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def packages(self) -> Packages:
        """The package.json files."""
        read = (read_package(path, content) for path, content in self._called(PACKAGE))
        return Packages({each.directory: each for each in read if each is not None})

    @cached_property
    def runners(self) -> TaskRunners:
        """The Makefiles, Taskfiles and justfiles."""
        return TaskRunners(self.files)

    @cached_property
    def deno(self) -> DenoTasks:
        """The tasks of the deno.json files."""
        return read_deno(self.files)

    @cached_property
    def shells(self) -> Mapping[str, Script]:
        """The shell scripts, by path."""
        found = ((path, content) for path, content in self.files.items() if path.endswith(SHELL_ENDS))
        # Where one begins depends on who calls it: the root is where most are meant to be called from.
        return {path: Script(path, "", 1, content.decode("utf-8", "replace"), ".") for path, content in found}

    @cached_property
    def templates(self) -> frozenset[str]:
        """The paths of the templates that pipelines of Azure take in."""
        return templates(self.files)

    @cached_property
    def all(self) -> tuple[Script, ...]:
        """Every script of every file."""
        return (
            *(each for package in self.packages.by_directory.values() for each in package.scripts.values()),
            *self.runners.scripts,
            *self.deno.scripts,
            *self.shells.values(),
            *self._others(),
        )

    def _others(self) -> Iterator[Script]:
        directories = frozenset(self.packages.by_directory)
        for path, content in self.files.items():
            in_github = path.startswith(f"{WORKFLOWS}/") and path.endswith((".yml", ".yaml"))
            if in_github or basename(path) in ACTIONS:
                yield from islice(read_workflow(path, content), _MOST)
            elif path in _AT_THE_TOP:
                yield from islice(_AT_THE_TOP[path](path, content), _MOST)
            elif path == GITLAB:
                yield from islice(read_gitlab(path, content, self.files), _MOST)
            elif path in self.templates or is_azure(path):
                yield from islice(read_azure(path, content, is_template=path in self.templates), _MOST)
            elif is_dockerfile(path):
                yield from islice(read_dockerfile(path, content, directories, self.files), _MOST)
            elif is_compose(path):
                yield from islice(read_compose(path, content, directories), _MOST)
            elif basename(path) in PLATFORMS:
                yield from islice(read_platform(path, content), _MOST)

    def _called(self, name: str) -> Iterator[tuple[str, bytes]]:
        return ((path, content) for path, content in self.files.items() if basename(path) == name)
