"""Whether the commit in the making touches anything that the offline verdict hangs on: asked before anything else."""

import os
import posixpath
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from migcheck.facts.repository import Repository, open_repository
from migcheck.scripts.file_names import GITLAB, NAMES, WORKFLOWS

# Migrations and what drizzle-kit writes beside them; what says where the folder is and how it is judged; what decides
# which files git takes, and with which line ends; what runs them.
_NAMES = (
    "*.sql",
    "_journal.json",
    "*snapshot.json",
    "migcheck.toml",
    "pyproject.toml",
    "drizzle*config*",
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    *NAMES,
)
# A link may lead to a folder, and a submodule be one, whatever it is called.
_LINK, _SUBMODULE = "120000", "160000"


def touches_migrations(start: Path = Path(), environ: Mapping[str, str] = os.environ) -> bool:
    """Whether what is staged around `start` differs from HEAD in anything of migrations.

    Where that cannot be told (no repository, no commit yet, a broken one) it may: the gates then say so.
    """
    match open_repository(start, environ):
        case Repository() as repository:
            changes = repository.git.ask("diff-index", "--cached", "--no-renames", "-z", "HEAD")
            return bool(changes.status) or any(_matters(*each) for each in _changes(changes.output))
        case _:
            return True


def _changes(output: bytes) -> Iterator[tuple[str, str, str]]:
    """The mode before, the mode after and the path of each change (git-diff-index(1) "Raw output format")."""
    fields = iter(output.split(b"\0")[:-1])
    for facts, path in zip(fields, fields, strict=True):
        before, after, *_ = facts.decode().removeprefix(":").split(" ")
        yield before, after, os.fsdecode(path)


def _matters(before: str, after: str, path: str) -> bool:
    return not {before, after}.isdisjoint({_LINK, _SUBMODULE}) or _is_named(path)


def _is_named(path: str) -> bool:
    name = posixpath.basename(path)
    return path == GITLAB or path.startswith(f"{WORKFLOWS}/") or any(fnmatchcase(name, each) for each in _NAMES)
