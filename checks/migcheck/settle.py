"""Settling old debt: judge, waive what base has already, and judge again with that."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import Struct, structs

from migcheck.catalogue import codes_of
from migcheck.config.config import FolderConfig, WaiverConfig
from migcheck.debt import Debt, Kept, Sides, Terms, debt_of
from migcheck.drizzle.folder import Folder
from migcheck.facts.git.open_repository import NoRepository
from migcheck.facts.git.revision import at_revision
from migcheck.facts.git.submodules import tree_at
from migcheck.facts.history.history import Base
from migcheck.facts.read_folder import read_folder
from migcheck.gather.gates import Tell, gather_history
from migcheck.project import Asked, Project
from migcheck.verdict import Verdict
from migcheck.verify import verify
from migcheck.waiving import of_one_run

Question = tuple[FolderConfig, Asked]
"""A folder, and what is asked about it."""


class Settled(Struct, frozen=True):
    """The waivers to add, the verdicts with them, and what still blocks."""

    waivers: tuple[WaiverConfig, ...]
    verdicts: tuple[Verdict, ...]
    kept: tuple[Kept, ...]


def settle(project: Project, questions: Sequence[Question], terms: Terms, tell: Tell) -> Settled:
    """Find the old debt of all folders, and judge again with the waivers: what comes of it is proven, not expected.

    Raises UndecidableError where nobody knows what has landed.
    """
    verdicts = _verdicts(project, questions, tell)
    debt = _debt(project, questions, verdicts, terms, tell)
    if debt.waivers:
        verdicts = _verdicts(_with(project, debt.waivers), questions, tell)
    return Settled(debt.waivers, verdicts, debt.kept)


def _verdicts(project: Project, questions: Sequence[Question], tell: Tell) -> tuple[Verdict, ...]:
    return tuple(of_one_run([verify(project, which, asked, tell) for which, asked in questions]))


def _debt(
    project: Project, questions: Sequence[Question], verdicts: Sequence[Verdict], terms: Terms, tell: Tell
) -> Debt:
    sides = []
    for (which, asked), verdict in zip(questions, verdicts, strict=True):
        blocked = any(each.blocks for each in verdict.findings)
        sides.append(Sides(verdict, _of_base(project, which, asked, verdict, tell) if blocked else None))
    return debt_of(sides, terms)


def _of_base(project: Project, which: FolderConfig, asked: Asked, today: Verdict, tell: Tell) -> Verdict | None:
    """What base alone is told, with nothing of this change; None where nothing of the folder has landed."""
    repository, history = project.repository, gather_history(project, today.folder, asked)
    if isinstance(repository, NoRepository) or history.before is None or not isinstance(history.base, Base):
        return None
    revision, path = history.base.revision, history.before.path
    # What blocks around the folder came with this change, or is told otherwise of base.
    around = any(each.blocks and each.code in codes_of("project") for each in today.findings)
    landed = read_folder(tree_at(repository, revision, history.base.submodule), path)
    if not around and landed == today.folder:
        return today
    tell(f"judging {path} as base has it")
    with at_revision(repository, revision) as pinned:
        alone = structs.replace(_of_what_is_in(project, landed, which.path), repository=pinned)
        return verify(alone, structs.replace(which, path=path), replace(asked, base=revision, staged=True), tell)


def _of_what_is_in(project: Project, folder: Folder, now: str) -> Project:
    """With what is said of `folder`'s migrations: of one that came later there is none, and nothing to say.

    `now` is the folder's path in head, where it may have moved to.
    """
    tags = {each.tag for each in folder.migrations}
    of_it = (structs.replace(each, folder=each.folder and folder.path) for each in project.config.said_of(now))
    said = tuple(each for each in of_it if each.tag in tags)
    config = structs.replace(project.config, migration=said)
    return structs.replace(project, loaded=structs.replace(project.loaded, config=config))


def _with(project: Project, waivers: tuple[WaiverConfig, ...]) -> Project:
    config = structs.replace(project.config, waiver=(*project.config.waiver, *waivers))
    return structs.replace(project, loaded=structs.replace(project.loaded, config=config))
