"""Which revision has landed, and why that one (docs/design.md "Landed and applied")."""

import os
from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.errors import UndecidableError
from migcheck.facts.git.branches import USUAL, default_branch, how_to_fetch, how_to_fetch_branch, how_to_fetch_commit
from migcheck.facts.git.reflog import seen_before
from migcheck.facts.git.repository import WHOLE_HISTORY, Repository
from migcheck.facts.history.ci import Event, MergeQueue, NoEvent, PullRequest, Push, read_event
from migcheck.facts.history.history import Base, NothingLanded


class BaseChoice(Struct, frozen=True):
    """Who may name the base: an `option` that is `called` so, then the configuration, then a CI job's environment."""

    option: str | None = None
    called: str = "--base"
    configured: str | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)


class Head(Struct, frozen=True):
    """What is judged: the commit HEAD, or where `uncommitted` a commit that is still being made on it.

    `tips` are the commits it stands on: HEAD, and while a merge is being made what is merged into it. `name` is what
    people call the commit.
    """

    commit: str
    uncommitted: bool
    tips: tuple[str, ...]
    name: str = "HEAD"


def find_base(repository: Repository, choice: BaseChoice, *, uncommitted: bool) -> Base | NothingLanded:
    """The base: what `choice` names, else the CI event's, else by the default branch.

    `uncommitted`: what is judged is not HEAD's folder, so a commit is being made on HEAD. Raises UndecidableError where
    the revision that has landed cannot be reached.
    """
    commit = repository.head()
    if commit is None:
        return NothingLanded("the repository has no commit yet", unlanded=True)
    merging = repository.merging() if uncommitted else ()
    head = Head(commit, uncommitted, (commit, *merging), repository.judged[:12] or "HEAD")
    if choice.option:
        return _named(repository, head, choice.option, choice.called)
    event = read_event(choice.environ)
    if choice.configured:
        base = _named(repository, head, choice.configured, "the configured base")
        if uncommitted or base.revision != commit:
            return _unless_of_the_change(repository, head, event, base)
    return _by_event(repository, head, event)


def _unless_of_the_change(repository: Repository, head: Head, event: Event, configured: Base) -> Base | NothingLanded:
    """The configured base, save where a change under review names one of its own commits: that would hide the change.

    One that is older than the change is taken, and the report tells that the configuration was changed.
    """
    if isinstance(event, PullRequest | MergeQueue):
        landed = _by_event(repository, head, event)
        if isinstance(landed, Base) and not repository.is_ancestor(configured.revision, landed.revision):
            return replace(landed, why=f"{landed.why}; {configured.why} is part of this change")
    return configured


def _by_event(repository: Repository, head: Head, event: Event) -> Base | NothingLanded:
    match event:
        case MergeQueue(base):
            reached = _there(repository, base, "the merge queue's base")
            return Base(reached, "the base of the merge queue's group", unlanded=True)
        case PullRequest():
            return _of_pull_request(repository, head, event)
        case Push():
            return _of_push(repository, head, event)
        case NoEvent(default):
            return _of_default_branch(repository, head, default)


def _of_pull_request(repository: Repository, head: Head, event: PullRequest) -> Base:
    """The merge base with the target branch. Of the merge that GitHub checks out, that is the first parent."""
    parents = repository.parents(head.commit)
    if event.head and parents[1:] == (event.head,):
        reached = _there(repository, parents[0], "the target branch")
        return Base(reached, "the pull request's target branch", unlanded=True)
    for target in event.targets:
        if (tip := repository.resolve(target)) is None or (base := repository.merge_base(tip, *head.tips)) is None:
            continue
        if base == head.commit and event.head not in ("", head.commit):
            raise UndecidableError(
                "what is checked out is not the pull request, but its target branch",
                "check out the change: `ref: ${{ github.event.pull_request.head.sha }}` for actions/checkout",
            )
        return Base(base, f"the pull request's merge base with its target, {_short(target)}", unlanded=True)
    named = [how_to_fetch_branch(repository, each) for each in event.targets if each.startswith("refs/remotes/")]
    raise UndecidableError(
        "the pull request's target branch cannot be reached in this clone",
        *(named or [repository.remedy("`git fetch` the target branch, or name a base with `--base`")]),
    )


def _of_push(repository: Repository, head: Head, event: Push) -> Base | NothingLanded:
    """What the branch pointed at before. On a branch of its own, work that never landed may be mended or rewritten."""
    lands = event.protected or event.branch in {event.default, *USUAL}
    if not lands and (tip := repository.resolve(f"refs/remotes/origin/{event.default}")):
        before = repository.resolve(event.before)
        if before is None or not repository.is_ancestor(before, tip):
            return _of_default_branch(repository, head, event.default)
    before = _there(repository, event.before, "the revision before this push")
    return Base(before, "what the branch pointed at before this push")


def _of_default_branch(repository: Repository, head: Head, default: str) -> Base | NothingLanded:
    branch = default_branch(repository, default)
    tip = _reached(repository, branch, "the default branch")
    base = _common(repository, head, tip, _short(branch))
    if base != head.commit:
        return Base(base, f"the merge base with {_short(branch)}, the default branch", unlanded=True)
    if head.uncommitted:
        return Base(base, f"HEAD, which {_short(branch)} has: what is judged is not committed yet", unlanded=True)
    return _before_head(repository, head, branch)


def _before_head(repository: Repository, head: Head, branch: str) -> Base | NothingLanded:
    """What the branch, which has HEAD, was before: as this clone saw it, else the first parent, which is a guess."""
    short, parents = _short(branch), repository.parents(head.commit)
    # A branch of this repository's own may still be pushed.
    landed = branch.startswith("refs/remotes/")
    if not parents:
        return NothingLanded(f"{head.name} is the first commit")
    seen = seen_before(repository, branch, head.commit)
    if seen and seen.just_before:
        why = f"where {short} stood before {head.name} was pushed to it from this clone"
        return Base(seen.commit, why, landed=landed)
    parent = _there(repository, parents[0], f"the parent of {head.name}")
    why = f"the first parent of {head.name}, which is on {short}"
    if seen and seen.commit == parent:
        return Base(parent, why, landed=landed, last=head.name)
    doubt = f"If {short} was not there before this change, name what it was before: `--base REV`."
    doubt += f" This clone last saw it at {seen.commit[:12]}." if seen else ""
    return Base(parent, why, doubt, landed=landed, last=head.name)


def _named(repository: Repository, head: Head, revision: str, by: str) -> Base:
    tip = _reached(repository, revision, by)
    base = _common(repository, head, tip, revision)
    # A commit may be named by anybody who knows that more has landed since; a branch has what has landed.
    unlanded = (head.uncommitted or base != head.commit) and repository.is_branch(revision)
    named = f"named by {by}" if revision == tip else f"{revision} ({by})"
    why = named if base == tip else f"the merge base with {revision} ({by})"
    return Base(base, why, unlanded=unlanded)


def _common(repository: Repository, head: Head, tip: str, name: str) -> str:
    """The merge base of head with `tip`; `tip` itself where the two were never one history."""
    base = repository.merge_base(tip, *head.tips)
    if base is None and repository.shallow:
        raise UndecidableError(
            f"this shallow clone does not reach back to where {name} and {head.name} part", WHOLE_HISTORY
        )
    return base or tip


def _reached(repository: Repository, revision: str, what: str) -> str:
    commit = repository.resolve(revision)
    if commit is None:
        raise UndecidableError(
            f"{what} ({_short(revision)}) cannot be reached in this clone",
            how_to_fetch(repository, revision)
            or repository.remedy(
                f"`git fetch` it, or name what has landed with `--base` ({_short(revision)} may be gone)"
            ),
        )
    return commit


def _there(repository: Repository, commit: str, what: str) -> str:
    """As `_reached`, of a commit that is base itself: how it leads to head is of no account."""
    if repository.shallow and repository.resolve(commit) is None:
        raise UndecidableError(
            f"{what} ({commit}) cannot be reached in this clone", how_to_fetch_commit(repository, commit)
        )
    return _reached(repository, commit, what)


def _short(revision: str) -> str:
    return revision.removeprefix("refs/").removeprefix("remotes/").removeprefix("heads/")
