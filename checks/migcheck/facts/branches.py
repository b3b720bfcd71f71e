"""The default branch: the remote's where there is one, else this repository's own."""

from migcheck.errors import UndecidableError
from migcheck.facts.repository import Repository

_USUAL = ("main", "master")


def default_branch(repository: Repository, told: str) -> str:
    """The full name of the branch that changes land on. `told` is its name where CI gives it.

    Raises UndecidableError where no branch stands out.
    """
    references = _references(repository)
    remotes = sorted({each.split("/")[2] for each in references if each.startswith("refs/remotes/")})
    if remotes:
        remote = "origin" if "origin" in remotes else remotes[0]
        return _of_remote(repository, references, remote, told)
    return _of_repository(references, told)


def _of_remote(repository: Repository, references: dict[str, str], remote: str, told: str) -> str:
    prefix = f"refs/remotes/{remote}/"
    for name in filter(None, (told, "HEAD", *_USUAL)):
        if prefix + name in references:
            return references[prefix + name] or prefix + name
    upstream, branch = _upstream(repository)
    if upstream in references and upstream.removeprefix(prefix) != branch:
        return upstream
    if len(references) == 1 and _fetches_all(repository, remote):
        return next(iter(references))
    raise UndecidableError(
        f"nothing says which branch of the remote {remote} changes land on",
        f"`git fetch {remote}` and `git remote set-head {remote} --auto`, or name a base with `--base`",
    )


def _of_repository(references: dict[str, str], told: str) -> str:
    for name in filter(None, (told, *_USUAL)):
        if f"refs/heads/{name}" in references:
            return f"refs/heads/{name}"
    if len(references) == 1:
        return next(iter(references))
    raise UndecidableError(
        "nothing says which branch changes land on: there is no remote, and no branch main or master",
        "name a base with `--base`, or `base` in the configuration",
    )


def _references(repository: Repository) -> dict[str, str]:
    """The remotes' branches, or where there are none this repository's; each with what it points to, if symbolic."""
    answer = repository.git.need("for-each-ref", "--format=%(refname)%00%(symref)", "refs/remotes", "refs/heads")
    lines = (line.partition("\0") for line in answer.decode("utf-8", "surrogateescape").splitlines())
    found = {name: target for name, _, target in lines}
    remote = {name: target for name, target in found.items() if name.startswith("refs/remotes/")}
    return remote or found


def _upstream(repository: Repository) -> tuple[str, str]:
    """The full name of what the checked-out branch follows, and the branch's own short name; both may be empty."""
    upstream = repository.git.ask("rev-parse", "--symbolic-full-name", "@{upstream}")
    branch = repository.git.ask("symbolic-ref", "--quiet", "--short", "HEAD")
    return (upstream.text if upstream.status == 0 else ""), (branch.text if branch.status == 0 else "")


def _fetches_all(repository: Repository, remote: str) -> bool:
    """Whether the one branch that is known is the only one there is: not so in a clone of a single branch."""
    fetched = repository.git.ask("config", "--get-all", f"remote.{remote}.fetch").text
    return "refs/heads/*" in fetched and not repository.shallow
