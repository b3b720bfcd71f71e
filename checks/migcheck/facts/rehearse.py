"""A rehearsal: the folder replayed on one scratch server in every way (docs/design.md "Rehearsals")."""

import re
from concurrent.futures import ThreadPoolExecutor

from psycopg import sql

from migcheck.errors import UndecidableError
from migcheck.facts.history import Proof
from migcheck.facts.rehearsal import Failed, NotRun, Rehearsal, Request, Rerun, Way
from migcheck.facts.stage import Stage, State, stage_on
from migcheck.facts.ways import Base, Run, base, fresh, repeat, same, upgrade
from migcheck.postgres.catalogue import difference
from migcheck.postgres.failure import SqlFailure
from migcheck.postgres.scratch import ScratchServer

_MADE_ROLES = """
    select r.rolname::text from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.roleid
    where m.member = current_user::regrole and m.admin_option
"""
_ROLE = re.compile(rb"\bcreate\s+(?:role|user|group)\b", re.IGNORECASE)


class UnbuildableBaseError(UndecidableError):
    """What is applied cannot be built on scratch, so no upgrade can be rehearsed."""

    def __init__(self, failure: SqlFailure) -> None:
        """Keep the failure: scratch may lack what it needs."""
        super().__init__(
            f"{failure.path}:{failure.line}: what has landed cannot be built on an empty database: "
            f"{failure.sqlstate} {failure.message}",
            remedy=f"mend {failure.migration} in a change of its own (what cannot run may be edited), restart the "
            "folder as one migration that builds the same schema, or give scratch what it lacks in a prelude.sql",
        )
        self.failure = failure


def rehearse(server: ScratchServer, request: Request, *, seconds: float) -> Rehearsal:
    """All ways on `server`, whose time is over after `seconds`.

    Raises UndecidableError where the server is at fault, UnbuildableBaseError where there is nothing to upgrade.
    """
    with stage_on(server, request.name, seconds) as stage:
        if any(_ROLE.search(each.sql) for each in (*request.built, *request.head.migrations)):
            runs = _one_by_one(stage, request)
        else:
            runs = _side_by_side(stage, request)
    return _rehearsal(server, request, runs)


_Runs = tuple[Run, Base, Run, tuple[Rerun, ...]]


def _side_by_side(stage: Stage, request: Request) -> _Runs:
    with ThreadPoolExecutor(2, "replay") as pool:
        try:
            first = pool.submit(fresh, stage, request)
            ground = pool.submit(base, stage, request).result()
            if ground.state is None:
                return first.result(), ground, _unreached(ground), ()
            stage.create("rerun", template="upgrade")
            third = pool.submit(upgrade, stage, request, ground)
            rerun = pool.submit(repeat, stage, request)
            return first.result(), ground, third.result(), rerun.result()
        except BaseException:
            # Ctrl-C, or one way that cannot go on: nothing else would wake the other thread from endless SQL.
            stage.end()
            raise


def _one_by_one(stage: Stage, request: Request) -> _Runs:
    """Roles belong to the server, not to a database: what one way makes would be there in the next."""
    first = fresh(stage, request)
    _forget(stage, "fresh", "fresh_each")
    ground = base(stage, request)
    if ground.state is None:
        return first, ground, _unreached(ground), ()
    third = upgrade(stage, request, ground)
    _forget(stage, "upgrade")
    if base(stage, request).state is None:
        return first, ground, third, ()
    stage.create("rerun", template="upgrade")
    again = repeat(stage, request)
    _forget(stage, "upgrade", "rerun")
    return first, ground, third, again


def _forget(stage: Stage, *databases: str) -> None:
    for database in databases:
        stage.server.drop_database(database)
    stage.create("roles")
    with stage.server.connect("roles") as owner:
        for (role,) in owner.execute(_MADE_ROLES).fetchall():
            owner.execute(sql.SQL("drop role {}").format(sql.Identifier(str(role))))


def _unreached(ground: Base) -> Run:
    told = ground.failure.message if ground.failure else "the time was over"
    return Run(NotRun(Way.UPGRADE, f"what has landed cannot be built: {told}"))


def _rehearsal(server: ScratchServer, request: Request, runs: _Runs) -> Rehearsal:
    first, ground, third, rerun = runs
    if ground.state is None and ground.failure is not None and not _own_fault(request, first):
        raise UnbuildableBaseError(ground.failure)
    return Rehearsal(
        server=server.description,
        request=request,
        ways=(first.outcome, first.again, third.outcome, same(first, third)),
        reruns=rerun,
        catalogue_change=_change(ground.state, third.state),
        proof=_proof(request, ground, first),
    )


def _own_fault(request: Request, first: Run) -> bool:
    """Whether way fresh fails at what this change adds or edits: an error, whatever base does."""
    return isinstance(first.outcome, Failed) and first.outcome.failure.migration in request.changed()


def _proof(request: Request, ground: Base, first: Run) -> Proof:
    runs = ground.state is not None and not ground.mended
    stuck = "" if runs or ground.failure is None else ground.failure.migration
    return Proof(runs, _squash_equal(request, ground, first), stuck)


def _squash_equal(request: Request, ground: Base, first: Run) -> bool | None:
    """Whether a folder that was restarted builds what base built; None where it was not restarted."""
    restarted = request.built and len(request.gone()) == len(request.built)
    if not restarted or ground.state is None or first.state is None:
        return None
    return not _change(ground.state, first.state)


def _change(before: State | None, after: State | None) -> tuple[str, ...]:
    return () if before is None or after is None else difference(before.catalogue, after.catalogue)
