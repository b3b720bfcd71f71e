"""What blocks of new migrations by a target's rows, without the commands around it: rehearsed once, asked of many."""

from collections.abc import Mapping, Sequence

import pytest
from msgspec import Struct
from msgspec.structs import replace

from migcheck.config.config import SqlConfig
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.rehearsal import Rehearsal
from migcheck.facts.replay.position import request_of
from migcheck.facts.sql.judged import SqlFacts
from migcheck.finding import Finding, Severity
from migcheck.gather.target import gather_told, sql_facts
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.target.address import parse_address
from migcheck.project import Asked
from migcheck.rule import Rule, judge
from migcheck.rules.sql.column_made_required import column_made_required
from migcheck.rules.sql.rows_refused import rows_refused
from tests.support.apart import apart
from tests.support.ledgers import a_ledger, rows_of
from tests.support.rehearsals import folder_of, history_of, rehearsed_with_rows
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE

BREAKPOINT = "\n--> statement-breakpoint\n"
NEW = "0001_b"


def with_rows(
    server: ScratchServer, base: str, new: Sequence[str], *, outside: bool = False, late: bool = False
) -> Rehearsal:
    """How `new` goes on a target that has `base`, a migration of so many pieces; `outside` of a transaction.

    `late`: it has landed, and the target has not run it yet.
    """
    return _with_rows(server, base, {NEW: new}, outside=outside, late=late)


def _with_rows(
    server: ScratchServer, base: str, new: Mapping[str, Sequence[str]], *, outside: bool = False, late: bool = False
) -> Rehearsal:
    pieces = {tag: BREAKPOINT.join(each) for tag, each in new.items()}
    head, landed = folder_of({"0000_a": base, **pieces}), folder_of({"0000_a": base})
    ledger = a_ledger(rows_of(landed))
    history = history_of(head, head if late else landed)
    request = request_of(history, head, ledger, Batching.ALL, LedgerName())
    return rehearsed_with_rows(server, replace(request, outside=frozenset(new if outside else ())))


def row_errors(
    rehearsal: Rehearsal, app: Database, rules: Sequence[Rule[SqlFacts]] = (column_made_required, rows_refused)
) -> list[tuple[str, int | None]]:
    """Code and line of each error that is told of the rows of the target `app`, by these rules."""
    return [(each.code, each.at.line) for each in _errors(rehearsal, app, rules)]


def _errors(rehearsal: Rehearsal, app: Database, rules: Sequence[Rule[SqlFacts]]) -> list[Finding]:
    told = gather_told(SqlConfig(), Asked(target=parse_address(app.url)), rehearsal, print, reached=True)
    found = judge(rules, sql_facts(rehearsal, told, SqlConfig()))
    return [each for each in found if each.severity is Severity.ERROR]


class Case(Struct, frozen=True):
    """What is `new` on a target that has `base`, and there `rows`."""

    base: str
    new: Sequence[str]
    rows: Sequence[str] = ()

    def apart(self, number: int) -> "Case":
        """The same on tables of its own."""
        base, *rest = apart(number, self.base, *self.new, *self.rows)
        return Case(base, rest[: len(self.new)], rest[len(self.new) :])


class Together(Struct, frozen=True):
    """Cases that are rehearsed together: each is a migration of its own, behind those before it."""

    cases: Sequence[Case]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> "Together":
        """Each on tables of its own."""
        return cls([each.apart(number) for number, each in enumerate(cases)])

    def rehearse(self, server: ScratchServer) -> Rehearsal:
        """How all of them go, one behind the other."""
        new = {self._tag(number): each.new for number, each in enumerate(self.cases)}
        with pytest.MonkeyPatch.context() as patched:
            # They share the time that each of them had, on a machine that does other things as well.
            patched.setattr("migcheck.facts.replay.with_rows.trying._PATIENCE", PATIENCE)
            rehearsal = _with_rows(server, ";\n".join(each.base for each in self.cases), new)
        # Where one before the last ends the trial, or keeps another from being asked for, those are good unasked.
        assert rehearsal.rows is not None
        assert not rehearsal.rows.ended or self._tag(len(self.cases) - 1) in rehearsal.rows.ended, rehearsal.rows
        assert not rehearsal.rows.unasked
        return rehearsal

    def fill(self, app: Database) -> None:
        """Give the target what each of them says that it has."""
        app.run(*(text for each in self.cases for text in (each.base, *each.rows)))

    def row_errors(self, rehearsal: Rehearsal, app: Database) -> list[list[tuple[str, int | None]]]:
        """For each case what `row_errors` tells of it."""
        told: dict[str | None, list[tuple[str, int | None]]] = {}
        for each in _errors(rehearsal, app, (column_made_required, rows_refused)):
            told.setdefault(each.migration, []).append((each.code, each.at.line))
        tags = [self._tag(number) for number in range(len(self.cases))]
        assert told.keys() <= {*tags}, told
        return [told.get(tag, []) for tag in tags]

    @staticmethod
    def _tag(number: int) -> str:
        return f"{number + 1:04}_case"
