"""What new migrations leave behind them around the tables: looked at before the next one begins, and at the end.

Two looks tell what came to be wrong between them, whatever SQL did it. Only what still is so in the end is told, and of
tables, views and triggers only what becomes of those that were there before.
"""

import re

from msgspec import Struct, field
from psycopg.errors import Diagnostic

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.leavings import VANISH, Leavings, Step, names_cut
from migcheck.facts.replay.watching.session import Session
from migcheck.facts.sql.observation import Seen
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.session_left import read_held, read_settings
from migcheck.postgres.surroundings import State, Things, read_state, read_things
from migcheck.regex import regex

_CUT = regex(r'identifier "(?P<name>.+)" will be truncated to "(?P<kept>.+)"', re.DOTALL)
_TRUNCATED = "42622"
# Without one of these words nothing is left behind. Should something be, the next look tells.
_MAY = regex(rb"\b(?:definer|function|procedure|routine|grant|trigger|cascade|do|call|execute|select)\b", re.IGNORECASE)
# What a session holds and none of these made, the last look shows.
_HOLDS = regex(rb"(?i)\b(?:prepare|declare|temp|temporary|pg_temp)\b")


class Inspector(Struct):
    """Looks at what stands around the tables of `connection`, from what is there before.

    `first` is that, `began` what is wrong in it, `session` what becomes of the session. `_since` are those that have
    run since the last look, and the one that runs.
    """

    connection: Connection
    first: Things
    began: State
    session: Session
    _since: list[Migration] = field(default_factory=list)
    _steps: list[Step] = field(default_factory=list)
    _cut: dict[tuple[str, str], Migration] = field(default_factory=dict)

    def reach(self, migration: Migration, *, blind: bool) -> None:
        """`migration` has the next word. Where `blind`, nothing may be asked."""
        if self._since and self._since[-1] is not migration and not blind:
            self.session.pass_on(self._since[-1], migration, read_settings(self.connection))
            self._look_behind(self._since[-1])
        if not self._since or self._since[-1] is not migration:
            self._since.append(migration)

    def seen(self) -> tuple[Seen, ...]:
        """What is wrong since, and still so. Everything must have gone through."""
        if not self._since:
            return ()
        settings = read_settings(self.connection)
        with settled(self.connection):
            held = read_held(self.connection)
            self._look()
            last = read_things(self.connection)
        told = Leavings(self.first, self.began, self._steps, last).told()
        ran = [migration for step in self._steps for migration in step.ran]
        left = self.session.left(ran, settings, held)
        return (*told, *names_cut(self._cut, self.first, last), *self.session.kept, *left)

    def hear(self, said: Diagnostic) -> None:
        """Listen to what the server says of names."""
        found = _CUT.fullmatch(said.message_primary or "") if said.sqlstate == _TRUNCATED else None
        if found is not None and self._since:
            self._cut.setdefault((found["name"], found["kept"]), self._since[-1])

    def _look_behind(self, migration: Migration) -> None:
        leaves = _MAY.search(migration.sql)
        if leaves or _HOLDS.search(migration.sql):
            with settled(self.connection):
                self.session.hold(migration, read_held(self.connection))
                if leaves:
                    self._look()

    def _look(self) -> None:
        asked = [each.oid for each in self.first.things if each.kind in VANISH]
        self._steps.append(Step(tuple(self._since), read_state(self.connection, asked)))
        self._since.clear()


def inspector(connection: Connection) -> Inspector:
    """Somebody who looks at what is left behind, from what is there now."""
    settings = read_settings(connection)
    with settled(connection):
        first, began = read_things(connection), read_state(connection, ())
    found = Inspector(connection, first, began, Session(settings, settings))
    connection.add_notice_handler(found.hear)
    return found
