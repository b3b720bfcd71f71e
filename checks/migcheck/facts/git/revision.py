"""A commit in the place of what lies about: a repository whose index is that commit's tree."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from migcheck.facts.git.repository import Repository


@contextmanager
def at_revision(repository: Repository, revision: str) -> Iterator[Repository]:
    """`repository` with the commit that `revision` names as its HEAD, and its tree as its index; tags are peeled.

    Nothing is checked out, and the repository's own index is not touched. Raises UndecidableError where this clone has
    no such commit, or lacks its tree.
    """
    commit = repository.revision(revision).commit
    assert commit is not None
    with TemporaryDirectory(prefix="migcheck-") as home:
        git = replace(repository.git, index=Path(home) / "index")
        # A configuration may ask for more: that submodules follow.
        git.need("read-tree", "--no-recurse-submodules", commit)
        # Not a copy: what it knows of its files is of another index.
        yield Repository(repository.top, repository.directory, repository.shallow, git, commit)
