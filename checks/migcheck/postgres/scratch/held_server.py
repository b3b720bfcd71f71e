"""A supervised server as sessions see it, once it answers."""

from psycopg.conninfo import make_conninfo

from migcheck.config.config import ScratchConfig
from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.contract import OutOfBoundsError, ServerDescription
from migcheck.postgres.scratch.login import Login
from migcheck.postgres.scratch.server import PLAIN, Server, make_ready
from migcheck.postgres.scratch.supervisor import Supervised

START_WITHIN = 60.0
# MiB of address space. With 150 every major of the wheels starts, with 100 none does, and its log seldom says why.
_STARTS_WITH = 256


def ready_server(
    held: Supervised, description: ServerDescription, config: ScratchConfig, prelude: str, logins: tuple[Login, Login]
) -> Server:
    """The server that `held` runs, for the administrator and the owner that `logins` are.

    Raises UndecidableError where it does not come to answer.
    """
    server = Server(
        description=description,
        where=make_conninfo(host=str(held.home), port=5432, **PLAIN),
        admin=logins[0],
        owner=logins[1],
        fault=held.fault,
        kill=held.end,
        prelude=prelude,
        search_path=config.search_path or "",
        # Nothing was added to it here, and its relcache is copied with it (PostgreSQL 17 utils/cache/relcache.c,
        # load_relcache_init_file): the first session of each database takes a third less.
        plain="template1",
    )
    try:
        make_ready(server, seconds=START_WITHIN)
    except UndecidableError as error:
        if config.memory >= _STARTS_WITH:
            raise
        raise OutOfBoundsError(
            f"the scratch server did not start, with no more than {config.memory} MiB of memory", "memory"
        ) from error
    return server
