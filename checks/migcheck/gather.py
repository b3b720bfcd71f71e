"""Gathering the facts of one folder, gate by gate. What cannot be learnt is raised as UndecidableError."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from posixpath import join, normpath, relpath

from msgspec import Struct, structs

from migcheck.clearance import Clearance, plan_of
from migcheck.config import FolderConfig
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import BrokenJournal, Journal
from migcheck.drizzle.ledger import Ledger, LedgerName, pending
from migcheck.drizzle.names import leaves_folder, path_of
from migcheck.drizzle.snapshot import BrokenSnapshot, Snapshot, parse_snapshot
from migcheck.errors import UndecidableError
from migcheck.facts.base import BaseChoice
from migcheck.facts.config import Loaded
from migcheck.facts.folder import FolderFacts
from migcheck.facts.git_trees import GitTree
from migcheck.facts.grace import read_grace
from migcheck.facts.history import Base, History
from migcheck.facts.project import ProjectFacts
from migcheck.facts.read_history import read_history
from migcheck.facts.read_project import read_project
from migcheck.facts.rehearsal import Rehearsal
from migcheck.facts.repository import NoRepository, Repository
from migcheck.facts.stored_snapshots import stored_snapshots
from migcheck.facts.target import PATIENCE, Target, TargetFacts
from migcheck.facts.tree import DiskTree
from migcheck.facts.unmade import stood_so, was_made
from migcheck.project import Asked, Project
from migcheck.wording import from_top

Tell = Callable[[str], None]
OldSnapshot = Callable[[Snapshot | BrokenSnapshot], Snapshot | BrokenSnapshot | None]


class Found(Struct, frozen=True):
    """The facts a rehearsal starts from. `ledger` is the target's, or the one that was given."""

    folder: Folder
    history: History | None
    target: Target | None
    ledger: Ledger | None


def head_tree(project: Project, asked: Asked) -> GitTree:
    """Where the folder to judge is read from: the index in a hook or when asked, else the work tree."""
    match project.repository:
        case Repository() as repository:
            return repository.index() if asked.staged else repository.worktree()
        case NoRepository():
            return DiskTree(project.root)


def sql_files(project: Project, asked: Asked) -> Iterator[str]:
    """The paths of the SQL files of every folder that is configured, and of all that git tracks."""
    tree = head_tree(project, asked)
    for which in project.config.folder:
        yield from (each.path for each in tree.files(which.path))
    if isinstance(project.repository, Repository):
        yield from project.repository.tracked("*.sql")


def ledger_name(which: FolderConfig) -> LedgerName:
    """Where the folder's ledger is in its target."""
    return LedgerName(which.ledger.schema, which.ledger.table)


def gather_history(project: Project, folder: Folder, asked: Asked) -> History:
    """The folder in base and in head. Raises UndecidableError where there is no repository or no reachable base."""
    match project.repository:
        case NoRepository(reason, remedy):
            raise UndecidableError(reason, remedy)
        case Repository() as repository:
            _refuse_nested(project, repository, folder.path)
            scratch = project.config.scratch
            history = read_history(
                repository,
                folder,
                _base_choice(project, asked),
                judge_paths=tuple(path for path in (project.loaded.path, scratch.prelude) if path),
                staged=asked.staged,
            )
            grace = read_grace(repository, history, project.loaded.path, project.config.history.grace)
            return structs.replace(history, grace=grace)


def _base_choice(project: Project, asked: Asked) -> BaseChoice:
    option, called = (asked.clearance.base, "the clearance") if asked.clearance else (asked.base, "--base")
    return BaseChoice(option, called, project.config.base, os.environ)


def gather_project(project: Project, which: FolderConfig, asked: Asked, history: History | None) -> ProjectFacts:
    """What is around the folder. Raises UndecidableError where there is no repository, or it cannot be read."""
    match project.repository:
        case NoRepository(reason, remedy):
            raise UndecidableError(reason, remedy)
        case Repository() as repository:
            facts = read_project(repository, which.path, ledger_name(which), history, staged=asked.staged)
            new = history.new() if history else ()
            outside = tuple(each.tag for each in new if each.tag in project.config.outside)
            return structs.replace(facts, outside=outside)


def _refuse_nested(project: Project, repository: Repository, path: str) -> None:
    """Raise UndecidableError where another repository holds the folder: here, nothing of it would ever have landed."""
    if nested := repository.nested(path):
        raise _of_another(project, repository, path, nested)


def _of_another(project: Project, repository: Repository, path: str, nested: str) -> UndecidableError:
    """That the repository in the directory `nested` holds the folder at `path`."""
    update = f"`git submodule update --init {from_top(nested)}`, then verify {path}"
    moved = _moved(project.loaded, path, nested)
    if not _is_checked_out(repository, nested):
        return UndecidableError(f"{path} is in the submodule {nested}, which is not checked out", update + moved)
    return UndecidableError(
        f"{path} is in a repository of its own, {nested}: this one knows nothing of its history",
        (f"`migcheck verify {path}`" if repository.is_on_disk(path) else update) + moved,
    )


def _moved(loaded: Loaded, path: str, nested: str) -> str:
    """What to do so that no run here asks again for a folder that is configured here and judged there."""
    if not loaded.path or path not in loaded.every():
        return ""
    return f"; for hooks and CI here to pass, take it out of {loaded.path}, and put such into {nested} itself"


def _is_checked_out(repository: Repository, nested: str) -> bool:
    return repository.is_on_disk(join(nested, ".git"))


def refuse_unseen(project: Project, folder: Folder, asked: Asked) -> None:
    """Raise UndecidableError where another repository holds the folder, and nothing of it can be read from here."""
    repository = project.repository
    nested = repository.nested(folder.path) if isinstance(repository, Repository) and not folder.files else None
    # Of another repository an index has its commit alone.
    if isinstance(repository, Repository) and nested and (asked.staged or not _is_checked_out(repository, nested)):
        raise _of_another(project, repository, folder.path, nested)


def folder_facts(project: Project, folder: Folder, history: History | None, now: int, asked: Asked) -> FolderFacts:
    """What the rules of gate `folder` judge.

    Where a repository cannot say what landed, everything may have: the run is undecided, and hundreds of old debts
    told as new faults would hide why. With a clearance the folder was judged when that was given, and what blocks was
    settled then; to whoever has no git now, all of it is old.
    """
    settled = structs.replace(folder) if asked.clearance is not None else None
    match project.repository:
        case NoRepository():
            return FolderFacts(folder, now, settled, none_yet=folder.path in project.loaded.absent)
        case Repository() as repository if repository.nested(folder.path) is not None:
            return FolderFacts(folder, now, folder)
        case Repository() as repository:
            ignored = _ignored(repository, folder)
            none_yet, meant = _unmade(project, repository, folder, history, asked)
            # Only where the journal is broken does anybody ask.
            merging = isinstance(folder.journal, BrokenJournal) and bool(repository.merging())
            if history is None:
                return FolderFacts(
                    folder,
                    now,
                    settled or folder,
                    ignored,
                    none_yet=none_yet,
                    merging=merging,
                    differs=repository.differs,
                    meant=meant,
                )
            landed_at = history.base.revision[:12] if isinstance(history.base, Base) else ""
            old = _old_snapshot(repository, history, folder)
            stored = partial(stored_snapshots, repository, history)
            return FolderFacts(
                folder,
                now,
                history.before,
                ignored,
                old,
                landed_at,
                none_yet,
                merging,
                repository.differs,
                stored,
                meant=meant,
                taken=_taken(history),
            )


def _ignored(repository: Repository, folder: Folder) -> frozenset[str]:
    """The files of the folder that git ignores, and those that an entry names and nobody committed for that reason."""
    there = {each.path for each in (*folder.files, *folder.unreadable)}
    tags = [each.tag for each in folder.journal.entries] if isinstance(folder.journal, Journal) else []
    named = {path_of(folder.path, tag) for tag in tags if not leaves_folder(tag)}
    ignored = repository.ignored(each.path for each in folder.files)
    # Asked apart: git refuses to answer for any where one of them is beyond a symbolic link.
    return frozenset((*ignored, *(repository.ignored(sorted(named - there)) if named - there else ())))


def _unmade(
    project: Project, repository: Repository, folder: Folder, history: History | None, asked: Asked
) -> tuple[bool, tuple[str, ...]]:
    """Whether the folder is only not made yet, and those that may be meant in its place.

    Where base is not known, gate `history` has said so.
    """
    path, loaded = folder.path, project.loaded
    lost = isinstance(folder.journal, BrokenJournal) and folder.journal.lost
    meant = loaded.astray.get(path, ())
    if lost or not (meant or path in loaded.absent):
        return False, ()
    revision = history.base.revision if history is not None else ""
    if not revision:
        return not meant, meant
    base = repository.revision(revision)
    if was_made(base, path) or _taken(history):
        return False, ()
    return not meant or stood_so(base, head_tree(project, asked), path, meant), meant


def _taken(history: History | None) -> str:
    """Where the submodule was that held the folder in base and is no more; empty where none did."""
    base = None if history is None else history.base
    return base.taken.place if isinstance(base, Base) and base.taken is not None else ""


def _old_snapshot(repository: Repository, history: History, folder: Folder) -> OldSnapshot:
    """How to read base's snapshots, which history was read without: one at a time, by the name of head's."""
    if history.before is None or not isinstance(history.base, Base):
        return lambda _snapshot: None
    revision, before = repository.revision(history.base.revision), history.before.path

    def find(snapshot: Snapshot | BrokenSnapshot) -> Snapshot | BrokenSnapshot | None:
        content = revision.find(normpath(join(before, relpath(snapshot.path, folder.path))))
        return None if content is None else parse_snapshot(snapshot.path, snapshot.prefix, content)

    return find


def gather_target(url: str, which: FolderConfig, asked: Asked, tell: Tell, *, patience: float = PATIENCE) -> Target:
    """The target, read only. `patience` is how many seconds to wait for a ledger that another deploy holds.

    `tell` hears of a database that is waited for.

    Raises UndecidableError where it does not answer or no deploy may go there, UsageError where `url` is none.
    """
    from migcheck.facts.read_target import read_target  # noqa: PLC0415 - psycopg is not needed offline
    from migcheck.postgres.address import parse_address, refuse_pooler  # noqa: PLC0415 - likewise

    address = parse_address(url, which.database_url, asked.route)
    if asked.deploying:
        refuse_pooler(address, which.database_url)
    return read_target(address, ledger_name(which), patience=patience, deploying=asked.deploying, tell=tell)


def target_facts(
    target: Target, folder: Folder, history: History | None, rehearsal: Rehearsal | None, asked: Asked
) -> TargetFacts:
    """What the rules of gate `target` judge."""
    told = asked.clearance.known if asked.clearance is not None else {}
    known = {**told, **known_hashes(folder, target.ledger, history)}
    change = _rehearsed_change(folder, target.ledger, rehearsal, asked.clearance)
    return TargetFacts(target, folder, known, asked.deploying, change)


def _rehearsed_change(
    folder: Folder, ledger: Ledger, rehearsal: Rehearsal | None, clearance: Clearance | None
) -> tuple[str, ...]:
    """What a rehearsal, now or when the clearance was given, saw change by what is pending on `ledger`."""
    if rehearsal is not None:
        return rehearsal.catalogue_change
    if clearance is None or plan_of(pending(folder, ledger)) != clearance.plan:
        return ()
    return clearance.catalogue_change


def known_hashes(folder: Folder, ledger: Ledger, history: History | None) -> dict[str, str]:
    """Each hash that the folder has or that some revision knows for a row of the ledger, with its tag there."""
    known = {each.hash: each.tag for each in folder.migrations}
    for row in ledger.rows:
        found = history.lookup(row.hash) if history is not None and row.hash not in known else None
        if found is not None:
            known[row.hash] = found.tag
    return known
