"""`migcheck guide`: the page for whoever writes migrations here, on standard output or in the repository."""

import os
from pathlib import Path
from posixpath import commonpath, dirname, join, relpath

from migcheck.commands.files import read_text, replace_text
from migcheck.commands.options import Options
from migcheck.commands.project import open_project, place_in
from migcheck.errors import UndecidableError, UsageError
from migcheck.exits import CLEAR
from migcheck.facts.configuration.config import load_config
from migcheck.facts.disk import read_inside
from migcheck.facts.git.open_repository import NoRepository
from migcheck.facts.git.repository import Repository
from migcheck.facts.guide import read_guide
from migcheck.project import Project
from migcheck.report.emit import emit, say
from migcheck.report.guide import gate_command, render_guide
from migcheck.report.region import NoRegion, with_region
from migcheck.report.visible import visible

_NAME = "MIGRATIONS.md"
_MARKDOWN = (".md", ".mdc")
_READ_BY_ASSISTANTS = ("AGENTS.md", "CLAUDE.md")


def run(options: Options) -> int:
    """Print the page, or write it into its file. Raises UsageError where that would lose what people wrote."""
    project = open_project(options)
    if isinstance(project.repository, NoRepository):
        raise UndecidableError(project.repository.reason, project.repository.remedy)
    config = project.config
    facts = read_guide(project.root, project.repository, config.folder, config.base)
    page = render_guide(facts, *(_command(verb, project, project.repository, options) for verb in ("verify", "apply")))
    if not options.write and options.file is None:
        emit(page, None)
        return CLEAR
    _write(project, _place(project, options), page)
    return CLEAR


def _command(verb: str, project: Project, repository: Repository, options: Options) -> str:
    """The command that is about the same folders, from a shell at the root."""
    if options.config is not None:
        named = Path(os.path.relpath(os.path.realpath(options.config), project.root)).as_posix()
        return gate_command(verb, "", *(each.path for each in project.config.folder if options.folder), config=named)
    directory = _directory(project, repository, options)
    if options.folder is None:
        return gate_command(verb, directory)
    return gate_command(verb, directory, relpath(project.config.folder[0].path, directory or "."))


def _directory(project: Project, repository: Repository, options: Options) -> str:
    """Where a shell has to be: at the configuration; without one at the root, unless that has other folders."""
    if project.loaded.path or options.folder is not None:
        return dirname(project.loaded.path)
    try:
        found = load_config(place_in(repository, project.root)).config.folder
    except UsageError:
        found = ()
    if found == project.config.folder:
        return ""
    return Path(os.path.realpath(Path.cwd())).relative_to(project.root).as_posix()


def _place(project: Project, options: Options) -> str:
    """The file, from the root: as asked, as configured, else beside the folder."""
    if options.file is not None:
        real = Path(os.path.realpath(options.file))
        if not real.is_relative_to(project.root):
            raise UsageError(f"--file {options.file} lies outside {project.root}", "name a file of the repository")
        return real.relative_to(project.root).as_posix()
    around = commonpath([dirname(each.path) or "." for each in project.config.folder])
    return project.config.guide or join(around, _NAME).removeprefix("./")


def _write(project: Project, shown: str, page: str) -> None:
    path = project.root / shown
    if path.suffix not in _MARKDOWN:
        raise UsageError(f"{shown} is no Markdown by its name", f"name one that ends in {' or '.join(_MARKDOWN)}")
    if path.is_dir():
        raise UsageError(f"{shown} is a directory", "name a file: --file FILE")
    if not path.parent.is_dir():
        raise UsageError(f"there is no directory {dirname(shown)}", "make it, or name another file: --file FILE")
    before = read_text(project.root, shown)
    after = with_region(before, page)
    if isinstance(after, NoRegion):
        raise UsageError(f"{shown} was left as it is: {after.problem}", after.remedy)
    if after == before:
        say(f"migcheck: {visible(shown)} is up to date")
        return
    replace_text(project.root, shown, after)
    say(f"migcheck: {visible(shown)} was {'written' if before is None else 'brought up to date'}")
    for name in _READ_BY_ASSISTANTS:
        if shown != name and _lacks(project.root, name, shown):
            say(f"migcheck: {name} does not name it: add a line that does, so that assistants find it")


def _lacks(root: Path, name: str, shown: str) -> bool:
    """Whether there is a file `name` that does not name `shown`. What cannot be read is nobody's page."""
    try:
        return shown.encode() not in read_inside(root, root / name)
    except OSError:
        return False
