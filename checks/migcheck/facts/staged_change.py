"""Whether the commit in the making touches anything that the offline verdict hangs on: asked before anything else."""

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from migcheck.facts.repository import Repository, open_repository
from migcheck.scripts.file_names import AZURE_DIRECTORIES, NAMES, TOPS, WORKFLOWS
from migcheck.sources.syntax import SUFFIXES

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
    "tsconfig*.json",
    *NAMES,
)
_DIRECTORIES = tuple(f"{each}/" for each in (WORKFLOWS, *AZURE_DIRECTORIES))
_ENDS = (".yml", ".yaml")
_CODE = tuple(f".{each}" for each in SUFFIXES)
_WORD = "migrat"
_MOST_NAMED = 500
# A link may lead to a folder, and a submodule be one, whatever it is called.
_LINK, _SUBMODULE = "120000", "160000"


def touches_migrations(start: Path = Path(), environ: Mapping[str, str] = os.environ) -> bool:
    """Whether what is staged around `start` differs from HEAD in anything of migrations.

    Where that cannot be told (no repository, no commit yet, a broken one) it may: the gates then say so.
    """
    match open_repository(start, environ):
        case Repository() as repository:
            answer = repository.git.ask(
                "diff-index", "--cached", "--ita-invisible-in-index", "--no-renames", "-z", "HEAD"
            )
            changes = tuple(_changes(answer.output))
            return bool(answer.status) or any(_matters(*each) for each in changes) or _mention(repository, changes)
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


def _mention(repository: Repository, changes: Iterable[tuple[str, str, str]]) -> bool:
    """Whether source code that changes speaks of migrating: only then may it be another way into the database."""
    code = [path for _, _, path in changes if path.endswith(_CODE)]
    if len(code) > _MOST_NAMED:
        return True
    where = [f":(top,literal){each}" for each in code]
    return (
        bool(code) and repository.git.ask("grep", "--cached", "-q", "-i", "-F", "-e", _WORD, "--", *where).status == 0
    )


def _is_named(path: str) -> bool:
    name = posixpath.basename(path)
    # What CI files take in may be called anything, and mostly lies in a directory of that kind.
    taken_in = path.startswith(".") and "/" in path and path.endswith(_ENDS)
    named = path in TOPS or path.startswith(_DIRECTORIES) or taken_in
    return named or any(fnmatchcase(name, each) for each in _NAMES)
