"""Starting Squawk, a linter with a parser of its own for Postgres's SQL: its program comes in a wheel (squawk-cli).

It is not the server's parser: what it cannot parse may be right, and its grammar calls things by other names.
Its linter names a rule and a place, but neither the table nor the column; so the syntax tree is asked for, which it
prints for `--debug parse` (crates/squawk/src/debug.rs). How that looks is no promise of Squawk's: another version than
the one that this was written for is not asked.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Timer

from msgspec import Struct

_NAME = "squawk"
_VERSION = b"squawk 2.70."
_SECONDS = 5.0
_FOUND_SOMETHING = 1
_MOST = 32 << 20
"""Bytes of a tree. A quarter of a mebibyte of SQL has a few."""


NONE = "there is no Squawk 2.70"
GET_IT = "pip install 'drizzle-migcheck[squawk]'"


class Unread(Struct, frozen=True):
    """SQL that was not read, and why: for whoever sees that the gate was skipped."""

    reason: str


def print_tree(sql: bytes) -> bytes | Unread:
    """The syntax tree of `sql` as Squawk prints it."""
    program = next(_programs(), None)
    if program is None:
        return Unread(f"--offline, and {NONE}: {GET_IT}")
    told = _run([program, "--config", os.devnull, "--debug", "parse"], sql)
    return Unread("--offline, and Squawk cannot read the SQL") if told is None else told


def print_opinions(sql: bytes, rules: Iterable[str]) -> bytes | Unread:
    """What Squawk's own `rules`, and whatever others it has on, say of `sql`, in JSON."""
    program = next(_programs(), None)
    if program is None:
        return Unread(NONE)
    included = [word for each in rules for word in ("--include", each)]
    told = _run([program, "--config", os.devnull, "--reporter", "json", *included], sql, _FOUND_SOMETHING)
    return Unread("Squawk cannot read the SQL") if told is None else told


def _programs() -> Iterator[str]:
    """Where it is: beside migcheck's own program, so for pipx and uvx too; else on PATH. The right version alone."""
    user = sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))
    places = (sysconfig.get_path("scripts"), os.path.dirname(sys.executable), user)  # noqa: PTH120 - no link is followed
    for each in dict.fromkeys((*(str(Path(place, _NAME)) for place in places), shutil.which(_NAME) or "")):
        if (
            Path(each).is_absolute()
            and os.access(each, os.X_OK)
            and (_run([each, "--version"]) or b"").startswith(_VERSION)
        ):
            yield each


def _run(command: list[str], given: bytes = b"", *ends: int) -> bytes | None:
    """What it printed, in bounds; None where it could not be started, took too long, said too much or broke down.

    `ends` are exit codes that it may end with beside 0.
    """
    with tempfile.TemporaryFile() as sql:
        sql.write(given)
        sql.seek(0)
        try:
            # Nothing of the user's: no configuration is looked for, and no variable tells it anything.
            process = subprocess.Popen(
                command, stdin=sql, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=os.sep, env={}
            )
        except OSError:
            return None
        clock = Timer(_SECONDS, process.kill)
        clock.start()
        with process:
            assert process.stdout is not None
            told = process.stdout.read(_MOST + 1)
            if len(told) > _MOST:
                process.kill()
            process.stdout.close()
            process.wait()
        clock.cancel()
    return told if process.returncode in (0, *ends) and len(told) <= _MOST else None
