"""A real PgBouncer in front of a database."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg

from tests.support.target_server import Database
from tests.support.waiting import PATIENCE, eventually

# Debian has it where only root looks.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
_SETTINGS = """
[databases]
* = host=127.0.0.1 port={database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {home}/users.txt
pool_mode = {mode}
"""


@contextmanager
def pooled(app: Database, mode: str, **settings: int | str) -> Iterator[Database]:
    """`app` behind a PgBouncer that pools by `mode`: session, transaction or statement."""
    assert PROGRAM
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    home = Path(tempfile.mkdtemp(prefix="migcheck-pgbouncer-"))
    home.chmod(0o755)
    (home / "users.txt").write_text(f'"{app.role}" "{app.password}"\n')
    text = _SETTINGS.format(database=app.port, port=port, home=home, mode=mode)
    (home / "ini").write_text(text + "".join(f"{key} = {value}\n" for key, value in settings.items()))
    # It refuses to run as root.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with (home / "log").open("w") as log:
        running = subprocess.Popen([PROGRAM, *user, str(home / "ini")], stdout=log, stderr=log)
        try:
            pool = replace(app, port=port)
            assert eventually(lambda: _answers(pool)), (home / "log").read_text()
            yield pool
        finally:
            running.terminate()
            running.wait(timeout=PATIENCE)
            shutil.rmtree(home)


def _answers(pool: Database) -> bool:
    with suppress(psycopg.OperationalError):
        pool.connect().close()
        return True
    return False
