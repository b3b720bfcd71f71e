"""One round trip for several questions."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def one_trip(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    """Send what is asked inside together, as one transaction where none is open; the answers are there behind it.

    Raises what the first refusal is.
    """
    with connection.pipeline():
        # libpq goes on row by row with the first answer of a pipeline where the query before it was read like that.
        connection.execute("")
        yield
