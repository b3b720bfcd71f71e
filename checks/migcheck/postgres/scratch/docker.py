"""Kind `docker`: a server in a container without network or rights, spoken to over a Unix socket."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from msgspec import Struct
from msgspec.structs import replace
from psycopg.conninfo import make_conninfo

from migcheck.config.config import ScratchConfig
from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.contract import ANOTHER, ScratchServer, ServerDescription, refuse_other_major
from migcheck.postgres.scratch.engine import Engine
from migcheck.postgres.scratch.extensions import trusted_extensions
from migcheck.postgres.scratch.login import Login, new_logins
from migcheck.postgres.scratch.rundir import removed_with_this_process, run_directory
from migcheck.postgres.scratch.server import PLAIN, Server, make_ready
from migcheck.postgres.scratch.settings import ALLOCATION, PASSWORD, server_command

START_WITHIN = 90.0
CONFINED = "a container: no network, no rights, memory, disk and processes bounded"
PUBLISHED = "a container: no rights, memory, disk and processes bounded; its network is open"


class DockerCandidate(Struct, frozen=True):
    """A server that could be started from an image. `present` tells whether it need not be pulled first."""

    engine: Engine
    image: str
    major: int
    present: bool
    config: ScratchConfig
    prelude: str = ""
    kind: str = "docker"

    @property
    def bare(self) -> bool:
        """Whether nobody named the image."""
        return not self.config.image

    @property
    def describe(self) -> str:
        """For the report."""
        return f"docker {self.image}" + ("" if self.present else " (to be pulled)")

    @contextmanager
    def start(self) -> Iterator[ScratchServer]:
        """Run a container for the length of the context.

        It ends with this process, however that ends, where the engine shares our sockets; else it outlives a killed one
        until the time of a rehearsal is over.
        """
        # Imported only where a container is started: the client library is slow to load.
        from migcheck.postgres.scratch.pull import pull  # noqa: PLC0415

        if not self.present:
            pull(self.engine, self.image)
        admin, owner = new_logins()
        with ExitStack() as stack:
            server = stack.enter_context(closing(self._server(stack, admin, owner)))
            make_ready(server, seconds=START_WITHIN)
            refuse_other_major(server.description, self.config.major)
            yield server

    def _server(self, stack: ExitStack, admin: Login, owner: Login) -> Server:
        """The container, over a socket of its own where that is visible here, else over a published port."""
        from migcheck.postgres.scratch.container import SOCKETS, Setup, held, seen  # noqa: PLC0415

        environ = {PASSWORD: admin.given, **ALLOCATION}
        setup = Setup(self.image, self.config.memory, self.config.disk, environ, self.config.timeout + START_WITHIN)
        for engine in [self.engine, replace(self.engine, shares_sockets=False)]:
            attempt = stack.enter_context(ExitStack())
            directory = attempt.enter_context(run_directory(0))
            attempt.enter_context(removed_with_this_process(directory))
            where = f"unix_socket_directories={SOCKETS}" if engine.shares_sockets else "listen_addresses=*"
            command = server_command("initdb", "postgres", admin=admin.role, extra=[where])
            container = attempt.enter_context(held(engine, setup, command, directory))
            if not engine.shares_sockets or seen(directory / "sockets"):
                container.trust(trusted_extensions(self.config.extensions))
                host, port = (str(directory / "sockets"), 5432) if engine.shares_sockets else container.port()
                return Server(
                    description=ServerDescription(
                        "docker", 0, self.image, CONFINED if engine.shares_sockets else PUBLISHED
                    ),
                    where=make_conninfo(host=host, port=port, **PLAIN),
                    admin=admin,
                    owner=owner,
                    fault=container.fault,
                    kill=container.kill,
                    prelude=self.prelude,
                    search_path=self.config.search_path or "",
                )
            attempt.close()
        raise UndecidableError(f"the container of {self.image} did not start", ANOTHER)
