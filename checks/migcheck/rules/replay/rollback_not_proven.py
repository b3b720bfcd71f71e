"""MC409."""

from collections.abc import Iterator
from typing import assert_never

from migcheck.drizzle.folder import Folder
from migcheck.facts.rehearsal import ReplayFacts
from migcheck.facts.rollback import (
    AgainOtherwise,
    LeftOtherwise,
    NotAgain,
    NotReached,
    Proven,
    Refused,
    RollbackProof,
)
from migcheck.finding import Location, Violation
from migcheck.regex import regex
from migcheck.rule import rule
from migcheck.wording import first_of

_SHOWN = 20
# Integrity constraint violations: there are no other rows than those that the migrations bring.
_OF_ROWS = "23"
_ROWS = (
    "Let the rollback first take away, or change, the rows that stand in its way: migrations bring them, so each "
    "database has them; or delete the file. What rows are on a target besides, `migcheck undo` asks it."
)
# DROP OWNED and REASSIGN OWNED: the server's acl.c and user.c, `has_privs_of_role`.
_OF_MEMBERS = regex(r"permission denied to (?:drop|reassign) objects")
_MEMBER = (
    "From PostgreSQL 16 on, who makes a role and is no superuser does not have its privileges. Let the rollback begin "
    "with `grant THE_ROLE to current_user;`, which its maker may do and DROP ROLE takes back, or revoke by name what "
    "the role was granted."
)


@rule("MC409")
def rollback_not_proven(facts: ReplayFacts) -> Iterator[Violation]:
    """A rollback that the folder has undoes its migration, and lets it run again.

    ## Why it matters
    A rollback is run in a bad hour, when nobody has time to try it. One that leaves a column behind, or fails half way,
    makes that hour worse. So each one that is new, edited, or of a new migration is rehearsed: the migration, its
    rollback, and the database must be what it was; the migration once more, and it must be what it was then.

    ## How to fix
    Mend the rollback, or delete the file: a migration needs none, and without it `migcheck rollback` derives one.
    """
    request = facts.rehearsal.request
    for proof in facts.rehearsal.rollbacks:
        if not isinstance(proof, Proven):
            landed = _script(request.base, proof.migration) == _script(request.head, proof.migration)
            at, message, evidence = _told(proof)
            fix = "" if landed else _fix(proof)
            yield Violation(at, message, migration=proof.migration, evidence=evidence, landed=landed, fix=fix)


def _fix(proof: RollbackProof) -> str:
    """What to do where rows that the migrations brought are what it fails with, or a role that they made."""
    if not isinstance(proof, Refused):
        return ""
    if proof.failure.sqlstate.startswith(_OF_ROWS):
        return _ROWS
    return _MEMBER if _OF_MEMBERS.match(proof.failure.message) else ""


def _script(folder: Folder | None, tag: str) -> bytes | None:
    found = None if folder is None else folder.rollbacks.get(tag)
    return None if found is None else found.sql


def _told(proof: RollbackProof) -> tuple[Location, str, str]:
    """Where, what, and what shows it."""
    tag, at = proof.migration, Location(proof.path)
    match proof:
        case Proven():
            return at, f"the rollback of {tag} is proven", ""
        case Refused(failure=failure):
            place = failure.at
            told = f"the rollback of {tag} fails: {failure.said}"
            return place, told, failure.evidence
        case LeftOtherwise(lines=lines):
            told = f"the rollback of {tag} does not undo it: the database is not what it was before"
            return at, told, "\n".join(first_of(lines, _SHOWN))
        case NotAgain(failure=failure):
            told = f"behind its rollback {tag} cannot run again: {failure.said}"
            return at, told, failure.evidence
        case AgainOtherwise(lines=lines):
            told = f"behind its rollback {tag} does not build what it built before"
            return at, told, "\n".join(first_of(lines, _SHOWN))
        case NotReached(reason=reason):
            return at, f"the rollback of {tag} was not proven: {reason}", ""
        case _:
            assert_never(proof)
