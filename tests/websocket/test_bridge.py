"""The bridge: no link is lost without a word, and none outlives what it was opened for."""

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from migcheck.postgres.websocket import bridge as module
from migcheck.postgres.websocket.bridge import PORT, Bridge, bridged
from migcheck.postgres.websocket.endpoint import Endpoint
from tests.support.command import CHECKS
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository
from tests.support.waiting import PATIENCE, eventually

NOBODY = Endpoint("ws://127.0.0.1:9/v1")


def refusal(bridge: Bridge) -> str:
    """Why libpq gets no connection."""
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(host=str(bridge.directory), port=PORT, sslmode="disable", connect_timeout=int(PATIENCE))
    return str(caught.value)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:99999/v1", "ws://a..b/v1", "nowhere"])
def test_what_is_no_url_is_told(url: str) -> None:
    with bridged(Endpoint(url), 5) as bridge:
        assert "FATAL" in refusal(bridge)
        assert bridge.fault


def test_a_thread_that_cannot_be_had_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoThread(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    with bridged(NOBODY, 5) as bridge:
        monkeypatch.setattr(module, "Thread", NoThread)
        assert "can't start new thread" in refusal(bridge)
        monkeypatch.undo()
        assert "Connection refused" in refusal(bridge)


@contextmanager
def no_file_descriptor() -> Iterator[None]:
    """Within, this process can open nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for each in held:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_link_waits_for_a_file_descriptor() -> None:
    with bridged(NOBODY, 5) as bridge, socket.socket(socket.AF_UNIX) as libpq:
        with no_file_descriptor():
            libpq.connect(str(bridge.directory / f".s.PGSQL.{PORT}"))
            assert eventually(lambda: "Too many open files" in bridge.fault)
        libpq.sendall(b"startup")
        libpq.settimeout(PATIENCE)
        assert b"Connection refused" in libpq.recv(4096)


def test_a_fault_of_a_cancel_request_is_not_the_connections() -> None:
    with bridged(NOBODY, 5) as bridge:
        refusal(bridge)
        bridge.fault = ""
        refusal(bridge)
        assert bridge.fault == ""


def test_a_link_that_is_being_opened_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with bridged(Endpoint(f"ws://127.0.0.1:{silent.getsockname()[1]}/v1"), 20) as bridge:
            libpq = socket.socket(socket.AF_UNIX)
            libpq.connect(str(bridge.directory / f".s.PGSQL.{PORT}"))
            asked = silent.accept()[0]
            begun = time.monotonic()
        assert time.monotonic() - begun < module._CLOSING_SECONDS
        asked.close()
        libpq.close()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_that_is_connecting(a_repo: GitRepository, sent: signal.Signals) -> None:
    a_folder(a_repo / "drizzle", {"0000_a": "create table a (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(CHECKS),
            "DATABASE_URL": "postgresql://app:s3cret-word@db.example.org/app",
            "MIGCHECK_WEBSOCKET_PROXY": f"ws://127.0.0.1:{silent.getsockname()[1]}/v1",
        }
        command = [sys.executable, "-m", "migcheck", "status", "--transport", "websocket"]
        with subprocess.Popen(command, cwd=a_repo.top, env=env, stderr=subprocess.PIPE) as ran:
            asked = silent.accept()[0]
            ran.send_signal(sent)
            _, told = ran.communicate(timeout=PATIENCE)
        asked.close()
    assert b"Traceback" not in told
    assert ran.returncode in {130, 143, -signal.SIGTERM}
