"""What a target is asked about its rows: a SELECT that finds what a new migration was refused for, or would be."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.replay.stage import Stage
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.watching.writing import Written
from migcheck.facts.replay.with_rows.called import Called
from migcheck.facts.replay.with_rows.computing import OF_VALUES, Computing
from migcheck.facts.replay.with_rows.folding import Folding
from migcheck.facts.replay.with_rows.inserting import Inserting
from migcheck.facts.replay.with_rows.misfits import demanded, fault_of, suspects
from migcheck.facts.replay.with_rows.probing import finds, read_functions
from migcheck.facts.replay.with_rows.reaching import Reach
from migcheck.facts.replay.with_rows.renaming import names_of
from migcheck.facts.replay.with_rows.retyping import questions_of_types
from migcheck.facts.replay.with_rows.suspicion import Change, Suspect
from migcheck.facts.replay.with_rows.trial import RUN, UPGRADED, Trial
from migcheck.facts.replay.with_rows.unseen import REFUSES, Beside
from migcheck.facts.sql.misfit import Taken, Uncomputed
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.rows import Question, RowFault, Rows
from migcheck.finding import Location
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.filling.beyond import OfPartition, read_beyond
from migcheck.postgres.filling.demands import Demand, read_demand, read_labels, read_root
from migcheck.postgres.filling.expressions import read_expressions
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.filling.following import Following, read_following
from migcheck.postgres.running.failure import Named, SqlFailure
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.table import Table
from migcheck.postgres.tables import names_there, read_tables, tables_there
from migcheck.sql_names import bare

# The server's number of the release that can be asked what it reads as a value.
_INPUT_SINCE = 160_000
# A row that is like one that is there.
_LIKE_ANOTHER = "23505"


def explained(trial: Trial, done: Observed, failure: SqlFailure, filled: Sequence[Filled]) -> RowFault:
    """The fault, with a SELECT that finds such rows among those that it failed with."""
    tables = [each.table for each in filled if each.rows]
    with both_of(trial, done) as both:
        if both is None:
            return fault_of(failure, None, tables)
        whole = dataclasses.replace(failure, named=_whole(both.now, failure.named))
        beside = both.beside.unseen() if failure.sqlstate in REFUSES else ()
        meant = [each.suspect for each in beside if each.is_meant(failure)]
        computed = both.computing.suspects(failure) if failure.sqlstate.startswith(OF_VALUES) else ()
        taken = both.taken(failure) if failure.sqlstate == _LIKE_ANOTHER else ()
        found = [*meant, *computed, *taken, *suspects(whole, both.change, both.demand)]
        proven = next((each for each in found if each.select and both.finds(each)), None)
    likeliest = next(iter(found), None)
    return fault_of(failure, proven or (likeliest and replace(likeliest, select="")), tables)


class Both(Struct, frozen=True, dict=True):
    """Sessions in the database before what is new, with rows, and behind it; and what became of the tables.

    `names` and `following` are what tables are called there, and what writing to them does to others; `views` are those
    that are new and hold rows.
    """

    was: Connection
    now: Connection
    change: Change
    names: tuple[Mapping[int, str], Mapping[int, str]]
    following: tuple[Following, Following]
    views: Sequence[str]

    def demand(self, table: int, constraint: str) -> Demand | None:
        """What that constraint of the table with this oid demands."""
        there = [each[table] for each in (self.change.before, self.change.after) if table in each]
        tables = {bare(each.name) for each in there}
        names = list(names_of(constraint, self.change.new, tables))[::-1] if constraint else []
        with settled(self.now):
            found = (read_demand(self.now, table, each) for each in names)
            return next((each for each in found if each is not None), None)

    @cached_property
    def beside(self) -> Beside:
        """What is asked of rows beside that."""
        with settled(self.was), settled(self.now):
            was, now = read_beyond(self.was), read_beyond(self.now)
            partitions = [each.oid for each in now if isinstance(each, OfPartition)]
            both = read_tables(self.was, partitions), read_tables(self.now, partitions)
            return Beside(was, now, self.change, both, self.names[0])

    @cached_property
    def computing(self) -> Computing:
        """What generated columns are computed by."""
        with settled(self.was), settled(self.now):
            return Computing(read_expressions(self.was), read_expressions(self.now), self.change)

    @cached_property
    def inserting(self) -> Inserting:
        """What is inserted beside rows that are there."""
        return Inserting(Called(self.change, self.names), self.demand, self._heard("insert"))

    @cached_property
    def folding(self) -> Folding:
        """What becomes alike where it has to be unique."""
        return Folding(Called(self.change, self.names), self.demand, self._heard("update"))

    def taken(self, failure: SqlFailure) -> Iterator[Suspect]:
        """Rows that were there, which what the statement that was refused inserts or folds may have met."""
        here = [each for each in self.change.statements if (each.at.path, each.at.line) == (failure.path, failure.line)]
        for each in chain(self.inserting.questions(here), self.folding.questions(here)):
            if each.misfit == Taken(failure.named.constraint):
                yield Suspect(each.table, each.misfit, each.select)

    @cached_property
    def redefined(self) -> bool:
        """Whether functions are others than they were: a target that is asked has those of before."""
        with settled(self.was), settled(self.now):
            return read_functions(self.was) != read_functions(self.now)

    def _heard(self, event: str) -> frozenset[int]:
        """The tables of which a trigger or a rule hears that."""
        fires = self.following[0].fires | self.following[1].fires
        return frozenset(oid for oid, heard, _ in fires if heard == event)

    def finds(self, asked: Suspect | Question) -> bool | None:
        """Whether there are such rows before what is new; None where a target cannot be asked that."""
        failing = isinstance(asked.misfit, Uncomputed)
        return finds(self.was, asked.select, failing=failing, redefined=lambda: self.redefined)


class Between(Struct, frozen=True):
    """What runs between both: what is `new`, in its order, and the `runs` of it that were watched, the first the whole.

    `ledger` is the table that it keeps, and `target_version` the server's number of the target, 0 where there is none.
    `there` are the tables before it, where somebody has read them already.
    """

    ledger: LedgerName
    new: Sequence[Migration]
    runs: Sequence[Written]
    target_version: int = 0
    there: Mapping[int, Table] = {}


@contextmanager
def both_of(trial: Trial, last: Observed | None) -> Iterator[Both | None]:
    """None where one of them does not stand. `last` is how it went with these rows, where it came so far."""
    passed = last is not None and last.failure is None
    if not passed and not trial.upgraded():
        yield None
        return
    with trial.stage.session(trial.filled) as was, trial.stage.session(RUN if passed else UPGRADED) as now:
        request, runs = trial.request, [trial.writes]
        there: Mapping[int, Table] = {}
        if last is not None:
            # RUN is a copy of what is filled, and they are the same by their oids.
            runs.append(last.writes)
            there = last.first
        yield both_sides(was, now, Between(request.name, request.new, runs, request.target_version, there))


def _whole(now: Connection, named: Named) -> Named:
    """The same of the table that a partition is of."""
    with settled(now):
        schema, table = read_root(now, named.schema, named.table)
    return replace(named, schema=schema, table=table)


def both_sides(was: Connection, now: Connection, between: Between) -> Both:
    """The sessions, and what became of the tables between them."""
    name, new, runs = between.ledger, between.new, between.runs
    with settled(was), settled(now):
        there, then = between.there or tables_there(was, name), tables_there(now, name)
        names, following = (names_there(was), names_there(now)), (read_following(was), read_following(now))
        labels = read_labels(now)
    before, after = (
        {oid: one for oid, one in each.items() if not (one.parent or one.materialized)} for each in (there, then)
    )
    views = [each.name for oid, each in then.items() if each.materialized and oid not in there]
    reach = Reach(names[0], there, *following, new, names[1])
    writes = reach.writes(chain.from_iterable(each.found for each in runs), runs[0].code)
    asks = was.info.server_version >= _INPUT_SINCE
    change = Change(before, after, (), labels, new, writes, names[0].values(), asks_input=asks)
    older = 0 < between.target_version < _INPUT_SINCE
    return Both(was, now, replace(change, older_target=older).until(Location("")), names, following, views)


def questions(trial: Trial, rows: Rows, last: Observed | None) -> tuple[tuple[Question, ...], str]:
    """What else a target is to be asked: what no row that was made up had said; and why that is not all.

    `last` is how these went at last.
    """
    told = {(each.table, each.misfit) for each in rows.all_faults}
    found = list[Question]()
    try:
        with both_of(trial, last) as both:
            if both is not None:
                found.extend(each for each in questions_of(trial.seen, both) if (each.table, each.misfit) not in told)
    except UndecidableError as error:
        # It would only add to what is found.
        return tuple(found), why_no_more(trial.stage, error)
    return tuple(found), ""


def why_no_more(stage: Stage, error: UndecidableError) -> str:
    """Why not everything was looked for that a target may be asked, in words."""
    return f"it took longer than {stage.seconds:g} s" if stage.over else " ".join(error.problem.split())


def questions_of(seen: Iterable[Seen], both: Both) -> Iterator[Question]:
    """What a target is to be asked of what is new, which was `seen` to ask that of all rows."""
    found = (_question(each, both) for each in seen)
    yield from (each for each in found if each is not None)
    change, types = both.change, questions_of_types(both.change)
    computed, inserted = both.computing.questions(change.statements), both.inserting.questions(change.statements)
    folded = both.folding.questions(change.statements)
    others = (both.beside.questions(), types, computed, inserted, folded)
    yield from (each for each in chain.from_iterable(others) if both.finds(each) is not None)


def _question(seen: Seen, both: Both) -> Question | None:
    """What something that was seen asks of all rows, where a SELECT can tell and does no more than that."""
    asked = demanded(seen, both.change, both.demand)
    if asked is None or not asked.select or both.finds(asked) is None:
        return None
    return Question(seen.migration, seen.at, seen.statement, asked.table, asked.misfit, asked.select)
