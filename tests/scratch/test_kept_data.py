"""What `initdb` makes is kept for the next run: as it was before its server ran, and only where it can be trusted."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

import psycopg
import pytest
from tests.support.servers import candidate

from migcheck.config.config import Kind, ScratchConfig
from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.binaries import BinaryCandidate
from migcheck.postgres.scratch.kept_data import PLACE, kept_data
from migcheck.postgres.scratch.server import Server
from migcheck.postgres.target.identity import system_identifier

pytestmark = pytest.mark.server


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where it is kept: not there yet."""
    monkeypatch.setenv(PLACE, str(cache := tmp_path / "not/there/yet"))
    return cache


@contextmanager
def started(kind: Kind = "embedded") -> Iterator[Server]:
    with candidate(kind).start() as server:
        assert isinstance(server, Server)
        yield server


def made(kind: Kind = "embedded") -> int:
    """Start a server and end it: what `initdb` gave it, another each time."""
    with started(kind) as server, server.admin_session() as admin:
        return system_identifier(admin)


@pytest.mark.parametrize("kind", ["embedded", pytest.param("local", marks=pytest.mark.debian)])
def test_the_next_run_takes_what_the_first_made(kind: Kind, cache: Path) -> None:
    first = made(kind)
    (archive,) = cache.iterdir()
    assert (cache.stat().st_mode & 0o777, archive.stat().st_mode & 0o777) == (0o700, 0o600)
    assert archive.name.startswith(f"{kind}-{candidate(kind).major}-")
    assert made(kind) == first


def test_each_run_has_a_password_of_its_own_and_what_is_kept_has_none(cache: Path) -> None:
    refused = pytest.raises(psycopg.OperationalError, match="password authentication failed")
    with started() as one, started() as other, refused:
        psycopg.connect(other.conninfo(one.admin, "postgres"))
    (archive,) = cache.iterdir()
    assert b"SCRAM-SHA-256$" not in archive.read_bytes()


def test_nothing_that_a_run_did_is_in_it(cache: Path) -> None:
    """Not even what an administrator did, who may run programs and write each file of the server's."""
    with started() as server:
        server.create_database("made")
        with server.admin_session() as admin:
            admin.execute("create role made")
            admin.execute("copy (select 'made') to program 'cat >../data.tar'")
    assert len(list(cache.iterdir())) == 1
    with started() as server, server.admin_session() as admin:
        names = (
            "select rolname from pg_roles where oid > 16383 or rolname !~ '^pg_' union select datname from pg_database"
        )
        assert {name for (name,) in admin.execute(names).fetchall()} == {
            *(server.admin.role, server.owner.role),
            *("postgres", "template0", "template1"),
        }


def cut_short(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[: 20 * 2**20])


def damaged(archive: Path) -> None:
    """In the middle of some file of the server's, which tar does not look at."""
    with archive.open("r+b") as kept:
        kept.seek(20 * 2**20)
        there = kept.read(512)
        kept.seek(20 * 2**20)
        kept.write(bytes(each ^ 1 for each in there))


def others_may_write(archive: Path) -> None:
    archive.chmod(0o622)


def empty(archive: Path) -> None:
    archive.write_bytes(bytes(10240))


def a_link(archive: Path) -> None:
    archive.symlink_to(archive.rename(archive.parents[1] / "elsewhere"))


def of_another_release(archive: Path) -> None:
    archive.rename(archive.with_name(f"{archive.name.rpartition('-')[0]}-0123456789abcdef.tar"))


@pytest.mark.parametrize("spoil", [cut_short, damaged, empty, others_may_write, a_link, of_another_release])
def test_what_cannot_be_trusted_or_used_is_made_anew(cache: Path, spoil: Callable[[Path], None]) -> None:
    first = made()
    (archive,) = cache.iterdir()
    spoil(archive)
    second = made()
    assert second != first
    assert list(cache.iterdir()) == [archive]
    assert archive.is_file()
    assert made() == second


@pytest.mark.parametrize("kind", ["embedded", pytest.param("local", marks=pytest.mark.debian)])
def test_a_server_with_less_memory_takes_no_data_that_was_made_with_more(kind: Kind, cache: Path) -> None:
    """`initdb` writes down how large a buffer it could have: with that it did not start."""
    first = made(kind)
    with candidate(kind, config=ScratchConfig(memory=150)).start() as server:
        assert isinstance(server, Server)
        with server.admin_session() as admin:
            assert system_identifier(admin) != first
    assert len(list(cache.iterdir())) == 1


def test_a_new_locale_of_the_system_is_known_to_the_next_server(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made()
    (tmp_path / "locale").write_text("#!/bin/sh\nexec printf '%s\n' C C.utf8 POSIX en_XX.utf8\n")
    (tmp_path / "locale").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert made() != first
    assert len(list(cache.iterdir())) == 1


def test_what_does_not_start_is_made_anew_by_the_next_run(cache: Path, tmp_path: Path) -> None:
    first = made()
    (archive,) = cache.iterdir()
    (tmp_path / "data").mkdir()
    subprocess.run(["tar", "-cf", archive, "data"], cwd=tmp_path, check=True)
    content = archive.read_bytes()
    archive.write_bytes(content + crc32(content).to_bytes(4, "big"))
    with pytest.raises(UndecidableError, match=r"the scratch server did not start: .*data"):
        made()
    assert first != made() == made()


def test_where_nothing_can_be_kept_a_server_starts_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(PLACE, str(tmp_path / "file/cache"))
    assert made() != made()
    monkeypatch.setenv(PLACE, "")
    assert made() != made()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_of_what_a_disk_has_no_room_for_nothing_is_left(cache: Path, tmp_path: Path) -> None:
    (home := tmp_path / "home").mkdir()
    found = candidate("embedded")
    assert isinstance(found, BinaryCandidate)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    with kept_data(found.installation, home, None, memory=256) as packed:
        (home / packed).write_bytes(bytes(2**20))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**19, usual[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert [*cache.iterdir(), *home.iterdir()] == []


def test_why_a_server_does_not_start_is_told_where_nothing_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where HOME is `/dev/null`, or a disk that nobody may write to."""
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(PLACE, str(tmp_path / "file/cache"))
    scarce = candidate("embedded", config=ScratchConfig(memory=10))
    with pytest.raises(UndecidableError, match="did not start, with no more than 10 MiB of memory"), scarce.start():
        pass


@pytest.mark.parametrize(("name", "value"), [("HOME", "another's"), ("HOME", ""), ("XDG_CACHE_HOME", "caches")])
def test_nothing_is_left_in_a_working_directory_or_with_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """As where `sudo` leaves HOME as it was."""
    (theirs := tmp_path / "another's").mkdir()
    with suppress(PermissionError):
        os.chown(theirs, 1, 1)
    for each in (PLACE, "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, str(theirs) if theirs.name == value and theirs.stat().st_uid != os.geteuid() else value)
    made()
    assert list(tmp_path.rglob("*")) == [theirs]


@pytest.mark.parametrize(
    ("environ", "place"), [({"HOME": "home"}, "home/.cache"), ({"HOME": "home", "XDG_CACHE_HOME": "caches"}, "caches")]
)
def test_it_is_kept_where_caches_are(
    environ: dict[str, str], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PLACE, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    made()
    (archive,) = (tmp_path / place / "migcheck").iterdir()
    assert archive.suffix == ".tar"
