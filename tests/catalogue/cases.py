"""The mutations: one change of a base schema each, and the lines by which the fingerprint tells it.

`mutations/*.sql` holds them as blocks between blank lines: SQL, then the expected lines after `--> `. A block that
begins with `-- from 17` needs that major; a line after `-->18 ` is told from that major on. `alone.sql` holds changes
of a database in which nothing else is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from migcheck.postgres.catalogue import Catalogue, difference
from migcheck.postgres.ledger import Connection

HERE = Path(__file__).parent
BASE = (HERE / "base.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Mutation:
    sql: str
    since: int
    lines: tuple[tuple[int, str], ...]

    def expected(self, major: int) -> tuple[str, ...]:
        return tuple(line for since, line in self.lines if major >= since)


def mutations() -> list[Mutation]:
    return [each for file in sorted((HERE / "mutations").glob("*.sql")) for each in _blocks(file)]


def alone() -> list[Mutation]:
    return _blocks(HERE / "alone.sql")


def told_of(
    each_alone: Sequence[Mutation], session: Connection, before: Catalogue, read: Callable[[], Catalogue]
) -> dict[str, tuple[str, ...]]:
    """The lines by which each is told that the server's major knows, by its SQL; each is undone."""
    told = {}
    for each in _known(each_alone, session):
        with session.transaction(force_rollback=True):
            session.execute(each.sql.encode())
            told[each.sql] = difference(before, read())
    return told


def expected_of(each_alone: Sequence[Mutation], session: Connection) -> dict[str, tuple[str, ...]]:
    """The lines that are expected, likewise."""
    return {each.sql: each.expected(_major(session)) for each in _known(each_alone, session)}


def _known(each_alone: Sequence[Mutation], session: Connection) -> list[Mutation]:
    return [each for each in each_alone if _major(session) >= each.since]


def _major(session: Connection) -> int:
    return session.info.server_version // 10_000


def _blocks(file: Path) -> list[Mutation]:
    return [_parse(block) for block in file.read_text(encoding="utf-8").strip().split("\n\n")]


def _parse(block: str) -> Mutation:
    since = re.match(r"-- from (\d+)\n", block)
    lines = re.findall(r"^-->(\d*) (.*)$", block, re.MULTILINE)
    return Mutation(
        sql=re.sub(r"^-->.*\n?", "", block, flags=re.MULTILINE).strip(),
        since=int(since[1]) if since else 0,
        lines=tuple((int(major or 0), line) for major, line in lines),
    )
