"""Configurations that a command cannot go by: of another repository, or of several packages at once."""

import os
from pathlib import Path

from migcheck.errors import UsageError
from migcheck.facts.configuration.own_config import own_file
from migcheck.facts.configuration.place import Place
from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.git.repository import Repository
from migcheck.project import Project
from migcheck.wording import listed


def tell_passed_over(start: Path, place: Place, folder: str) -> tuple[str, ...]:
    """That `folder`, as it is typed in `start`, is of the repository of `place`, where ours is configured."""
    around = open_repository(start)
    own = Place(start, around.top.resolve() if isinstance(around, Repository) else start)
    found = own_file(own)
    if not found:
        return ()
    whose = f"{folder} is of a repository of its own, {_typed(place.root, start)}, and is judged by its history and its"
    return (f"{whose} configuration; {_typed(own.root / found, start)} was not read: without a FOLDER it is",)


def refuse_several(project: Project, command: str) -> None:
    """Raise UsageError where several files configure the folders of `project`, each for its own."""
    if len(project.parts) > 1:
        files = [each.loaded.path for each in project.parts if each.loaded.path]
        configure = "configures" if len(files) == 1 else "configure"
        raise UsageError(
            f"{listed(files)} {configure} migcheck for some of the folders here, and "
            f"{command} goes by one configuration",
            "name a FOLDER, or a file by --config",
        )


def _typed(path: Path, start: Path) -> str:
    return Path(os.path.relpath(path, start)).as_posix()
