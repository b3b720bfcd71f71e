"""Where a rehearsal plays: databases on one scratch server, within one limit of time."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Timer

import psycopg
from msgspec import Struct, field

from migcheck.drizzle.batches import batches
from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName
from migcheck.drizzle.rollback import Rollback, as_recorded
from migcheck.errors import UndecidableError
from migcheck.facts.replay.watching.looking import LookAt
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.watching.onlooker import Onlooker, onlooker
from migcheck.facts.sql.observation import Seen
from migcheck.postgres.catalogue import Catalogue, catalogue_reader, difference, read_catalogue, row_counts
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.ledger import Connection, create_ledger, ledger_columns, ledger_with
from migcheck.postgres.running.migrating import due_in, run_batches
from migcheck.postgres.running.namesake import namesake
from migcheck.postgres.running.undoing import undo_batch
from migcheck.postgres.running.watched import ConnectionLostError, Watch
from migcheck.postgres.scratch.contract import SPENT, OutOfBoundsError, ScratchServer
from migcheck.postgres.scratch.owner import disown, roles_made_by

# 53 insufficient resources, 58 system error: the server's trouble, whoever caused it.
_SERVER_TROUBLE = ("53", "58")
_NO_FUNCTION = "42883"


class Contents(Struct, frozen=True):
    """What a database holds: its catalogue, the rows of every table, its ledger and the types of that one's columns."""

    catalogue: Catalogue
    rows: Catalogue
    ledger: Ledger
    columns: Mapping[str, str]

    def unlike(self, other: "Contents") -> tuple[str, ...]:
        """What `other` has (`+`), lacks (`-`) or has otherwise (`~`), ledgers apart."""
        return difference(self.catalogue, other.catalogue) + difference(self.rows, other.rows)


class Stage(Struct, frozen=True):
    """A scratch server during one rehearsal of at most `seconds`.

    `outside` are the tags of the migrations that run outside of a transaction.
    """

    server: ScratchServer
    name: LedgerName
    seconds: float
    outside: Collection[str] = ()
    stopped: Event = field(default_factory=Event)

    @property
    def over(self) -> bool:
        """Whether the time is over, or somebody stopped it all."""
        return self.stopped.is_set()

    def stop(self) -> None:
        """End whatever runs, from outside; nothing new begins."""
        self.stopped.set()
        self.server.cut()

    def create(self, database: str, *, template: str | None = None) -> None:
        """Make an empty `database`, or a copy, in place of what an earlier rehearsal may have left."""
        with self._driver_errors_explained():
            self.server.drop_database(database)
            self.server.create_database(database, template=template)

    def drop(self, *databases: str) -> None:
        """Drop `databases`, where they are there."""
        with self._driver_errors_explained():
            for database in databases:
                self.server.drop_database(database)

    def forget_roles(self, *databases: str) -> None:
        """Drop `databases`, then the roles that were made in them: those belong to the whole server."""
        self.drop(*databases)
        with self._driver_errors_explained():
            self.server.drop_made_roles()

    def disown(self, database: str, roles: Collection[str]) -> None:
        """Take from those of `roles` that migrations made what they own in `database`, and are granted there."""
        if not roles:
            return
        with self.session(database) as connection, self.server.connect_admin(database) as admin:
            owner = connection.info.user
            for role in sorted({*roles}.intersection(roles_made_by(admin, owner))):
                disown(admin, role, owner)

    def migrate(
        self, database: str, folder: Folder, batching: Batching, watch: Watch | None = None
    ) -> SqlFailure | None:
        """Run in `database` what Drizzle's migrator would, under `watch` as `run_batches` takes it.

        Raises UndecidableError where the server is at fault.
        """
        return self._run(database, lambda connection: self._migrate(connection, folder, batching, watch))

    def migrate_observed(
        self, database: str, folder: Folder, batching: Batching, at: LookAt = LookAt.LEAVINGS
    ) -> Observed:
        """As `migrate`, and what was touched until the end or the refusal; what was done, where all went through."""

        def run(connection: Connection, watch: Watch) -> SqlFailure | None:
            return self._migrate(connection, folder, batching, watch)

        return self._observed(database, run, at)

    def _migrate(
        self, connection: Connection, folder: Folder, batching: Batching, watch: Watch | None
    ) -> SqlFailure | None:
        due = due_in(connection, self.name, folder, batching, self.outside)
        return run_batches(connection, self.name, due, folder.layout, watch)

    def run_observed(self, database: str, migration: Migration, layout: Layout) -> Observed:
        """Run one migration, whatever the ledger says. Raises as `migrate`."""

        def run(connection: Connection, watch: Watch) -> SqlFailure | None:
            create_ledger(connection, self.name, layout)
            return run_batches(connection, self.name, batches([migration], Batching.ALL, self.outside), layout, watch)

        return self._observed(database, run)

    def undo_observed(self, database: str, rollbacks: Iterable[Rollback]) -> Observed:
        """Undo migrations by `rollbacks` in one transaction, as a deploy does. Raises as `migrate`."""
        batch = [as_recorded(each) for each in rollbacks]
        return self._observed(database, lambda connection, watch: undo_batch(connection, self.name, batch, watch))

    def _observed(
        self,
        database: str,
        run: Callable[[Connection, Watch], SqlFailure | None],
        at: LookAt = LookAt.TABLES,
    ) -> Observed:
        lookers: list[Onlooker] = []
        seen: list[Seen] = []

        def watched(connection: Connection) -> SqlFailure | None:
            lookers.append(onlooker(connection, self.name, at))
            failure = run(connection, lookers[0].watch)
            seen.extend(lookers[0].seen() if failure is None else ())
            return failure

        failure = self._run(database, watched)
        return lookers[0].observed(failure, tuple(seen))

    def build(
        self, database: str, migrations: Sequence[Migration], layout: Layout, batching: Batching
    ) -> SqlFailure | None:
        """Make `database` stand where `migrations` have run: what ran one by one, each in a session of its own.

        Raises as `migrate` does.
        """
        self.create(database)
        sessions = [migrations] if batching is Batching.ALL else [[each] for each in migrations]
        refusals = (self.run_batch(database, batch, layout) for batch in sessions)
        return next((refusal for refusal in refusals if refusal is not None), None)

    def build_past(
        self, database: str, migrations: Sequence[Migration], layout: Layout, instead: Mapping[str, Migration]
    ) -> tuple[SqlFailure, ...]:
        """Run `migrations` one by one, past those that are refused; the refusals.

        What is refused runs as `instead` has it by tag, or not at all where that has none. Ends where that is refused
        as well, or the time is over. Raises as `migrate` does.
        """
        self.create(database)
        refusals: list[SqlFailure] = []
        for each in migrations:
            refused = None if self.over else self.run_batch(database, [each], layout)
            if self.over:
                break
            if refused is not None:
                refusals.append(refused)
                other = instead.get(each.tag)
                if other is not None and self.run_batch(database, [other], layout) is not None:
                    break
        return tuple(refusals)

    def contents(self, database: str) -> Contents:
        """What `database` holds now."""
        with self.session(database) as owner, self.server.connect_admin(database) as admin:
            return self._held(owner, read_catalogue(admin, leave_out=self.name, owner=owner.info.user))

    @contextmanager
    def looking(self, database: str) -> Iterator[Callable[[], Contents]]:
        """What tells what `database` holds, each time that it is asked: the second time takes a quarter of the first.

        Meanwhile an administrator's session is there, and none of the owner's: a migration may end what is its own.
        """
        with self._driver_errors_explained(), self.server.connect_admin(database) as admin:
            readers: list[Callable[[], Catalogue]] = []

            def look() -> Contents:
                with self.session(database) as owner:
                    if not readers:
                        readers.append(catalogue_reader(admin, leave_out=self.name, owner=owner.info.user))
                    return self._held(owner, readers[0]())

            yield look

    def _held(self, owner: Connection, catalogue: Catalogue) -> Contents:
        columns = ledger_columns(owner, self.name)
        ledger = ledger_with(owner, self.name, columns)
        return Contents(catalogue, row_counts(owner, leave_out=self.name), ledger, columns)

    @contextmanager
    def session(self, database: str) -> Iterator[Connection]:
        """The owner's session in `database`. Raises UndecidableError where the time is over."""
        with self._driver_errors_explained(), self.server.connect(database) as connection:
            # After connecting: what connects later than the clock rings is not cut.
            if self.over:
                raise self._too_slow()
            yield connection

    def run_batch(self, database: str, batch: Sequence[Migration], layout: Layout) -> SqlFailure | None:
        """Run `batch` in one transaction and a session of its own, whatever the ledger says. Raises as `migrate`."""

        def run(connection: Connection) -> SqlFailure | None:
            create_ledger(connection, self.name, layout)
            return run_batches(connection, self.name, batches(batch, Batching.ALL, self.outside), layout)

        return self._run(database, run)

    def _run(self, database: str, run: Callable[[Connection], SqlFailure | None]) -> SqlFailure | None:
        try:
            with self.session(database) as connection:
                failure = run(connection)
                if failure is not None and failure.sqlstate == _NO_FUNCTION:
                    failure = replace(failure, namesake=namesake(connection, failure.message))
        except ConnectionLostError as lost:
            return self._lost(lost, database)
        if failure is not None and failure.sqlstate in SPENT:
            cause, bound = SPENT[failure.sqlstate]
            raise OutOfBoundsError(f"{failure.at}: the scratch server failed: {cause}: {failure.message}", bound)
        if failure is not None and failure.sqlstate.startswith(_SERVER_TROUBLE):
            raise UndecidableError(
                f"{failure.at}: the scratch server ran out of something: {failure.message}",
                remedy="raise `disk` or `memory` under [scratch] in migcheck.toml",
            )
        return failure

    def _lost(self, lost: ConnectionLostError, database: str) -> SqlFailure:
        """The session ended: by our clock, with its server, or by the migration's own doing."""
        if self.over:
            words = f"still running when the {self.seconds:g} s of the rehearsal were over"
            return replace(lost.failure, sqlstate="57014", message=words, late=True)
        with self.session(database):
            return replace(lost.failure, sqlstate="57P01", message=f"ended its own session: {lost.failure.message}")

    def _too_slow(self) -> OutOfBoundsError:
        return OutOfBoundsError(f"the rehearsal was not done within {self.seconds:g} s", "timeout")

    def _check(self, error: psycopg.Error) -> None:
        try:
            self.server.check(error)
        except OutOfBoundsError as failed:
            # Where a session does not end in time, it is we who end the server.
            raise (self._too_slow() if self.over and not failed.bounds else failed) from error

    @contextmanager
    def _driver_errors_explained(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            self._check(error)
            raise UndecidableError(
                f"scratch cannot be used as Drizzle would use it: {error}",
                remedy="choose another server with --scratch, or see [scratch] in migcheck.toml",
            ) from error


@contextmanager
def stage_on(server: ScratchServer, name: LedgerName, seconds: float, outside: Collection[str] = ()) -> Iterator[Stage]:
    """A stage that ends every session of the owner once `seconds` are over: SQL can switch its own timeouts off."""
    stage = Stage(server, name, seconds, outside)
    clock = Timer(seconds, stage.stop)
    clock.daemon = True
    clock.start()
    try:
        yield stage
    finally:
        clock.cancel()
        clock.join()
