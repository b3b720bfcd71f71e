"""A submodule of base that held the folder and that head has no more: what landed in it is still in this clone, or not.

Facts: gitsubmodules(7) (`.git/modules/<name>` stays where a submodule is removed), git-config(1) (`--blob`), git(1)
(GIT_ALTERNATE_OBJECT_DIRECTORIES).
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from migcheck.errors import UndecidableError
from migcheck.facts.git import Git
from migcheck.facts.git_trees import GitTree, StoredTree
from migcheck.facts.history import Submodule
from migcheck.facts.repository import Repository
from migcheck.facts.tree import Tree, TreeFile
from migcheck.wording import from_top

_SUBMODULE = "160000"


class Mounted(Struct, frozen=True):
    """The tree of a submodule's commit, its paths from the top of the repository around it."""

    inner: GitTree
    place: str

    def files(self, under: str) -> Iterator[TreeFile]:
        """Everything below `under`, which is in the submodule."""
        for each in self.inner.files(self._inside(under)):
            yield TreeFile(f"{self.place}/{each.path}", each.problem, each.blob)

    def read(self, path: str) -> bytes:
        """The bytes of a file that `files` gave. Raises UndecidableError where the clone lacks them."""
        return self.inner.read(self._inside(path))

    def _inside(self, path: str) -> str:
        return PurePosixPath(path).relative_to(self.place).as_posix()


def taken_submodule(repository: Repository, revision: str, path: str) -> Submodule | None:
    """The submodule in which the commit `revision` has `path`, where head has it no more, there or elsewhere."""
    if repository.nested(path) is not None:
        return None
    for name, place in _modules(repository.git, revision):
        if PurePosixPath(path).is_relative_to(place) and (commit := _gitlink(repository.git, revision, place)):
            return None if commit in _gitlinks(repository.git) else Submodule(name, place, commit)
    return None


def tree_of(repository: Repository, submodule: Submodule, revision: str) -> Tree:
    """Its files, as the commit `revision` of the repository around it has them.

    Raises UndecidableError where this clone has not fetched that commit of the submodule.
    """
    objects = repository.directory / "modules" / submodule.name / "objects"
    git = Git(repository.top, objects=objects) if _is_name(submodule.name) and objects.is_dir() else None
    if git is None or git.commit(submodule.commit) is None:
        place = from_top(submodule.place)
        raise UndecidableError(
            f"{submodule.place} was a submodule in base and is one no more, and its commit {submodule.commit[:12]} is "
            "not in this clone, so nothing is known of what landed in it",
            f"`git checkout {revision[:12]} && git submodule update --init {place} && "
            f"git submodule deinit --force {place} && git checkout -`, then verify again",
        )
    return Mounted(StoredTree(git, submodule.commit), submodule.place)


def _is_name(name: str) -> bool:
    """Whether git would take it for a submodule's: CVE-2018-11235 was one that led out of `.git/modules`."""
    return bool(name) and not Path(name).is_absolute() and ".." not in name.replace("\\", "/").split("/")


def _modules(git: Git, revision: str) -> Iterator[tuple[str, str]]:
    """Name and place of each submodule that `.gitmodules` of the commit names."""
    asked = ("--get-regexp", r"^submodule\..*\.path$")
    answer = git.ask("config", "-z", "--blob", f"{revision}:.gitmodules", *asked)
    for line in answer.output.split(b"\0")[:-1] if answer.status == 0 else ():
        key, _, place = os.fsdecode(line).partition("\n")
        yield key.removeprefix("submodule.").removesuffix(".path"), place.rstrip("/")


def _gitlink(git: Git, revision: str, place: str) -> str:
    """The commit of the submodule at `place`; empty where there is none."""
    listed = os.fsdecode(git.need("ls-tree", "-z", "--full-tree", revision, "--", f":(top,literal){place}"))
    mode, _, told = listed.partition(" ")
    return told.split("\t")[0].removeprefix("commit ") if mode == _SUBMODULE else ""


def _gitlinks(git: Git) -> frozenset[str]:
    """The commits of all submodules of the index: one that is moved keeps its own."""
    listed = (os.fsdecode(each).split(" ") for each in git.need("ls-files", "--stage", "-z").split(b"\0")[:-1])
    return frozenset(each[1] for each in listed if each[0] == _SUBMODULE)
