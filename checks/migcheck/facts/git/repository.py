"""The git repository around a folder: its trees, and what its history can be asked."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from shlex import quote

from msgspec import Struct, field

from migcheck.errors import UndecidableError
from migcheck.facts.disk import read_regular
from migcheck.facts.git.client import Git
from migcheck.facts.git.listing import Globs
from migcheck.facts.git.submodule import Submodule
from migcheck.facts.git.tracked_text import BaseText, HeadText, Modules, TrackedText
from migcheck.facts.git.trees import GitTree, StoredTree, WorkTree
from migcheck.odd_names import remember_names
from migcheck.regex import regex

WHOLE_HISTORY = (
    "fetch the whole history: `fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` on GitLab, or "
    "`git fetch --unshallow`"
)

_BROKEN = regex(r"ignoring broken ref (?P<name>refs/.*)")


class Repository(Struct, frozen=True):
    """A repository with a work tree. `top` is that tree's root, `directory` what git keeps for it (`.git`).

    `shallow`: the clone has only the newest commits, so a commit without parents may have some. `judged` is the commit
    that stands for HEAD and whose tree is the index; empty where HEAD is what it is. `joined` are the ids of what `git
    merge` says that it merges, where it asks a hook. What was learnt of its submodules is kept for a whole run: `inner`
    by their places, `submodules` by paths that are in them, and `submodule_trees`.
    """

    top: Path
    directory: Path
    shallow: bool
    git: Git
    judged: str = ""
    joined: tuple[str, ...] = ()
    _heads: dict[bool, HeadText] = field(default_factory=dict)
    _bases: dict[str, BaseText] = field(default_factory=dict)
    _modules: Modules = field(default_factory=dict)
    _trees: dict[str, StoredTree] = field(default_factory=dict)
    _nested: dict[str, str | None] = field(default_factory=dict)
    inner: "dict[str, Repository | None]" = field(default_factory=dict)
    submodules: dict[str, Submodule | None] = field(default_factory=dict)
    submodule_trees: dict[Submodule, StoredTree | None] = field(default_factory=dict)

    def worktree(self) -> GitTree:
        """The files that lie about, read as git would store them."""
        return WorkTree(self.git, self.top)

    def index(self) -> StoredTree:
        """What is staged: the next commit. In a hook of a partial commit, the index of that commit."""
        return StoredTree(self.git, None)

    def head_text(self, *, staged: bool) -> HeadText:
        """The tracked files that lie about, or where `staged` those of the index; one for all folders of a run."""
        return self._heads.setdefault(staged, HeadText(self.git, None if staged else self.top, self._modules))

    def base_text(self, commit: str) -> TrackedText:
        """The tracked files of a commit, given by its id; one for all folders of a run."""
        return self._bases.setdefault(commit, BaseText(self.git, commit, self.head_text(staged=True), self._modules))

    def revision(self, revision: str) -> StoredTree:
        """The tree of a revision; one for a whole run. Raises UndecidableError where this clone cannot reach it."""
        commit = self.resolve(revision)
        if commit is None:
            raise UndecidableError(
                f"the revision {revision} cannot be reached in this clone", self.remedy(f"`git fetch` it: {revision}")
            )
        return self._trees.setdefault(commit, StoredTree(self.git, commit))

    def resolve(self, revision: str) -> str | None:
        """The id of the commit that a revision names; None where this clone has no such commit."""
        found = self.git.commit(revision)
        return found and found.identity

    def is_branch(self, revision: str) -> bool:
        """Whether a revision is the name of a branch, of this repository or of a remote."""
        named = self.git.ask("rev-parse", "--symbolic-full-name", revision)
        return named.text.startswith(("refs/heads/", "refs/remotes/"))

    def head(self) -> str | None:
        """The commit that is checked out, or is judged in its place; None where there is none yet.

        Raises UndecidableError where there is one that this clone cannot read.
        """
        if self.judged:
            return self.judged
        commit = self.resolve("HEAD")
        if commit is None:
            self.branches()
        if commit is None and (named := self.git.ask("rev-parse", "--verify", "--quiet", "HEAD")).status == 0:
            raise UndecidableError(
                f"the commit of HEAD ({named.text[:12]}) cannot be read, so nothing is known of what landed",
                f"run `git fsck` in {self.top}; in an image, copy all of .git",
            )
        return commit

    def branches(self) -> dict[str, str]:
        """Every branch, of this repository and of remotes; each with what it points to, where it is symbolic.

        Raises UndecidableError where one cannot be read: another would pass for the one that changes land on.
        """
        answer = self.git.ask("for-each-ref", "--format=%(refname)%00%(symref)", "refs/remotes", "refs/heads")
        if broken := _BROKEN.search(answer.complaint):
            raise UndecidableError(
                f"the branch {broken['name']} cannot be read, so nothing is known of what landed",
                f"`git fetch` it again, or remove it: `git update-ref -d {quote(broken['name'])}`",
            )
        lines = (line.partition("\0") for line in answer.text.split("\n"))
        return {name: target for name, _, target in lines if name}

    def merge_base(self, one: str, *others: str) -> str | None:
        """The best common ancestor of `one` and of a merge of `others`; None where there is none in this clone."""
        # What was read already spares a process: mostly a change is one commit, or is made on what has landed.
        if one in others or any(one in self.parents(each) for each in others):
            return one
        answer = self.git.ask("merge-base", one, *others)
        return answer.text if answer.status == 0 else None

    def parents(self, commit: str) -> tuple[str, ...]:
        """The parents as the commit itself names them: a shallow clone hides them from every other command."""
        found = self.git.commit(commit)
        head = found.content.partition(b"\n\n")[0].decode("utf-8", "replace") if found else ""
        return tuple(line.removeprefix("parent ") for line in head.split("\n") if line.startswith("parent "))

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether `other` has `one` in its history (or is it)."""
        # What was read already spares a process.
        if one == other or one in self.parents(other):
            return True
        return self.git.ask("merge-base", "--is-ancestor", one, other).status == 0

    def merging(self) -> tuple[str, ...]:
        """The commits that are being merged into HEAD right now; none where no merge is under way."""
        # A hook asks this at each commit, and most are no merge: no process is started for those. The file is read, for
        # of several commits in it `git rev-parse` names the first alone.
        try:
            told = read_regular(self.directory / "MERGE_HEAD").decode("ascii", "replace").split()
        except OSError:
            told = []
        found = (self.resolve(each) for each in (*told, *self.joined))
        return tuple(dict.fromkeys(each for each in found if each))

    def ignored(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of `paths` that git ignores and does not track."""
        # Left to itself, git searches its whole index for each path: 40 seconds for 50,000 of them.
        tracked = self.git.tracked()
        asked = b"\0".join(os.fsencode(path) for path in paths if path not in tracked)
        if not asked:
            return ()
        answer = self.git.ask("check-ignore", "--no-index", "-z", "--stdin", stdin=asked)
        return tuple(os.fsdecode(each) for each in answer.output.split(b"\0")[:-1])

    def tracked(self, *names: str) -> tuple[str, ...]:
        """The files that git tracks whose path ends with one of `names`, in which `*` stands for what a name holds."""
        found = tuple(Globs(f"**/{name}" for name in names).among(self.git.tracked()))
        remember_names(found)
        return found

    def untracked(self, *names: str) -> tuple[str, ...]:
        """As `tracked`, the files that it does not track and does not ignore."""
        where = (f":(top,glob)**/{name}" for name in names)
        listed = self.git.need("ls-files", "-z", "--others", "--exclude-standard", "--", *where).split(b"\0")[:-1]
        found = tuple(os.fsdecode(each) for each in listed)
        remember_names(found)
        return found

    def differs(self, path: str) -> bool:
        """Whether a file is not the same in the work tree, the index and HEAD, for all that git can tell."""
        try:
            head = self.head()
            trees = [self.worktree(), self.index(), *([self.revision(head)] if head else [])]
            return len({tree.find(path) for tree in trees}) > 1
        except UndecidableError:
            return True

    def nested(self, path: str) -> str | None:
        """The directory of another repository, a submodule or a clone, that `path` lies in; None where it is ours."""
        if path not in self._nested:
            self._nested[path] = self._outermost(path)
        return self._nested[path]

    def _outermost(self, path: str) -> str | None:
        around = [each.as_posix() for each in (PurePosixPath(path), *PurePosixPath(path).parents)]
        outermost_first = [each for each in reversed(around) if each not in (".", "..")]
        # A submodule that is not checked out has no .git, and its place in the index is that of a file.
        submodules = bool(self.judged) or (self.top / ".gitmodules").exists()
        for each in outermost_first:
            lies_there = not self.judged and os.path.lexists(self.top / each / ".git")
            if lies_there or (submodules and self._is_submodule(each)):
                return each
        return None

    def is_on_disk(self, path: str) -> bool:
        """Whether there is anything at `path` of the work tree, a link that leads nowhere among it."""
        return os.path.lexists(self.top / path)

    def _is_submodule(self, path: str) -> bool:
        listed = self.git.need("ls-files", "--stage", "-z", "--", f":(top,literal){path}").split(b"\0")
        return listed[0].startswith(b"160000 ") and listed[0].endswith(b"\t" + os.fsencode(path))

    def remedy(self, otherwise: str) -> str:
        """How to get at history that is missing: whole history where the clone is shallow, else `otherwise`."""
        if not self.shallow:
            return otherwise
        return WHOLE_HISTORY
