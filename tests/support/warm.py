"""The program `migcheck`, loaded already: each call is a fork of a process that has everything, at a third of the cost.

Whoever calls it sees a program like any other, with the caller's arguments, directory, environment and streams.

    shutil.copy(warm, programs)         # with `programs` on PATH, git runs its hooks, and these run it
"""

import json
import os
import selectors
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import pytest

from migcheck.__main__ import main
from tests.support.command import CHECKS
from tests.support.waiting import eventually

# What commands load where they need it.
LOADED = (
    *("git", "migcheck.commands.verify", "migcheck.commands.apply", "migcheck.deploy.apply", "migcheck.report.text"),
    *("migcheck.facts.replay.rehearse", "migcheck.facts.sql.read_release"),
    *("migcheck.postgres.scratch.dsn", "migcheck.postgres.scratch.candidates"),
)
CALL = """#!{python} -IS
import json, os, socket, sys

with socket.socket(socket.AF_UNIX) as line:
    line.connect({where!r})
    socket.send_fds(line, [b"."], [0, 1, 2])
    line.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode() + b"\\n")
    sys.exit(int(line.makefile().readline()))
"""


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The program; it can be copied elsewhere."""
    place = tmp_path_factory.mktemp("warm")
    where, program = place / "socket", place / "migcheck"
    program.write_text(CALL.format(python=sys.executable, where=str(where)), "utf-8")
    program.chmod(0o755)
    roots = os.pathsep.join(map(str, (CHECKS, CHECKS.parent)))
    command, environ = [sys.executable, "-m", __name__, str(where)], {**os.environ, "PYTHONPATH": roots}
    # It ends when our end of the pipe closes, however we end, and not by Ctrl-C.
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, start_new_session=True) as loaded:
        assert eventually(where.exists)
        yield program
        assert loaded.stdin
        loaded.stdin.close()


def serve(where: str) -> None:
    """Fork for each call, until standard input ends."""
    for name in LOADED:
        import_module(name)
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as ready:
        listener.bind(f"{where}-to-be")
        listener.listen(64)
        # It is there once it listens.
        Path(f"{where}-to-be").rename(where)
        ready.register(listener, selectors.EVENT_READ)
        ready.register(0, selectors.EVENT_READ)
        while all(key.fileobj is listener for key, _ in ready.select()):
            line = listener.accept()[0]
            if not os.fork():
                listener.close()
                answer(line)
            line.close()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def answer(line: socket.socket) -> NoReturn:
    """Be the program that is called over `line`."""
    _, streams, _, _ = socket.recv_fds(line, 1, 3)
    with line.makefile() as told:
        arguments, directory, environment = json.loads(told.readline())
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    sys.argv = ["migcheck", *arguments]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    code = 1
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - as Python ends a program
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        line.sendall(f"{code}\n".encode())
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
