"""Gathering a rehearsal: what it starts from, and the servers that it may run on."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from migcheck.config.config import KINDS, FolderConfig, ScratchConfig, StartFrom
from migcheck.drizzle.ledger import Batching, Ledger
from migcheck.errors import UndecidableError, UsageError
from migcheck.facts.copy import Copy
from migcheck.facts.git.open_repository import NoRepository
from migcheck.facts.git.repository import Repository
from migcheck.facts.history.history import History
from migcheck.facts.history.trusted import TrustedScratch, once_landed, trust_base, trust_head
from migcheck.facts.rehearsal import Rehearsal, Request
from migcheck.facts.replay.lacking import LackingError
from migcheck.facts.replay.position import request_of, request_on_copy
from migcheck.facts.sql.read_seed import read_seed
from migcheck.facts.sql.release import Release
from migcheck.facts.sql.rows import Seed
from migcheck.facts.target.judged import PATIENCE, Target
from migcheck.gather.gates import Found, Tell, head_tree, ledger_name
from migcheck.postgres.scratch.contract import NoServerError
from migcheck.postgres.scratch.provider import provider_prelude, provider_search_path
from migcheck.project import Asked, Project

if TYPE_CHECKING:
    from migcheck.postgres.scratch.candidates import Candidate


class Replayed(Struct, frozen=True):
    """A rehearsal, and the keys of the configuration that were not used because this change brings them."""

    rehearsal: Rehearsal
    left_out: tuple[str, ...]


def gather_rehearsal(project: Project, which: FolderConfig, asked: Asked, found: Found, tell: Tell) -> Replayed:
    """Replay the folder on scratch. Raises UndecidableError where no server can, or where base cannot be built."""
    from migcheck.facts.replay.servers import replay  # noqa: PLC0415 - psycopg is not needed offline

    trusted = trusted_scratch(project, asked, found.history)
    scratch, environ = _as_asked(trusted.config, asked.scratch)
    batching = Batching(which.transaction)
    if (asked.start_from or scratch.start_from) is StartFrom.TARGET and found.folder.migrations:
        tell("copying the target's schema")
        copy, ledger = _copied(which, asked, found, scratch)
        request = request_on_copy(found.history, found.folder, ledger, batching, copy)
        # The copy has all that a prelude stands for.
        scratch, prelude = replace(scratch, search_path=copy.search_path), copy.prelude
    else:
        request = request_of(found.history, found.folder, found.ledger, batching, ledger_name(which))
        scratch, prelude = _provided(which, scratch, trusted.prelude)
    request = replace(
        found.standing_for(request, project.config.outside(which.path)),
        release=_release(project, found.history, request),
        seed=_seed(project, asked, found.history),
    )
    if request.is_empty():
        return Replayed(Rehearsal(None, request, ()), trusted.left_out)
    servers = _candidates(scratch, prelude, environ, found.target)
    try:
        rehearsal = replay(request, servers, seconds=scratch.timeout, tell=tell)
    except (LackingError, NoServerError) as error:
        raise once_landed(error, trusted.left_out) from error
    return Replayed(rehearsal, trusted.left_out)


def _copied(which: FolderConfig, asked: Asked, found: Found, scratch: ScratchConfig) -> tuple[Copy, Ledger]:
    """A copy of the target, and its ledger. Raises UndecidableError where there is none, or it cannot be copied."""
    from migcheck.facts.read_copy import FILES_INSTEAD, read_copy  # noqa: PLC0415 - psycopg is not needed offline

    problem, variable = "the rehearsal is to start from the target, and ", which.database_url
    if asked.target is not None and found.target is not None:
        ledger = found.target.ledger
        return read_copy(asked.target, ledger, seconds=scratch.timeout, lock_seconds=PATIENCE), ledger
    if asked.ledgers:
        raise UndecidableError(f"{problem}a --ledger file brings no schema", f"set {variable} instead, {FILES_INSTEAD}")
    if asked.target is not None:
        raise UndecidableError(f"{problem}it cannot be read", "see what the gate `target` says")
    raise UndecidableError(f"{problem}{variable} is not set", f"set {variable}, {FILES_INSTEAD}")


def _provided(which: FolderConfig, scratch: ScratchConfig, prelude: str) -> tuple[ScratchConfig, str]:
    """Both with what the folder's provider brings."""
    search_path = scratch.search_path or provider_search_path(which.provider)
    return replace(scratch, search_path=search_path), provider_prelude(which.provider) + prelude


def _release(project: Project, history: History | None, request: Request) -> Release | None:
    """What still runs while `request` is deployed; None where nobody knows."""
    from migcheck.facts.sql.read_release import read_release  # noqa: PLC0415 - psycopg is not needed offline

    if history is None or not isinstance(project.repository, Repository):
        return None
    return read_release(project.repository, history, request, project.config.sql.queries, project.loaded.path)


def _seed(project: Project, asked: Asked, history: History | None) -> Seed | None:
    """The project's own rows, where it names any."""
    if project.config.sql.seed is None:
        return None
    base = None
    if history is not None and history.base.revision and isinstance(project.repository, Repository):
        base = project.repository.revision(history.base.revision)
    disk = None if asked.staged else project.root
    return read_seed(base, head_tree(project, asked), project.config.sql.seed, project.loaded.written, disk)


def scratch_servers(
    which: FolderConfig, asked: Asked, trusted: TrustedScratch, target: Target | None
) -> "Iterator[Candidate]":
    """Every server that may stand for `target`, best first. Raises NoServerError where there is none."""
    scratch, environ = _as_asked(trusted.config, asked.scratch)
    return _candidates(*_provided(which, scratch, trusted.prelude), environ, target)


def _candidates(
    scratch: ScratchConfig, prelude: str, environ: Mapping[str, str], target: Target | None
) -> "Iterator[Candidate]":
    from migcheck.postgres.scratch.candidates import candidates  # noqa: PLC0415 - psycopg is not needed offline

    major = None
    if target is not None:
        major = target.major
        # What the target has, its provider let somebody create.
        scratch = replace(scratch, extensions=(*scratch.extensions, *target.extensions))
    return candidates(scratch, major, prelude=prelude, environ=environ)


def left_out(project: Project, asked: Asked, history: History | None) -> tuple[str, ...]:
    """The keys of the configuration that a rehearsal does not use, because this change brings them."""
    try:
        return trusted_scratch(project, asked, history).left_out
    except UndecidableError:
        # Gate `replay` says so.
        return ()


def trusted_scratch(project: Project, asked: Asked, history: History | None) -> TrustedScratch:
    """What may run as administrator, taken from base unless this change is trusted."""
    head = head_tree(project, asked)
    if asked.trust_prelude:
        return trust_head(project.loaded, head)
    match project.repository:
        case NoRepository():
            return trust_base(project.loaded, None, head)
        case Repository() as repository:
            revision = history.base.revision if history is not None else ""
            return trust_base(project.loaded, repository.revision(revision) if revision else None, head)


def _as_asked(scratch: ScratchConfig, asked: str | None) -> tuple[ScratchConfig, dict[str, str]]:
    """`--scratch`: a kind, or the URL of a server, which is told by the option's name as others are by a variable's.

    Raises UsageError where it is neither.
    """
    from migcheck.postgres.target.address import parse_address  # noqa: PLC0415 - psycopg is not needed offline

    environ = dict(os.environ)
    if asked is None:
        return scratch, environ
    if kind := next((each for each in KINDS if each == asked), None):
        return replace(scratch, kind=kind), environ
    if "://" in asked:
        parse_address(asked, "--scratch")
        return replace(scratch, kind="dsn", dsn="--scratch"), {**environ, "--scratch": asked}
    # Not repeated: it may be a connection string with a password.
    raise UsageError("--scratch names no kind of server", f"one of {', '.join(KINDS)}, or the URL of a server")
