"""A reader of docs/rollback.md, who does what it says, block by block, and looks at what came of it."""

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from tests.docs.shop import NEXT_SCHEMA, Shop, generate
from tests.support.command import Command as Run
from tests.support.command import Ran
from tests.support.drizzle import drizzle_migrate
from tests.support.folders import add_migration
from tests.support.pages import Block, Command, commands, lacking
from tests.support.repositories import environment
from tests.support.target_server import Database

_GENERATE = re.compile(r"npx drizzle-kit generate (?P<options>.*--name (?P<name>\w+))")
_MIGCHECK = re.compile(r"(?:DATABASE_URL=\$RESTORED_URL )?migcheck (?P<arguments>.*)")
_APPLY, _VERIFY = "migcheck apply", "migcheck verify"
_STATUS = re.compile(r"\d+ (?:applied|pending)\b.*")


@dataclass
class Reader:
    """Deploys with `migcheck apply`, or where `drizzle` with Drizzle's own migrator in its place.

    `unverified` leaves `migcheck verify` out. `another` makes an empty database: only one case restores a backup.
    """

    shop: Shop
    another: Callable[[], Database]
    programs: Path
    scratch: str
    command: Run
    drizzle: bool = False
    unverified: bool = False
    states: list[str] = field(default_factory=list)
    _printed: str = ""
    _otherwise: bool = False

    @cached_property
    def restored(self) -> Database:
        """Where a backup is restored."""
        return self.another()

    def play(self, blocks: Sequence[Block]) -> list[str]:
        """Do it all; the state after each block that did something."""
        for number, block in enumerate(blocks):
            if block.path:
                self._write(block)
            elif block.kind == "text":
                self._compare(block.text)
                continue
            elif block.kind == "sql":
                self._query(block.text)
            else:
                self._run(block, blocks[number + 1 :])
            self.states.append(self.shop.state(self._at(block.text)))
        return self.states

    def _write(self, block: Block) -> None:
        """The file of a block. What drizzle-kit wrote from schema.ts must be what the page says that it writes."""
        path = self.shop.repo / block.path
        written = path.read_text("utf-8") if path.exists() else ""
        if self.shop.written and path.stem.partition("_")[2] in NEXT_SCHEMA:
            assert written.strip() == block.text.strip()
        path.write_text(block.text, "utf-8")

    def _query(self, text: str) -> None:
        command = ["psql", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", self.shop.app.url]
        ran = self._spawn(command, text)
        assert ran.returncode == 0, ran.stderr
        self._printed, self._otherwise = ran.stdout, False

    def _run(self, block: Block, rest: Sequence[Block]) -> None:
        self._printed, self._otherwise = "", False
        for command in commands(block):
            if written := _GENERATE.fullmatch(command.line):
                self._generate(written["name"], written["options"], rest)
            elif self.drizzle and command.line.endswith(_APPLY):
                self._migrate(command)
            elif self.unverified and command.line.endswith(_VERIFY):
                self._otherwise = True
            else:
                ran = self._end(command.line)
                assert ran.code == command.code, (command, ran)
                self._printed += ran.out

    def _generate(self, name: str, options: str, rest: Sequence[Block]) -> None:
        if name in NEXT_SCHEMA:
            self.shop.repo.write({"schema.ts": NEXT_SCHEMA[name]})
        if self.shop.written:
            generate(self.shop.repo.top, *options.split())
            return
        file = next(block for block in rest if block.path.endswith(f"_{name}.sql"))
        add_migration(self.shop.path, Path(file.path).stem, file.text)

    def _migrate(self, command: Command) -> None:
        ran = drizzle_migrate(self._at(command.line), self.shop.path)
        assert ran.ok == (command.code == 0), ran
        self._otherwise = True

    def _compare(self, expected: str) -> None:
        """Of a block in which Drizzle deployed or nobody verified, what migcheck prints then was not printed."""
        if self._otherwise:
            expected = "\n".join(line for line in expected.splitlines() if _STATUS.fullmatch(line))
        lost = lacking(expected, self._printed)
        assert not lost, f"{lost!r} is not in\n{self._printed}"

    def migcheck(self, *arguments: str, at: Database | None = None) -> Ran:
        """Run migcheck as the page does. Whatever the database is called, it is `db.example.com/shop` in the report."""
        at = at or self.shop.app
        url = {"DATABASE_URL": at.url, "MIGCHECK_SCRATCH_URL": self.scratch, "COLUMNS": "100"}
        ran = self.command(*arguments, cwd=self.shop.repo.top, env=url)
        return replace(ran, out=ran.out.replace(f"127.0.0.1:{at.port}/{at.name}", "db.example.com/shop"))

    def _end(self, line: str) -> Ran:
        """Run a line, migcheck in this process."""
        if found := _MIGCHECK.fullmatch(line):
            return self.migcheck(*found["arguments"].split(), at=self._at(line))
        done = self._spawn(["sh", "-c", line])
        return Ran(done.returncode, done.stdout, done.stderr)

    def _spawn(self, command: list[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
        path = f"{self.programs}:{os.environ['PATH']}"
        urls = {"DATABASE_URL": self.shop.app.url}
        if any("RESTORED_URL" in word for word in command):
            urls["RESTORED_URL"] = self.restored.url
        top, variables = self.shop.repo.top, environment(PATH=path, **urls)
        return subprocess.run(command, cwd=top, env=variables, input=given, capture_output=True, text=True, check=False)

    def _at(self, text: str) -> Database:
        """The database that a block or a line is about."""
        return self.restored if "RESTORED_URL" in text else self.shop.app


def programs(where: Path, server_bin: Path) -> Path:
    """A directory for PATH with the server's own psql, pg_dump and pg_restore."""
    where.mkdir()
    for name in ("psql", "pg_dump", "pg_restore"):
        (where / name).symlink_to(server_bin / name)
    return where
