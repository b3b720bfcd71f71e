"""The default branch: the remote's where there is one, else this repository's own."""

from fnmatch import fnmatchcase
from shlex import quote

from migcheck.errors import UndecidableError
from migcheck.facts.git.repository import WHOLE_HISTORY, Repository
from migcheck.regex import regex

USUAL = ("main", "master")
"""What the branch that changes land on is mostly called."""

# gitrevisions(7): what may follow a branch's name, none of which is in one.
_FROM_A_BRANCH = regex(r"[~^:].*|@\{.*")


def default_branch(repository: Repository, told: str) -> str:
    """The full name of the branch that changes land on. `told` is its name where CI gives it.

    Raises UndecidableError where no branch stands out.
    """
    references = repository.branches()
    remote, branches = _of_best_remote(repository, references)
    if branches:
        return _of_remote(repository, branches, remote, told)
    return _of_repository(repository, {each: "" for each in references if each.startswith("refs/heads/")}, told)


def how_to_fetch(repository: Repository, revision: str) -> str | None:
    """How to get at the branch of a remote that `revision` names, where this clone is one of other branches alone.

    None where it names no such branch: `git fetch` brings what there is.
    """
    name = "refs/remotes/" + _FROM_A_BRANCH.sub("", revision).removeprefix("refs/").removeprefix("remotes/")
    for remote in _remotes(repository):
        kept = [here for each in _fetched(repository, remote) if (here := each.partition(":")[2])]
        if kept and name.startswith(f"refs/remotes/{remote}/") and not any(fnmatchcase(name, each) for each in kept):
            return _all_branches(repository, remote)
    return None


def how_to_fetch_commit(repository: Repository, commit: str) -> str:
    """How to get at a `commit` alone, which is base whatever stands between it and head; for a shallow clone."""
    remote = next(iter(_remotes(repository)), "")
    least = f"; the least that is needed: `git fetch --depth=1 {remote} {commit}`" if remote else ""
    return f"{WHOLE_HISTORY}{least}"


def how_to_fetch_branch(repository: Repository, name: str) -> str:
    """How to get at the branch of a remote of that full name, and in a shallow clone at all that leads to it."""
    remote, branch = name.removeprefix("refs/remotes/").split("/", 1)
    command = f"`git fetch %s{remote} {quote(f'+refs/heads/{branch}:{name}')}`"
    if not repository.shallow:
        return f"{command % ''}, or name a base with `--base`"
    return f"{WHOLE_HISTORY}; the least that is needed: {command % '--unshallow '}"


def _all_branches(repository: Repository, remote: str) -> str:
    whole = "--unshallow " if repository.shallow else ""
    return (
        f"`git remote set-branches {remote} '*'`, `git fetch {whole}{remote}` and "
        f"`git remote set-head {remote} --auto`, or name a base with `--base`"
    )


def _of_remote(repository: Repository, references: dict[str, str], remote: str, told: str) -> str:
    prefix = f"refs/remotes/{remote}/"
    for name in (told,) if told else ("HEAD", *USUAL):
        if prefix + name in references:
            return references[prefix + name] or prefix + name
    if told:
        raise UndecidableError(
            f"the default branch {told} is not in this clone",
            how_to_fetch_branch(repository, prefix + told),
        )
    upstream, branch = _upstream(repository)
    if upstream in references and upstream.removeprefix(prefix) != branch:
        return upstream
    if len(references) == 1 and _fetches_all(repository, remote):
        return next(iter(references))
    raise UndecidableError(
        f"nothing says which branch of the remote {remote} changes land on", _all_branches(repository, remote)
    )


def _of_repository(repository: Repository, references: dict[str, str], told: str) -> str:
    for name in (told,) if told else USUAL:
        if f"refs/heads/{name}" in references:
            return f"refs/heads/{name}"
    # The one branch of a shallow clone is the one that somebody was interested in, not the only one there is.
    if len(references) == 1 and not repository.shallow:
        return next(iter(references))
    raise UndecidableError(
        "nothing says which branch changes land on: no branch of a remote was fetched, and none is main or master",
        repository.remedy("name a base with `--base`, or `base` in the configuration"),
    )


def _of_best_remote(repository: Repository, references: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The remote origin, else the first that has branches here; and those branches.

    actions/checkout keeps a pull request at refs/remotes/pull, which is not a remote.
    """
    # Where no branch of one is here, git is not asked for their names.
    for remote in _remotes(repository) if any(each.startswith("refs/remotes/") for each in references) else ():
        branches = {each: to for each, to in references.items() if each.startswith(f"refs/remotes/{remote}/")}
        if branches:
            return remote, branches
    return "", {}


def _remotes(repository: Repository) -> list[str]:
    """The names of the remotes, origin before all others."""
    configured = repository.git.ask("config", "-z", "--name-only", "--get-regexp", r"^remote\..*\.url$").text
    remotes = [each.removeprefix("remote.").removesuffix(".url") for each in configured.split("\0")[:-1]]
    return sorted(remotes, key=lambda each: (each != "origin", each))


def _upstream(repository: Repository) -> tuple[str, str]:
    """The full name of what the checked-out branch follows, and the branch's own short name; both may be empty."""
    upstream = repository.git.ask("rev-parse", "--symbolic-full-name", "@{upstream}")
    branch = repository.git.ask("symbolic-ref", "--quiet", "--short", "HEAD")
    return (upstream.text if upstream.status == 0 else ""), (branch.text if branch.status == 0 else "")


def _fetches_all(repository: Repository, remote: str) -> bool:
    """Whether the one branch that is known is the only one there is: not so in a clone of a single branch."""
    return any("refs/heads/*" in each for each in _fetched(repository, remote)) and not repository.shallow


def _fetched(repository: Repository, remote: str) -> list[str]:
    """What `git fetch` takes from a remote, and after a colon what it calls it here."""
    return repository.git.ask("config", "--get-all", f"remote.{remote}.fetch").text.split("\n")
