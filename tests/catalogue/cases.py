"""The mutations: one change of a base schema each, and the lines by which the fingerprint tells it.

`mutations/*.sql` holds them as blocks between blank lines: SQL, then the expected lines after `--> `. A block that
begins with `-- from 17` needs that major; a line after `-->18 ` is told from that major on. `alone.sql` holds changes
of a database in which nothing else is.
"""

import re
from dataclasses import dataclass
from pathlib import Path

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
