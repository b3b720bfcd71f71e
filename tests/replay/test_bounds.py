"""What is too large for one server is too large for all: undecided at once, with the setting to raise."""

import pytest

from migcheck.config.config import ScratchConfig
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.rehearse import rehearse
from migcheck.facts.replay.servers import replay
from migcheck.postgres.scratch.server import Server
from tests.support.rehearsals import folder_of, history_of, over_once_running
from tests.support.servers import candidate
from tests.support.waiting import once, running

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("patient_cut")]

FILLS_DISK = "create unlogged table big as select repeat(md5(n::text), 60) from generate_series(1, 2000000) n;"
FILLS_MEMORY = "do $$ declare a text[]; begin for n in 1..40 loop a[n] := repeat('x', 50000000); end loop; end $$;"
OTHER_SERVER = " under [scratch] in migcheck.toml, or choose another server with --scratch"


def undecided(sql: str, config: ScratchConfig, *, landed: bool = False) -> tuple[str, str]:
    """The problem and its remedy, where only the first of two servers was tried."""
    head = folder_of({"0000_large": sql})
    request = request_of(history_of(head, head if landed else None), head, None, Batching.ALL, LedgerName())
    seen: list[str] = []
    servers = [candidate("embedded", major, config) for major in (17, 16)]
    with pytest.raises(UndecidableError) as caught:
        replay(request, servers, seconds=600, tell=seen.append)
    assert seen == [f"rehearsing on {servers[0].describe}"]
    return caught.value.problem, caught.value.remedy


def test_disk() -> None:
    problem, remedy = undecided(FILLS_DISK, ScratchConfig(disk=250))
    assert problem in {
        "the scratch server failed: it wrote more than 250 MiB",
        "the scratch server failed: its disk is full",
    }
    assert remedy == "raise `disk`" + OTHER_SERVER


def test_memory() -> None:
    assert undecided(FILLS_MEMORY, ScratchConfig(memory=700, disk=200)) == (
        "drizzle/0000_large.sql:1: the scratch server failed: its memory is used up: out of memory",
        "raise `memory`" + OTHER_SERVER,
    )


@pytest.mark.parametrize("memory", [16, 64])
def test_a_server_that_cannot_start_for_want_of_memory(memory: int) -> None:
    assert undecided("select 1;", ScratchConfig(memory=memory)) == (
        f"the scratch server did not start, with no more than {memory} MiB of memory",
        "raise `memory`" + OTHER_SERVER,
    )


def test_a_server_that_somebody_ends_is_no_matter_of_bounds() -> None:
    request = request_of(None, folder_of({"0000_wait": "select pg_sleep(3600);"}), None, Batching.ALL, LedgerName())

    with candidate("embedded", 17, ScratchConfig()).start() as server:
        assert isinstance(server, Server)
        ends = once(lambda: running(server, "pg_sleep(3600)"), server.kill)
        with ends, pytest.raises(UndecidableError) as caught:
            rehearse(server, request, seconds=600)
    assert caught.value.problem.startswith("the scratch server failed: ")
    assert caught.value.remedy == (
        "run it again; where the server ends again, see who ended it: somebody, the kernel for want of memory, or a "
        "statement that crashes it"
    )


def test_time(monkeypatch: pytest.MonkeyPatch) -> None:
    over_once_running(monkeypatch, "pg_sleep(3600)", sessions=2)
    problem, remedy = undecided("select pg_sleep(3600);", ScratchConfig(), landed=True)
    assert problem == (
        "drizzle/0000_large.sql:1: what has landed cannot be built on an empty database: "
        "57014 still running when the 600 s of the rehearsal were over"
    )
    assert remedy == "raise `timeout`" + OTHER_SERVER
