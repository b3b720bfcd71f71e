"""Kinds `embedded` and `local`: a server started from binaries on this machine, never by a wheel's own functions."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from msgspec import Struct

from migcheck.config.config import ScratchConfig
from migcheck.postgres.scratch.confinement import Confinement, User, confine, server_user
from migcheck.postgres.scratch.contract import ScratchServer, ServerDescription
from migcheck.postgres.scratch.extensions import trusted_controls, trusted_extensions
from migcheck.postgres.scratch.installation import Installation, private_copy
from migcheck.postgres.scratch.kept_data import kept_data
from migcheck.postgres.scratch.login import Login, new_logins
from migcheck.postgres.scratch.rundir import run_directory
from migcheck.postgres.scratch.settings import server_command, server_environment
from migcheck.postgres.scratch.supervisor import supervised
from migcheck.postgres.scratch.watchdog import bounded_disk


class BinaryCandidate(Struct, frozen=True):
    """A server that could be started from an installation."""

    installation: Installation
    config: ScratchConfig
    prelude: str = ""
    present: bool = True
    bare: bool = True

    @property
    def kind(self) -> str:
        """Embedded or local."""
        return self.installation.kind

    @property
    def major(self) -> int:
        """The major it would have."""
        return self.installation.major

    @property
    def describe(self) -> str:
        """For the report."""
        return f"{self.kind} PostgreSQL {self.major} ({self.installation.origin})"

    @contextmanager
    def start(self) -> Iterator[ScratchServer]:
        """Make a data directory of our own, start on a Unix socket beside it, and remove all of it at the end."""
        user = server_user()
        admin, owner = new_logins()
        with run_directory(self.config.disk) as directory, ExitStack() as running:
            home = _server_home(directory, user)
            installation, confinement = self._confined(directory, home, user)
            with kept_data(self.installation, home, user, self.config.memory) as packed:
                if confinement.user:
                    _give(directory, confinement.user)
                command, environ = _command(installation, admin, packed), server_environment(admin.given)
                held = running.enter_context(
                    supervised(command, confinement, home, memory=self.config.memory, environ=environ)
                )
                # The driver takes a sixth of a second to load, in which the server is being made.
                from migcheck.postgres.scratch.held_server import ready_server  # noqa: PLC0415

                told = ServerDescription(self.kind, self.major * 10_000, self.installation.origin, confinement.words)
                server = ready_server(held, told, self.config, self.prelude, (admin, owner))
            with bounded_disk(home, self.config.disk, held.fail), closing(server):
                yield server

    def _confined(self, directory: Path, home: Path, user: User | None) -> tuple[Installation, Confinement]:
        """The installation to run, with the provider's extensions trusted as far as that can be, and what holds it."""
        names = trusted_extensions(self.config.extensions)
        extensions = self.installation.extensions
        controls = list(trusted_controls(extensions, names)) if extensions else []
        replaced: dict[Path, Path] = {}
        for control, text in controls:
            replaced[control] = directory / control.name
            replaced[control].write_text(text, encoding="utf-8")
            replaced[control].chmod(0o644)
        confinement = confine(user, self.installation.needs, home, replaced)
        if confinement.files or self.kind != "embedded":
            return self.installation, confinement
        # Without mounts of its own the server gets a copy it can reach, also where the wheel lies in a closed home.
        return private_copy(self.installation, directory / "copy", replaced), confinement


def _server_home(directory: Path, user: User | None) -> Path:
    """The directory for data and socket: the server's own, in a directory it can pass but not change."""
    home = directory / "server"
    home.mkdir(mode=0o700)
    if user:
        directory.chmod(0o711)
        os.chown(home, user.uid, user.gid)
    return home


def _give(directory: Path, user: User) -> None:
    """Let `user`, as whom the supervisor runs, remove all that is in it: that takes the directories, not the files."""
    for path, _, _ in os.walk(directory):
        os.chown(path, user.uid, user.gid)


def _command(installation: Installation, admin: Login, packed: str) -> list[str]:
    tools = (str(installation.tool("initdb")), str(installation.tool("postgres")))
    return server_command(*tools, admin=admin.role, packed=packed)
