"""A rollback for one migration: the one that the folder has, or one that is derived; and tried before it is shown."""

from migcheck.drizzle.rollback import rollback_by, rollback_path
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.rollback.deriving import Numbered, derive, read_numbered
from migcheck.facts.replay.rollback.proving import ROLLBACK, RollbackTrial
from migcheck.facts.replay.stage import Stage, stage_on
from migcheck.facts.replay.walk import not_built, run_each
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.rollback import NotReached, Proposal, RollbackProof
from migcheck.facts.sql.observation import Emptied
from migcheck.postgres.catalogue import Catalogue, catalogue_reader, difference
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.wording import listed

_BREAKPOINT = ";--> statement-breakpoint\n"


def propose(server: ScratchServer, request: Request, at: int, seconds: float) -> Proposal:
    """What undoes the migration of the folder at position `at`, and what came of it on `server`.

    Raises NotBuiltError where the folder cannot be built up to it, OutOfBoundsError where a server's time, memory or
    disk were over.
    """
    folder, migration = request.head, request.head.migrations[at]
    with stage_on(server, request.name, seconds, request.outside) as stage:
        stage.forget_roles(ROLLBACK)
        stage.create(ROLLBACK)
        run_each(stage, ROLLBACK, folder.migrations[:at], request)
        was = _numbered(stage)
        with stage.looking(ROLLBACK) as look:
            before = look()
            done = stage.run_observed(ROLLBACK, migration, folder.layout)
            if done.failure is not None:
                raise not_built(stage, done.failure, request)
            after = look()
            file = folder.rollbacks.get(migration.tag)
            script = _derived(stage, before.catalogue, was) if file is None else file.sql
            path = rollback_path(folder.layout, folder.path, migration.tag) if file is None else file.path
            rollback = rollback_by(migration, path, script)
            rows = _rows_changed(done)
            if file is None and rows and not difference(before.catalogue, after.catalogue):
                why = (
                    f"it changes rows alone, of {listed(sorted(rows))}, and what they were is not known: write {path} "
                    "by hand (a comment is enough, where no row came or went and the values may stay)"
                )
                proof: RollbackProof = NotReached(migration.tag, path, why)
            else:
                proof = RollbackTrial(stage, look, folder.layout, rollback).outcome(before, done, after)
    return Proposal(rollback, proof, server.description, derived=file is None)


def _rows_changed(done: Observed) -> frozenset[str]:
    """The tables in which it wrote or deleted rows, or that it emptied: TRUNCATE is no write."""
    return done.written | {each.table for each in done.seen if isinstance(each.change, Emptied)}


def _numbered(stage: Stage) -> Numbered:
    with stage.session(ROLLBACK) as connection:
        return read_numbered(connection, stage.name)


def _derived(stage: Stage, before: Catalogue, was: Numbered) -> bytes:
    with stage.session(ROLLBACK) as connection, connection.transaction(force_rollback=True):
        read = catalogue_reader(connection, leave_out=stage.name)
        statements = derive(connection, read, before, was, read_numbered(connection, stage.name))
    return (_BREAKPOINT.join(statements) + ";\n").encode() if statements else b""
