"""What a guide for people and assistants needs to know of a project: its folders, commands and line ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from posixpath import dirname, join, relpath
from shlex import quote

from migcheck.config import FolderConfig
from migcheck.drizzle.config_file import FILE_NAMES
from migcheck.drizzle.folder import Folder, Layout
from migcheck.facts.drizzle_configs import config_naming
from migcheck.facts.package import Package, read_package
from migcheck.facts.place import Place
from migcheck.facts.read_folder import read_folder
from migcheck.facts.repository import Repository
from migcheck.facts.tree import without_snapshots

# A script that goes on after drizzle-kit would give an option to something else.
_GENERATE = re.compile(r"\bdrizzle-kit\s+generate\b[^&|;]*$")
_PUSH = re.compile(r"\bdrizzle-kit\s+push\b")
_MIGRATE = re.compile(r"\bdrizzle-kit\s+migrate\b|\bmigrate\.[cm]?[jt]s\b")
_APPLY = re.compile(r"\bmigcheck\s+apply\b")
_DEPLOYS = ("*.yml", "*.yaml", "package.json", "Makefile", "Dockerfile*", "*.sh")
# Of a name that holds anything else, nobody knows what a shell or a page would make.
_PLAIN = re.compile(r"[\w:.@/-]+", re.ASCII)
_LARGEST = 256 * 1024
_MOST = 500


class LineEnds(StrEnum):
    """What .gitattributes has to say of the folder's files, or that it says enough."""

    SETTLED = "settled"
    AS_LF = "as LF"
    AS_THEY_ARE = "as they are"


@dataclass(frozen=True, slots=True)
class GuidedFolder:
    """One folder, and how people work on it. Commands are for a shell at the root.

    `config` is the drizzle.config that names it, empty where none does. `generate` has `NAME` in the place of the new
    migration's name. `migrates` and `pushes` are the package's own scripts, as they are run.
    `apart`: each migration is deployed in a transaction of its own.
    """

    path: str
    layout: Layout
    database_url: str
    config: str
    generate: str
    custom: str
    migrates: tuple[str, ...]
    pushes: tuple[str, ...]
    apart: bool
    line_ends: LineEnds


@dataclass(frozen=True, slots=True)
class GuideFacts:
    """A project's folders. `base` is the configured one, or empty; `applied_by` are the files that run `apply`."""

    folders: tuple[GuidedFolder, ...]
    base: str
    applied_by: tuple[str, ...]


def read_guide(root: Path, repository: Repository, folders: tuple[FolderConfig, ...], base: str | None) -> GuideFacts:
    """Look at a project as its people see it. Nothing is run."""
    names = ("drizzle*config*",)
    place = Place(root, root, repository.tracked(*names))
    guided = tuple(_folder(place, repository, each) for each in folders)
    return GuideFacts(guided, base or "", tuple(_applied_by(root, repository)))


def _folder(place: Place, repository: Repository, which: FolderConfig) -> GuidedFolder:
    folder = read_folder(without_snapshots(repository.worktree()), which.path)
    config = config_naming(place, which.path) or ""
    near = place.root / dirname(config or which.path)
    package = read_package(place.root, near)
    return GuidedFolder(
        path=which.path,
        layout=folder.layout,
        database_url=which.database_url,
        config=config,
        generate=_generate(package, config, "--name NAME"),
        custom=_generate(package, config, "--custom --name NAME"),
        migrates=tuple(_scripts(package, _MIGRATE)),
        pushes=tuple(_scripts(package, _PUSH)),
        apart=which.transaction == "each",
        line_ends=_line_ends(repository, folder),
    )


def _generate(package: Package, config: str, options: str) -> str:
    own = next(_named(package, _GENERATE), None)
    if own is not None:
        return _there(package, package.run_with(own, options))
    from_package = relpath(config, package.directory) if config else ""
    named = "" if from_package in ("", *FILE_NAMES) else f"--config {quote(from_package)} "
    return _there(package, package.tool(f"drizzle-kit generate {named}{options}"))


def _there(package: Package, command: str) -> str:
    return command if package.directory == "." else f"(cd {quote(package.directory)} && {command})"


def _scripts(package: Package, what: re.Pattern[str]) -> Iterator[str]:
    return (_there(package, package.run(name)) for name in _named(package, what))


def _named(package: Package, what: re.Pattern[str]) -> Iterator[str]:
    return (name for name, text in package.scripts.items() if _PLAIN.fullmatch(name) and what.search(text))


def _applied_by(root: Path, repository: Repository) -> Iterator[str]:
    for path in repository.tracked(*_DEPLOYS)[:_MOST]:
        file = root / path
        if not file.is_symlink() and file.is_file() and file.stat().st_size <= _LARGEST:
            text = file.read_text("utf-8", "replace")
            if any(_APPLY.search(line) and not line.lstrip().startswith("#") for line in text.splitlines()):
                yield path


def _line_ends(repository: Repository, folder: Folder) -> LineEnds:
    has_cr = any(b"\r" in each.sql for each in folder.files)
    name = "0000/migration.sql" if folder.layout is Layout.FOLDERS else "0000.sql"
    text, eol = _attributes(repository, join(folder.path, name))
    if text == "unset" or (eol == "lf" and not has_cr):
        return LineEnds.SETTLED
    return LineEnds.AS_THEY_ARE if has_cr else LineEnds.AS_LF


def _attributes(repository: Repository, path: str) -> tuple[str, str]:
    """What git is told of the line ends of a file at `path`, were there one: `text` and `eol`."""
    told = repository.git.need("check-attr", "-z", "text", "eol", "--", path).decode("utf-8", "replace").split("\0")
    return told[2], told[5]
