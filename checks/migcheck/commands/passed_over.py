"""The configuration that is not read where the FOLDER on the command line is of another repository."""

import os
from pathlib import Path

from migcheck.facts.config import own_file
from migcheck.facts.place import Place
from migcheck.facts.repository import Repository, open_repository


def tell_passed_over(start: Path, place: Place, folder: str) -> tuple[str, ...]:
    """That `folder`, as it is typed in `start`, is of the repository of `place`, where ours is configured."""
    around = open_repository(start)
    own = Place(start, around.top.resolve() if isinstance(around, Repository) else start)
    found = own_file(own)
    if not found:
        return ()
    whose = f"{folder} is of a repository of its own, {_typed(place.root, start)}, and is judged by its history and its"
    return (f"{whose} configuration; {_typed(own.root / found, start)} was not read: without a FOLDER it is",)


def _typed(path: Path, start: Path) -> str:
    return Path(os.path.relpath(path, start)).as_posix()
