"""The mutations: one change of a base schema each, and the lines by which the fingerprint tells it.

`mutations/*.sql` holds them as blocks between blank lines: SQL, then the expected lines after `--> `. A block that
begins with `-- from 17` needs that major; a line after `-->18 ` is told from that major on. `alone.sql` holds changes
of a database in which nothing else is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from migcheck.postgres.catalogue import Catalogue, difference
from migcheck.postgres.running.ledger import Connection

HERE = Path(__file__).parent
_TOGETHER = 8
# What has one name is one thing, but for the table that most are about: of that one each column is.
_THING = re.compile(
    r"""\bapp\.users\.\w+ | \bapp\.(?!users\b)\w+ | \btable\ app\.users: | \b(?:role|schema)\ \w+
        | \b(?:database|extension|plpgsql|publication|server)\b""",
    re.IGNORECASE | re.VERBOSE,
)
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
    """The lines by which each is told that the server's major knows, by its SQL; each is undone.

    To read it all takes longest: changes of different things are made together. Where not every line is told then that
    is expected of one of them, and no other, each of them is made alone.
    """

    def lines_of(changes: Sequence[Mutation]) -> tuple[str, ...]:
        with session.transaction(force_rollback=True):
            for each in changes:
                session.execute(each.sql.encode())
            return difference(before, read())

    told: dict[str, tuple[str, ...]] = {}
    for group in _of_different_things(_known(each_alone, session), _major(session)):
        told |= _told_together(group, lines_of, _major(session)) or {each.sql: lines_of([each]) for each in group}
    return told


def _told_together(
    group: Sequence[Mutation], lines_of: Callable[[Sequence[Mutation]], tuple[str, ...]], major: int
) -> dict[str, tuple[str, ...]]:
    """The lines of each; nothing where these are not all, and no more."""
    if len(group) == 1:
        return {}
    try:
        lines = lines_of(group)
    except psycopg.Error:
        # One takes away what another needs.
        return {}
    told = {each.sql: tuple(line for line in lines if line in each.expected(major)) for each in group}
    whole = all(told[each.sql] == each.expected(major) for each in group)
    return told if whole and sum(map(len, told.values())) == len(lines) else {}


def _of_different_things(changes: Sequence[Mutation], major: int) -> list[list[Mutation]]:
    """So many at once as are told of different things, and no more than so many: one that fails has all asked alone."""
    groups: list[tuple[set[str], list[Mutation]]] = []
    for each in changes:
        things = set(_THING.findall("\n".join((each.sql, *each.expected(major)))))
        known, group = next((one for one in groups if not things & one[0] and len(one[1]) < _TOGETHER), (set(), []))
        if not group:
            groups.append((known, group))
        known |= things
        group.append(each)
    return [group for _, group in groups]


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
