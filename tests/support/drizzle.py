"""The real drizzle-orm, run by Node (tests that use it carry the mark `node`)."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from migcheck.drizzle.ledger import LedgerName
from tests.support.standin import Standin
from tests.support.target_server import Database

NODE = Path(__file__).parents[1] / "node"


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
    """Run `migrate()` of drizzle-orm once; the driver `neon` goes through `proxy`."""
    ledger = [] if name is None else ["--schema", name.schema, "--table", name.table]
    way = [] if proxy is None else ["--proxy", proxy.url]
    command = ["node", "migrate.mjs", "--url", app.url, "--folder", str(folder), "--driver", driver, *way, *ledger]
    trusted = {"NODE_EXTRA_CA_CERTS": proxy.certificates} if proxy is not None and proxy.certificates else {}
    out = subprocess.run(
        command, cwd=NODE, env={**os.environ, **trusted}, capture_output=True, text=True, check=False, timeout=60
    ).stdout
    result = json.loads(out)
    return Ran(result["ok"], result.get("code"), result.get("message", ""))


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
