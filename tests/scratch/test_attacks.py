"""Hostile SQL against every kind of server and major: none of it gets out."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from tests.scratch.attacks import ATTACKS, Attack

from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.scratch.server import Server

pytestmark = pytest.mark.server

SECRET = "the canary's secret"


@dataclass(frozen=True)
class Outside:
    """What lies outside a server: a file to read, a place to write, a port that listens."""

    canary: Path
    out: Path
    listener: socket.socket

    @property
    def untouched(self) -> bool:
        try:
            self.listener.accept()
        except BlockingIOError:
            return not self.out.exists() and self.canary.read_text() == SECRET
        return False


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    """Open to every user of the machine, so that only the server's own bounds protect it."""
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o777)
    canary = tmp_path / "canary"
    canary.write_text(SECRET)
    canary.chmod(0o666)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield Outside(canary, tmp_path / "out", listener)


class Attacker:
    """The owner's session, made again whenever an attack has ended it."""

    def __init__(self, server: ScratchServer, database: str, outside: Outside, administrator: int) -> None:
        assert isinstance(server, Server)
        self.server, self.database = server, database
        self.places = {
            "canary": outside.canary,
            "out": outside.out,
            "port": outside.listener.getsockname()[1],
            "database": server.prefix + database,
            "prefix": server.prefix,
            "administrator": administrator,
        }
        self.session = self._connected()

    def attempt(self, attack: Attack) -> tuple[str, str]:
        """Run one attack; its SQLSTATE (empty where it passed) and all that came back."""
        sql = attack.sql
        for name, value in self.places.items():
            sql = sql.replace(f"{{{name}}}", str(value))
        try:
            cursor = self.session.execute(sql.encode())
            return "", str(cursor.fetchall()) if cursor.description else ""
        except psycopg.Error as error:
            return error.sqlstate or "lost", str(error)
        finally:
            self._recover()

    def _connected(self) -> Connection:
        session = self.server.connect(self.database)
        # DISCARD ALL forgets prepared statements, the driver does not.
        session.prepare_threshold = None
        return session

    def _recover(self) -> None:
        if self.session.broken:
            self.session = self._connected()
        else:
            self.session.execute("ROLLBACK")
            self.session.execute("DISCARD ALL")


def test_no_attack_gets_out(any_server: ScratchServer, outside: Outside) -> None:
    any_server.create_database("attacked")
    expected, found = {}, {}
    with any_server.connect_admin("attacked") as admin:
        attacker = Attacker(any_server, "attacked", outside, admin.info.backend_pid)
        for attack in ATTACKS:
            if attack.since <= any_server.description.major:
                sqlstate, told = attacker.attempt(attack)
                assert SECRET not in told, attack.name
                answers = attack.sqlstates or ("",)
                expected[attack.name] = answers
                found[attack.name] = answers if sqlstate in answers else (sqlstate, told)
        attacker.session.close()
    # A new session of the administrator meets all that the attacks left behind.
    with any_server.connect_admin("attacked") as admin:
        whoami = admin.execute("SELECT current_user, current_setting('search_path')").fetchall()
        powerful = admin.execute("SELECT rolname FROM pg_roles WHERE rolsuper OR rolreplication").fetchall()
    any_server.cut()
    any_server.drop_database("attacked")
    assert {name: answer for name, answer in found.items() if answer != expected[name]} == {}
    assert (whoami, powerful) == ([("migcheck_admin", "pg_catalog")], [("migcheck_admin",)])
    assert outside.untouched


def test_there_are_attacks_enough() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 100
