"""Gathering the facts of one folder, gate by gate. What cannot be learnt is raised as UndecidableError."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from migcheck.clearance import Clearance, plan_of
from migcheck.config.config import FolderConfig
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import BrokenJournal, Journal
from migcheck.drizzle.ledger import Ledger, LedgerName, pending
from migcheck.drizzle.names import leaves_folder, path_of
from migcheck.drizzle.snapshot import BrokenSnapshot, Snapshot, parse_snapshot
from migcheck.errors import UndecidableError
from migcheck.facts.configuration.unmade import stood_so, was_made
from migcheck.facts.folder import FolderFacts
from migcheck.facts.git.open_repository import NoRepository
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.submodules import keeper_of, of_another, refuse_unread, submodule_of_head, tree_around
from migcheck.facts.git.trees import GitTree
from migcheck.facts.history.base import BaseChoice, find_base
from migcheck.facts.history.grace import read_grace
from migcheck.facts.history.history import Base, History
from migcheck.facts.history.read_history import read_history
from migcheck.facts.history.stored_snapshots import snapshots_in_base, stored_snapshots
from migcheck.facts.project.judged import ProjectFacts
from migcheck.facts.project.read_project import foresee_project, read_project
from migcheck.facts.rehearsal import Rehearsal, Request
from migcheck.facts.target.judged import PATIENCE, Target, TargetFacts
from migcheck.facts.tree import DiskTree
from migcheck.project import Asked, Project

if TYPE_CHECKING:
    from migcheck.postgres.target.address import Address

Tell = Callable[[str], None]
OldSnapshot = Callable[[Snapshot | BrokenSnapshot], Snapshot | BrokenSnapshot | None]


class Found(Struct, frozen=True):
    """The facts a rehearsal starts from. `ledger` is the target's, or the one that was given."""

    folder: Folder
    history: History | None
    target: Target | None
    ledger: Ledger | None

    def standing_for(self, request: Request, outside: frozenset[str]) -> Request:
        """`request` with what is known of the target that it stands for, and the tags of what runs `outside` there."""
        version, superuser = (0, False) if self.target is None else (self.target.version, self.target.superuser)
        return structs.replace(request, outside=outside, target_version=version, superuser=superuser)


def head_tree(project: Project, asked: Asked, folder: str = ".") -> GitTree:
    """Where the folder to judge is read from: the index in a hook or when asked, else the work tree.

    Where a submodule holds it at `folder`, with the files of that.
    """
    match project.repository:
        case Repository() as repository:
            return tree_around(repository, folder, staged=asked.staged)
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
            _refuse_nested(repository, folder.path, staged=asked.staged)
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


def base_commit(project: Project, asked: Asked) -> str | None:
    """The commit that has landed, whatever is known of a folder there; None where there is none, or it is not known."""
    repository = project.repository
    if isinstance(repository, NoRepository):
        return None
    try:
        uncommitted = asked.staged and not repository.judged
        base = find_base(repository, _base_choice(project, asked), uncommitted=uncommitted)
    except UndecidableError:
        return None
    return base.revision if isinstance(base, Base) else None


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
            said = project.config.outside(which.path)
            outside = tuple(each.tag for each in new if each.tag in said)
            return structs.replace(facts, outside=outside, elsewhere=partial(_deployed_elsewhere, project, which))


def foresee_project_of(project: Project, which: FolderConfig, asked: Asked) -> None:
    """Have git begin with what `gather_project` needs, where that is asked."""
    if isinstance(project.repository, Repository) and asked.clearance is None:
        foresee_project(project.repository, ledger_name(which), staged=asked.staged)


def _deployed_elsewhere(project: Project, which: FolderConfig) -> frozenset[str]:
    """The folders that are configured with another database than `which` is, or another ledger."""
    ours = (which.database_url, which.ledger)
    return frozenset(each.path for each in project.loaded.named() if (each.database_url, each.ledger) != ours)


def _refuse_nested(repository: Repository, path: str, *, staged: bool) -> None:
    """Raise UndecidableError where another repository holds the folder: here, nothing of it would ever have landed."""
    refuse_unread(repository, path, staged=staged)
    if (nested := repository.nested(path)) and submodule_of_head(repository, path) is None:
        raise of_another(repository, path, nested)


def refuse_unseen(project: Project, folder: Folder, asked: Asked) -> None:
    """Raise UndecidableError where another repository holds the folder, and nothing of it can be read from here."""
    if isinstance(project.repository, Repository) and not folder.files:
        refuse_unread(project.repository, folder.path, staged=asked.staged)


def folder_facts(project: Project, folder: Folder, history: History | None, now: int, asked: Asked) -> FolderFacts:
    """What the rules of gate `folder` judge.

    Where a repository cannot say what landed, everything may have: the run is undecided, and hundreds of old debts
    told as new faults would hide why. With a clearance the folder was judged when that was given, and what blocks was
    settled then; to whoever has no git now, all of it is old.
    """
    match project.repository:
        case NoRepository():
            before = folder if asked.clearance is not None else None
            return FolderFacts(folder, now, before, none_yet=folder.path in project.loaded.absent)
        case Repository() as repository if history is None and repository.nested(folder.path) is not None:
            return FolderFacts(folder, now, folder, base_unknown=True)
        case Repository() as repository:
            keeper, prefix = keeper_of(repository, folder.path)

            def differs(path: str) -> bool:
                return keeper.differs(path.removeprefix(prefix))

            none_yet, meant = _unmade(project, repository, folder, history, asked)
            here = FolderFacts(
                folder,
                now,
                folder,
                _ignored(repository, folder),
                none_yet=none_yet,
                # Only where the journal is broken does anybody ask.
                merging=isinstance(folder.journal, BrokenJournal) and bool(repository.merging()),
                differs=differs,
                meant=meant,
                base_unknown=history is None and asked.clearance is None,
            )
            if history is None:
                return here
            return structs.replace(
                here,
                before=history.before,
                old_snapshot=_old_snapshot(repository, history),
                landed_at=history.base.revision[:12] if isinstance(history.base, Base) else "",
                stored_snapshots=partial(stored_snapshots, repository, history),
                submodule=_submodule(history),
            )


def _ignored(repository: Repository, folder: Folder) -> frozenset[str]:
    """The files of the folder that git ignores, and those that an entry names and nobody committed for that reason."""
    there = {each.path for each in (*folder.files, *folder.unreadable)}
    tags = [each.tag for each in folder.journal.entries] if isinstance(folder.journal, Journal) else []
    named = {path_of(folder.path, tag) for tag in tags if not leaves_folder(tag)}
    keeper, prefix = keeper_of(repository, folder.path)
    # Asked apart: git refuses to answer for any where one of them is beyond a symbolic link.
    paths = [[each.path for each in folder.files], sorted(named - there)]
    asked = [keeper.ignored(each.removeprefix(prefix) for each in some) for some in paths]
    return frozenset(prefix + each for some in asked for each in some)


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
    if was_made(base, path) or _submodule(history):
        return False, ()
    return not meant or stood_so(base, head_tree(project, asked), path, meant), meant


def _submodule(history: History | None) -> str:
    """Where the submodule was that held the folder in base; empty where none did, or it has moved."""
    found = history.base.submodule if history is not None and isinstance(history.base, Base) else None
    return found.place if found is not None and found.here in ("", found.place) else ""


def _old_snapshot(repository: Repository, history: History) -> OldSnapshot:
    """How to read base's snapshots, which history was read without: one at a time, by the name of head's."""
    read = snapshots_in_base(repository, history)

    def find(snapshot: Snapshot | BrokenSnapshot) -> Snapshot | BrokenSnapshot | None:
        content = read(snapshot.path)
        return None if content is None else parse_snapshot(snapshot.path, snapshot.prefix, content)

    return find


def gather_target(
    address: "Address", which: FolderConfig, asked: Asked, tell: Tell, *, patience: float = PATIENCE
) -> Target:
    """The target, read only. `patience` is how many seconds to wait for a ledger that another deploy holds.

    `tell` hears of a database that is waited for. Raises UndecidableError where it does not answer or no deploy may go
    there.
    """
    from migcheck.facts.target.read_target import read_target  # noqa: PLC0415 - psycopg is not needed offline
    from migcheck.postgres.target.address import refuse_pooler  # noqa: PLC0415 - likewise

    if asked.deploying:
        refuse_pooler(address, which.database_url)
    return read_target(address, ledger_name(which), patience=patience, tell=tell)


def target_facts(
    target: Target, folder: Folder, history: History | None, rehearsal: Rehearsal | None, asked: Asked
) -> TargetFacts:
    """What the rules of gate `target` judge."""
    told = asked.clearance.known if asked.clearance is not None else {}
    known = {**told, **known_hashes(folder, target.ledger, history)}
    change, outside = _rehearsed(folder, target.ledger, rehearsal, asked.clearance)
    copied = rehearsal is not None and rehearsal.request.copy is not None
    return TargetFacts(target, folder, known, asked.deploying, change, history, outside, copied)


def _rehearsed(
    folder: Folder, ledger: Ledger, rehearsal: Rehearsal | None, clearance: Clearance | None
) -> tuple[tuple[str, ...], frozenset[str]]:
    """What a rehearsal, now or when the clearance was given, saw change by what is pending on `ledger`.

    With it are the tags of what it ran outside of a transaction.
    """
    if rehearsal is not None:
        return rehearsal.catalogue_change, rehearsal.request.outside
    if clearance is None or plan_of(pending(folder, ledger)) != clearance.plan:
        return (), frozenset()
    return clearance.catalogue_change, frozenset(clearance.outside)


def known_hashes(folder: Folder, ledger: Ledger, history: History | None) -> dict[str, str]:
    """Each hash that the folder has or that some revision knows for a row of the ledger, with its tag there."""
    known = {each.hash: each.tag for each in folder.migrations}
    for row in ledger.rows:
        found = history.lookup(row.hash) if history is not None and row.hash not in known else None
        if found is not None:
            known[row.hash] = found.tag
    return known
