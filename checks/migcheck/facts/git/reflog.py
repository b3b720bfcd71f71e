"""Where the default branch stood before it came to a commit: what git's reflog of this clone says of it."""

from msgspec import Struct

from migcheck.facts.git.repository import Repository

_FARTHEST = 100
_OF_PUSH = "update by push"
"""What git notes where its own push moved a branch of a remote; of a fetch it notes how it was called."""


class StoodAt(Struct, frozen=True):
    """The last commit that this clone saw a branch at before it came to another one.

    `just_before`: the branch stood nowhere in between. Only a push is known to move it in one step: a fetch may have
    passed over what stood there meanwhile, and so may a push of what came from another remote.
    """

    commit: str
    just_before: bool


def seen_before(repository: Repository, branch: str, commit: str) -> StoodAt | None:
    """Where `branch` (its full name) stood before it came to have `commit`, as far as this clone saw it.

    None where the reflog says nothing, or where that is no ancestor of `commit`.
    """
    for number in range(_FARTHEST):
        before = _before(repository, branch, number)
        if before is None:
            return None
        if before != commit and repository.is_ancestor(before, commit):
            pushed = _is_push(repository, branch, number, commit)
            return StoodAt(before, pushed and not _is_known_elsewhere(repository, branch, before, commit))
        if not repository.is_ancestor(commit, before):
            return None
    return None


def _before(repository: Repository, branch: str, number: int) -> str | None:
    """Where the move `number`, counted from the newest, began. Its own word: git drops entries between others."""
    asked = repository.git.ask("rev-parse", "--verify", "--quiet", f"{branch}@{{{number + 1}}}")
    return repository.resolve(asked.text) if asked.status == 0 else None


def _is_push(repository: Repository, branch: str, number: int, commit: str) -> bool:
    """Whether the move `number` was a push, of what has `commit`."""
    # Where the configuration has `log.showSignature`, git would start a program that it names.
    form = ("--no-show-signature", "--no-patch", "--format=%H%n%gs")
    listed = repository.git.ask("log", "--walk-reflogs", "--max-count=1", *form, f"{branch}@{{{number}}}", "--")
    match listed.text.split("\n"):
        case [moved, message] if message == _OF_PUSH:
            return repository.is_ancestor(commit, moved)
        case _:
            return False


def _is_known_elsewhere(repository: Repository, branch: str, before: str, commit: str) -> bool:
    """Whether another remote has a part of what the push brought: there it may have landed piece by piece."""
    remote = branch.removeprefix("refs/remotes/").partition("/")[0]
    brought = repository.git.need("rev-list", "--count", commit, f"^{before}")
    alone = repository.git.need(
        "rev-list", "--count", commit, f"^{before}", "--not", f"--exclude={remote}/*", "--remotes"
    )
    return brought != alone
