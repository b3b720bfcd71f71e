"""Rehearsals in tests: folders written as drizzle-kit writes them, replayed on a real server."""

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from threading import Timer
from types import MethodType

import pytest
from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Migration, SqlFile
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName
from migcheck.drizzle.upgrade import as_upgraded
from migcheck.facts.history.history import Base, History, NothingLanded
from migcheck.facts.read_folder import read_folder
from migcheck.facts.rehearsal import Differs, Failed, NotRun, Passed, Rehearsal, Request, Way, WayOutcome
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.rehearse import rehearse
from migcheck.facts.replay.stage import stage_on
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.ways import Run, build_ground, upgrade, with_upgrade
from migcheck.facts.replay.with_rows.trial import GROUND, Standing
from migcheck.facts.replay.with_rows.trying import rows_on
from migcheck.facts.sql.observation import Cause, Rewritten
from migcheck.facts.sql.retype import Retype
from migcheck.facts.sql.rows import Rows
from migcheck.facts.tree import DiskTree
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.folders import a_folder, a_folder_1_0
from tests.support.waiting import PATIENCE, eventually, running


def folder_of(migrations: Mapping[str, str | bytes], when: Mapping[str, int] | None = None) -> Folder:
    """The folder `drizzle` with `migrations` by tag, as it is read from disk."""
    with tempfile.TemporaryDirectory() as top:
        a_folder(Path(top) / "drizzle", migrations, when=when, snapshots=False)
        return read_folder(DiskTree(Path(top)), "drizzle")


def folders_of(migrations: Mapping[str, str | bytes]) -> Folder:
    """The same in the layout of Drizzle 1.0."""
    with tempfile.TemporaryDirectory() as top:
        a_folder_1_0(Path(top) / "drizzle", migrations, snapshots=False)
        return read_folder(DiskTree(Path(top)), "drizzle")


def undoing(folder: Folder, rollbacks: Mapping[str, str]) -> Folder:
    """`folder` with these rollbacks beside its migrations, by tag."""
    files = {tag: SqlFile(tag, f"drizzle/{tag}.down.sql", sql.encode()) for tag, sql in rollbacks.items()}
    return replace(folder, rollbacks=files)


def history_of(head: Folder, base: Folder | None, *others: Migration) -> History:
    """A history in which `base` has landed and `others` are files of other revisions."""
    landed = NothingLanded("a test") if base is None else Base("0" * 40, "a test")
    files = {each.hash: each for each in others}
    before = base and as_upgraded(base, head)
    return History(landed, before, head, lookup=files.get)


def rehearsed(
    server: ScratchServer,
    head: Folder,
    base: Folder | None = None,
    *,
    ledger: Ledger | None = None,
    others: tuple[Migration, ...] = (),
    batching: Batching = Batching.ALL,
    seconds: float = 60,
    outside: Collection[str] = (),
) -> Rehearsal:
    """The rehearsal of `head` where `base` has landed, or `ledger` is the target's."""
    request = request_of(history_of(head, base, *others), head, ledger, batching, LedgerName())
    return rehearse(server, replace(request, outside=frozenset(outside)), seconds=seconds)


def upgraded(
    server: ScratchServer,
    head: Folder,
    base: Folder,
    *,
    batching: Batching = Batching.ALL,
    outside: Collection[str] = (),
) -> Observed:
    """What is observed of the upgrade where `base` has landed; nobody looks at the database before and behind it."""
    request = request_of(history_of(head, base), head, None, batching, LedgerName())
    with stage_on(server, request.name, 60, outside) as stage:
        assert build_ground(stage, request).stands
        return stage.migrate_observed("upgrade", head, batching)


def upgrade_alone(server: ScratchServer, request: Request) -> Run:
    """Way upgrade of `request`, on what must stand."""
    with stage_on(server, request.name, 60, request.outside) as stage:
        assert build_ground(stage, request).stands
        return upgrade(stage, request)


def retyped(column: str, was: str, now: str) -> Rewritten:
    """What is told of a table whose rows were written anew because `column` got another type."""
    return Rewritten(f"{column} was {was}, and is {now}", Cause.RETYPED, retyped=(Retype(column, was, now),))


def rows_alone(server: ScratchServer, request: Request) -> Rows:
    """What is new in `request` with rows alone: where without any all goes through, which is needed to begin."""
    return _with_rows(server, request)[1]


def rehearsed_with_rows(server: ScratchServer, request: Request) -> Rehearsal:
    """Of the rehearsal of `request` what is observed in way upgrade, and with rows.

    None of the other ways is gone, and nobody looks at the catalogue before and behind this one.
    """
    third, rows = _with_rows(server, request)
    return with_upgrade(Rehearsal(server.description, request, (third.outcome,), rows=rows), third)


def _with_rows(server: ScratchServer, request: Request) -> tuple[Run, Rows]:
    with stage_on(server, request.name, PATIENCE, request.outside) as stage:
        assert build_ground(stage, request).stands
        stage.create(GROUND, template="upgrade")
        done = stage.migrate_observed("upgrade", request.head, request.batching)
    assert done.failure is None, done.failure
    third = Run(Passed(Way.UPGRADE, 0), done=done)
    rows = rows_on(server, request, third, PATIENCE, Standing())
    assert rows is not None
    return third, rows


def over_once_running(monkeypatch: pytest.MonkeyPatch, statement: str, sessions: int = 1) -> None:
    """Let the time of a rehearsal be over once so many sessions run what holds `statement`, and not before."""

    def clock(_seconds: float, stop: MethodType) -> Timer:
        server: ScratchServer = stop.__self__.server  # type: ignore[attr-defined]

        def ring() -> None:
            eventually(lambda: running(server, statement) >= sessions, timer.finished)
            if not timer.finished.is_set():
                stop()

        timer = Timer(0, ring)
        return timer

    monkeypatch.setattr("migcheck.facts.replay.stage.Timer", clock)


def outcomes(rehearsal: Rehearsal) -> tuple[str, ...]:
    """One short word a way, in the order fresh, again, upgrade, same."""
    return tuple(short(each) for each in rehearsal.ways)


def short(outcome: WayOutcome) -> str:
    """A word on how a way went, with the place where it was refused."""
    match outcome:
        case Passed():
            return "passed"
        case Failed(failure=failure):
            return f"{failure.sqlstate} {failure.migration}:{failure.line}"
        case Differs(lines=lines):
            return "differs: " + "; ".join(lines)
        case NotRun():
            return "not run"
