"""How much lies in a directory is watched, without a core of its own where there are thousands of files."""

from pathlib import Path
from threading import Event

import pytest
from tests.support.waiting import PATIENCE, eventually

from migcheck.postgres.scratch import watchdog
from migcheck.postgres.scratch.watchdog import bounded_disk, disk_usage

MEBIBYTE = 2**20


@pytest.fixture
def looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What each adding up of the test's files came to, in the order it was done; it is done for real."""
    seen: list[int] = []

    def counted(directory: Path) -> int:
        found = disk_usage(directory)
        if directory == tmp_path:  # Servers of other tests are watched in this process, too.
            seen.append(found)
        return found

    monkeypatch.setattr(watchdog, "disk_usage", counted)
    return seen


def test_what_grows_past_its_bound_is_told_once(tmp_path: Path) -> None:
    told, over = list[str](), Event()

    def overflow(reason: str) -> None:
        told.append(reason)
        over.set()

    (tmp_path / "deep" / "er").mkdir(parents=True)
    with bounded_disk(tmp_path, 1, overflow):
        (tmp_path / "deep" / "er" / "data").write_bytes(bytes(2 * MEBIBYTE))
        assert over.wait(PATIENCE)
    assert told == ["it wrote more than 1 MiB"]


def test_after_a_long_look_comes_a_long_rest(tmp_path: Path, looks: list[int]) -> None:
    told: list[str] = []
    with bounded_disk(tmp_path, 100_000, told.append, rest=1e9):
        assert eventually(lambda: looks)
        (tmp_path / "data").write_bytes(bytes(MEBIBYTE))
        assert not Event().wait(3 * watchdog.EVERY)
    assert (looks, told) == ([looks[0]], [])


def test_what_others_fill_is_looked_at_once(tmp_path: Path, looks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    free = [1000 * MEBIBYTE]
    monkeypatch.setattr(watchdog, "_free", lambda _directory: free[0])
    with bounded_disk(tmp_path, 64, pytest.fail, rest=1e9):
        assert eventually(lambda: len(looks) == 1)
        free[0] = MEBIBYTE
        assert eventually(lambda: len(looks) == 2)
        assert not Event().wait(5 * watchdog.EVERY)
    assert len(looks) == 2


def test_where_nothing_grows_it_is_looked_at_ever_less(
    tmp_path: Path, looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "EVERY", 0.01)
    with bounded_disk(tmp_path, 100_000, pytest.fail, rest=0):
        assert not Event().wait(1)
        (tmp_path / "data").write_bytes(bytes(MEBIBYTE))
        # After 1, 2, 4, … looks' time: seven or eight in a second, in place of a hundred.
        assert len(looks) < 20
        assert eventually(lambda: looks[-1] >= MEBIBYTE)


def test_what_fills_half_of_the_bound_meanwhile_is_looked_at_at_once(tmp_path: Path, looks: list[int]) -> None:
    told: list[str] = []
    with bounded_disk(tmp_path, 64, told.append, rest=1e9):
        assert eventually(lambda: looks)
        (tmp_path / "data").write_bytes(bytes(65 * MEBIBYTE))
        assert eventually(lambda: told)
    assert told == ["it wrote more than 64 MiB"]
