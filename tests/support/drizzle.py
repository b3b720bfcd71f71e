"""The real drizzle-orm, run by Node (tests that use it carry the mark `node`)."""

import atexit
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, Timer
from typing import TypedDict

from migcheck.drizzle.ledger import LedgerName
from tests.support.standin import Standin
from tests.support.target_server import Database

NODE = Path(__file__).parents[1] / "node"
_SECONDS = 60
_asking = Lock()


@dataclass(frozen=True)
class Ran:
    """What came of Drizzle's migrator: `code` is the SQLSTATE where it failed on a statement."""

    ok: bool
    code: str | None = None
    message: str = ""


class Read(TypedDict):
    """A migration file as drizzle-orm reads it."""

    hash: str
    folderMillis: int
    sql: list[str]


def drizzle_migrate(
    app: Database, folder: Path, name: LedgerName | None = None, driver: str = "pg", proxy: Standin | None = None
) -> Ran:
    """Run `migrate()` of drizzle-orm once; the drivers `neon` and `neon-as-it-is` go through `proxy`."""
    options = {"url": app.url, "folder": str(folder), "driver": driver}
    if name is not None:
        options |= {"schema": name.schema, "table": name.table}
    if proxy is not None:
        options["proxy"] = proxy.url
    # Whom Node trusts is settled as it starts.
    out = _asked(options) if proxy is None or not proxy.certificates else _started(options, proxy.certificates)
    result = json.loads(out)
    return Ran(result["ok"], result.get("code"), result.get("message", ""))


def _started(options: Mapping[str, str], trusted: str) -> str:
    """What a process of its own prints."""
    command = ["node", "migrate.mjs", *(word for name, value in options.items() for word in (f"--{name}", value))]
    env = {**os.environ, "NODE_EXTRA_CA_CERTS": trusted}
    return subprocess.run(
        command, cwd=NODE, env=env, capture_output=True, text=True, check=False, timeout=_SECONDS
    ).stdout


def _asked(options: Mapping[str, str]) -> str:
    """What the process that serves all tests prints: to load Drizzle takes ten times as long as to migrate."""
    with _asking:
        serving = _serving()
        assert serving.stdin
        assert serving.stdout
        clock = Timer(_SECONDS, serving.kill)
        clock.start()
        try:
            serving.stdin.write(json.dumps(options) + "\n")
            serving.stdin.flush()
            return serving.stdout.readline()
        finally:
            clock.cancel()


@cache
def _serving() -> subprocess.Popen[str]:
    serving = subprocess.Popen(
        ["node", "migrate.mjs", "--serve"], cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    # At the end of its input it ends.
    atexit.register(serving.communicate)
    return serving


def drizzle_read(folder: Path) -> list[Read]:
    """What `readMigrationFiles()` of drizzle-orm gives."""
    out = subprocess.run(["node", "read.mjs", str(folder)], cwd=NODE, capture_output=True, text=True, check=True).stdout
    found: list[Read] = json.loads(out)
    return found


def drizzle_push(app: Database, where: Path, schema: Path, *schemas: str) -> None:
    """Let `drizzle-kit push` bring the database to what `schema` says. Its configuration is written to `where`."""
    config = {
        "dialect": "postgresql",
        "schema": str(schema),
        "schemaFilter": list(schemas),
        "dbCredentials": {"url": app.url},
    }
    (where / "push.config.json").write_text(json.dumps(config))
    modules = NODE / "node_modules"
    command = [str(modules / ".bin" / "drizzle-kit"), "push", "--force", "--config", "push.config.json"]
    env = {**os.environ, "NODE_PATH": str(modules)}
    subprocess.run(command, cwd=where, env=env, stdin=subprocess.DEVNULL, check=True, capture_output=True, timeout=60)
