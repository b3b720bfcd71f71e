"""Only the families that a database has anything of are read: what is the first of its family is seen all the same."""

from collections.abc import Iterator
from functools import partial
from importlib.resources import as_file, files

import pytest

from migcheck.postgres.catalogue import read_catalogue
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer
from tests.catalogue.cases import alone, expected_of, told_of

pytestmark = pytest.mark.server


@pytest.fixture(scope="session")
def empty(each_major: ScratchServer) -> Iterator[Connection]:
    """An administrator's session on a database that nothing is in, as CREATE DATABASE makes one."""
    each_major.create_database("alone")
    with each_major.connect_admin("alone") as session:
        # A scratch server lets nobody but its owner in, which is a grant as others are.
        session.execute("UPDATE pg_database SET datacl = NULL WHERE datname = current_database()")
        yield session
    each_major.drop_database("alone")


def test_what_is_the_first_of_its_family_is_told(empty: Connection) -> None:
    read = partial(read_catalogue, empty, leave_out=None, owner=empty.info.user)
    assert told_of(alone(), empty, read(), read) == expected_of(alone(), empty)
    assert all(each.lines for each in alone())


def test_there_is_a_first_of_each_family(empty: Connection) -> None:
    with as_file(files("migcheck.postgres.catalogue")) as folder:
        present = (folder / "present.sql").read_bytes()
        families = {query.stem for query in (folder / "queries").glob("*.sql")}
    always = {name for (name,) in empty.execute(present).fetchall()}
    told = set[object]()
    for first in alone():
        with empty.transaction(force_rollback=True):
            empty.execute(first.sql.encode())
            told |= {name for (name,) in empty.execute(present).fetchall()}
    assert told == families
    assert always == {"comments", "database", "extensions", "schemas"}
