"""A replica of the target server, which takes no writes."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.support.target_server import TargetServer, free_port, serving, unprivileged, wait_for


@contextmanager
def standby(server: TargetServer) -> Iterator[int]:
    """The port of a hot standby that follows `server`."""
    home = Path(tempfile.mkdtemp(prefix="migcheck-standby-"))
    user = unprivileged()
    if user:
        os.chown(home, user, user)
    port = free_port()
    try:
        command = [str(server.bin / "pg_basebackup"), "-D", str(home / "data"), "-R", "-X", "stream", "-c", "fast"]
        where = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGPASSWORD": server.password}
        subprocess.run(command, check=True, capture_output=True, cwd="/", user=user, group=user, env=os.environ | where)
        with serving([str(server.bin / "postgres"), "-D", str(home / "data"), "-p", str(port)], home, user):
            wait_for(replace(server.admin, port=port))
            yield port
    finally:
        shutil.rmtree(home)
