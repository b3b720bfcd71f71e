"""Wall time, bounded from outside: SQL can switch its own timeouts off."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import psycopg

from migcheck.errors import UndecidableError
from migcheck.postgres.scratch import ScratchServer


class TimeIsUpError(UndecidableError):
    """What ran on scratch took longer than it may."""


@contextmanager
def deadline(server: ScratchServer, seconds: float) -> Iterator[None]:
    """Cut the server's sessions when `seconds` are over; whatever fails because of that becomes TimeIsUpError.

    Any other failure of the server itself that escapes from the block becomes the UndecidableError that tells it.
    """
    over = False

    def ring() -> None:
        nonlocal over
        over = True
        server.cut()

    timer = Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (psycopg.Error, UndecidableError) as error:
        timer.cancel()
        timer.join()
        if over:
            raise TimeIsUpError(
                f"the rehearsal took longer than {seconds:g} s and was cut",
                "raise [scratch] timeout in migcheck.toml, or find the statement that does not end",
            ) from error
        if isinstance(error, psycopg.Error):
            server.check(error)
        raise
    finally:
        timer.cancel()
        timer.join()
