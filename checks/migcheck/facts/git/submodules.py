"""Submodules that hold the folder: which one does, and its files among those of the repository around it.

Facts: gitsubmodules(7) (`.git/modules/<name>` stays where a submodule is removed; one that moves keeps its name),
git-config(1) (`--blob`), git(1) (GIT_ALTERNATE_OBJECT_DIRECTORIES).
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import join
from shlex import quote

from msgspec import Struct

from migcheck.errors import UndecidableError
from migcheck.facts.git.client import Git
from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.submodule import Submodule
from migcheck.facts.git.trees import GitTree, StoredTree
from migcheck.facts.tree import TreeFile
from migcheck.paths import lies_in
from migcheck.wording import TOP, from_top

_SUBMODULE = "160000"


class Mounted(Struct, frozen=True):
    """A tree of the repository, in which one of its submodules, at `place`, has its files."""

    around: GitTree
    inner: GitTree
    place: str

    def files(self, under: str) -> Iterator[TreeFile]:
        """Everything below `under`; of the submodule, only where that is in it."""
        if not lies_in(under, self.place):
            yield from self.around.files(under)
            return
        for each in self.inner.files(_inside(under, self.place)):
            yield TreeFile(f"{self.place}/{each.path}", each.problem, each.blob)

    def read(self, path: str) -> bytes:
        """The bytes of a file that `files` gave. Raises UndecidableError where the clone lacks them."""
        if not lies_in(path, self.place):
            return self.around.read(path)
        return self.inner.read(_inside(path, self.place))

    def find(self, path: str) -> bytes | None:
        """The bytes of the file at `path`; None where there is none that can be read."""
        if not lies_in(path, self.place):
            return self.around.find(path)
        return self.inner.find(_inside(path, self.place))


def submodule_of_head(repository: Repository, path: str) -> Submodule | None:
    """The submodule of the index that holds `path`; None where none does, or one within that, or a clone."""
    if path not in repository.submodules:
        repository.submodules[path] = _holding(repository, path)
    return repository.submodules[path]


def _holding(repository: Repository, path: str) -> Submodule | None:
    place = repository.nested(path)
    commit = _staged(repository.git, place) if place else ""
    if not place or not commit:
        return None
    inner = repository_in(repository, place)
    if inner is not None and inner.nested(_inside(path, place)) is not None:
        return None
    return Submodule(_names(repository.git, "").get(place, ""), place, commit, place)


def submodule_of(
    repository: Repository, revision: str, path: str, head: Submodule | None = None
) -> tuple[Submodule, str] | None:
    """The submodule in which the commit `revision` has `path`, and where that is there.

    `head` is the one that holds it now: it may have moved.
    """
    git, here = repository.git, head.place if head else ""
    names = _names(git, revision)
    if found := _gitlink(git, revision, path):
        return Submodule(names.get(found[0], ""), *found, here), path
    if head is None:
        return None
    moved = []
    for place, name in names.items():
        # By its name, else by its commit.
        link = None if _staged(git, place) else _gitlink(git, revision, place)
        if link and link[0] == place and (name == head.name or link[1] == head.commit):
            moved.append((name != head.name, Submodule(name, *link, here)))
    if not moved:
        return None
    submodule = min(moved, key=lambda each: each[0])[1]
    return submodule, join(submodule.place, _inside(path, here))


def tree_around(repository: Repository, path: str, *, staged: bool) -> GitTree:
    """The tree that is judged, where a submodule holds `path` with its files, as far as they are here."""
    tree = repository.index() if staged else repository.worktree()
    head = submodule_of_head(repository, path)
    if head is None:
        return tree
    if staged:
        stored = _stored(repository, head)
        return tree if stored is None else Mounted(tree, stored, head.place)
    inner = repository_in(repository, head.place)
    return tree if inner is None else Mounted(tree, inner.worktree(), head.place)


def tree_at(repository: Repository, revision: str, submodule: Submodule | None) -> GitTree:
    """The tree of the commit `revision`, with the files of `submodule`, which is one of it.

    Raises UndecidableError where this clone has not fetched that commit of the submodule.
    """
    tree = repository.revision(revision)
    if submodule is None:
        return tree
    stored = _stored(repository, submodule)
    if stored is None:
        raise not_fetched(repository, submodule, revision)
    return Mounted(tree, stored, submodule.place)


def refuse_deeper(tree: GitTree, path: str) -> None:
    """Raise UndecidableError where a submodule of the one that is mounted in `tree` holds `path`."""
    inner = tree.inner if isinstance(tree, Mounted) else None
    if not isinstance(tree, Mounted) or not isinstance(inner, StoredTree) or inner.commit is None:
        return
    if found := _gitlink(inner.git, inner.commit, _inside(path, tree.place)):
        raise UndecidableError(
            f"{path} is in a submodule of the submodule {tree.place} in base, and only the outer one is read from here",
            f"`migcheck verify --base {found[1]} {quote(path)}`",
        )


def repository_in(repository: Repository, place: str) -> Repository | None:
    """The repository whose work tree is at `place`; None where nothing is checked out there, or it cannot be read."""
    if place not in repository.inner:
        repository.inner[place] = _open_in(repository, place)
    return repository.inner[place]


def _open_in(repository: Repository, place: str) -> Repository | None:
    if not repository.is_on_disk(join(place, ".git")):
        return None
    found = open_repository(repository.top / place, {})
    return found if isinstance(found, Repository) and found.top.samefile(repository.top / place) else None


def keeper_of(repository: Repository, path: str) -> tuple[Repository, str]:
    """The repository that keeps the files at `path`: this one, or a submodule's, and what begins their paths then."""
    head = submodule_of_head(repository, path)
    inner = repository_in(repository, head.place) if head else None
    return (inner, f"{head.place}/") if head and inner else (repository, "")


def astray(repository: Repository, path: str) -> str:
    """That the submodule which holds `path` is not checked out as the index has it; empty where it is."""
    head = submodule_of_head(repository, path)
    inner = repository_in(repository, head.place) if head else None
    lies = inner.head() if inner else None
    if head is None or lies is None or lies == head.commit:
        return ""
    return f"; judged is {head.place} as it lies there, at {lies[:12]}, not the {head.commit[:12]} that is staged"


def refuse_unread(repository: Repository, path: str, *, staged: bool) -> None:
    """Raise UndecidableError where another repository holds `path`, and nothing of it can be read from here."""
    nested = repository.nested(path)
    if nested is None or isinstance(tree_around(repository, path, staged=staged), Mounted):
        return
    checked_out = repository.is_on_disk(join(nested, ".git"))
    if staged or not checked_out:
        head = submodule_of_head(repository, path)
        raise not_fetched(repository, head) if head and checked_out else of_another(repository, path, nested)


def of_another(repository: Repository, path: str, nested: str) -> UndecidableError:
    """That the repository in the directory `nested` holds the folder at `path`, and what landed there is unknown."""
    update = f"`git submodule update --init {from_top(nested)}`, then verify {path}"
    if not repository.is_on_disk(join(nested, ".git")):
        return UndecidableError(f"{path} is in the submodule {nested}, which is not checked out", update)
    # Of one within a submodule its own history may say that nothing has landed: where it was set back, that is wrong.
    deeper = _staged(repository.git, nested) and submodule_of_head(repository, path) is None
    verify = f"`migcheck verify --base COMMIT {path}`, where COMMIT is what has landed of it"
    return UndecidableError(
        f"{path} is in a repository of its own, {nested}: this one knows nothing of its history",
        update if not repository.is_on_disk(path) else verify if deeper else f"`migcheck verify {path}`",
    )


def not_fetched(repository: Repository, submodule: Submodule, revision: str = "") -> UndecidableError:
    """That this clone lacks the submodule's commit, which `revision` (base) has, or where empty the index."""
    place, commit = from_top(submodule.here or submodule.place), submodule.commit
    lacks = f"its commit {commit[:12]} is not in this clone, so nothing is known of what landed in it"
    if not submodule.here:
        return UndecidableError(
            f"{submodule.place} was a submodule in base and is one no more, and {lacks}",
            f"`git checkout {revision[:12]} && git submodule update --init {place} && "
            f"git submodule deinit --force {place} && git checkout -`, then verify again",
        )
    # Where nothing is checked out, git would fetch for the repository around it.
    update = "" if repository_in(repository, submodule.here) else f"git submodule update --init {place} && "
    return UndecidableError(
        f"{submodule.place} is a submodule in {'base' if revision else 'what is judged'}, and "
        + (lacks if revision else f"its commit {commit[:12]} is not in this clone"),
        f"`{update}git -C {TOP}/{quote(submodule.here)} fetch origin {commit}`, then verify again",
    )


def _stored(repository: Repository, submodule: Submodule) -> StoredTree | None:
    """The tree of the submodule's commit; None where that is not in this clone."""
    if submodule not in repository.submodule_trees:
        repository.submodule_trees[submodule] = _read(repository, submodule)
    return repository.submodule_trees[submodule]


def _read(repository: Repository, submodule: Submodule) -> StoredTree | None:
    for objects in _stores(repository, submodule):
        git = Git(repository.top, objects=objects)
        if git.commit(submodule.commit) is not None:
            return StoredTree(git, submodule.commit)
    return None


def _stores(repository: Repository, submodule: Submodule) -> Iterator[Path]:
    """Where git may keep its objects: below the repository around it, or with its own work tree."""
    kept = repository.directory / "modules" / submodule.name / "objects"
    if _is_name(submodule.name) and kept.is_dir():
        yield kept
    inner = repository_in(repository, submodule.here) if submodule.here else None
    if inner is not None:
        yield Path(inner.git.ask("rev-parse", "--path-format=absolute", "--git-path", "objects").text)


def _is_name(name: str) -> bool:
    """Whether git would take it for a submodule's: CVE-2018-11235 was one that led out of `.git/modules`."""
    return bool(name) and not Path(name).is_absolute() and ".." not in name.replace("\\", "/").split("/")


def _names(git: Git, revision: str) -> dict[str, str]:
    """The name of each submodule that `.gitmodules` of the commit names, or where empty of the index; by its place."""
    asked = ("--get-regexp", r"^submodule\..*\.path$")
    answer = git.ask("config", "-z", "--blob", f"{revision}:.gitmodules", *asked)
    lines = answer.output.split(b"\0")[:-1] if answer.status == 0 else ()
    pairs = (os.fsdecode(line).partition("\n") for line in lines)
    return {place.rstrip("/"): key.removeprefix("submodule.").removesuffix(".path") for key, _, place in pairs}


def _gitlink(git: Git, revision: str, path: str) -> tuple[str, str] | None:
    """Place and commit of the submodule of a commit that `path` is, or is in; None where there is none."""
    around = [each.as_posix() for each in (PurePosixPath(path), *PurePosixPath(path).parents)][:-1]
    if not around or path.startswith("../"):
        return None
    listed = git.need("ls-tree", "-z", "--full-tree", revision, "--", *(f":(top,literal){each}" for each in around))
    for line in os.fsdecode(listed).split("\0")[:-1]:
        facts, _, place = line.partition("\t")
        # Of a directory that one of the paths leads into, git lists all that is in it for another.
        if facts.startswith(_SUBMODULE) and place in around:
            return place, facts.split(" ")[2]
    return None


def _staged(git: Git, place: str) -> str:
    """The commit of the index's submodule at `place`; empty where there is none, or a merge left several."""
    listed = os.fsdecode(git.need("ls-files", "--stage", "-z", "--", f":(top,literal){place}")).partition("\t")[0]
    mode, _, told = listed.partition(" ")
    return told.removesuffix(" 0") if mode == _SUBMODULE and told.endswith(" 0") else ""


def _inside(path: str, place: str) -> str:
    return PurePosixPath(path).relative_to(place).as_posix()
