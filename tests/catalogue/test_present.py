"""Only the families that a database has anything of are read: what is the first of its family is seen all the same."""

from collections.abc import Iterator
from importlib.resources import as_file, files

import pytest

from migcheck.postgres.catalogue import Catalogue, difference, read_catalogue
from migcheck.postgres.scratch import ScratchServer, Session
from tests.catalogue.cases import Mutation, alone

pytestmark = pytest.mark.server


@pytest.fixture(scope="session")
def empty(each_major: ScratchServer) -> Iterator[Session]:
    """An administrator's session on a database that nothing is in, as CREATE DATABASE makes one."""
    each_major.create_database("alone")
    with each_major.connect_admin("alone") as session:
        # A scratch server lets nobody but its owner in, which is a grant as others are.
        session.execute("UPDATE pg_database SET datacl = NULL WHERE datname = current_database()")
        yield session
    each_major.drop_database("alone")


@pytest.fixture(scope="session")
def before(empty: Session) -> Catalogue:
    return read_catalogue(empty, leave_out=None, owner=empty.info.user)


@pytest.mark.parametrize("first", alone(), ids=lambda first: first.sql[:60])
def test_what_is_the_first_of_its_family_is_told(empty: Session, before: Catalogue, first: Mutation) -> None:
    with empty.transaction(force_rollback=True):
        empty.execute(first.sql.encode())
        after = read_catalogue(empty, leave_out=None, owner=empty.info.user)
        assert difference(before, after) == first.expected(empty.info.server_version // 10_000)
    assert first.lines


def test_there_is_a_first_of_each_family(empty: Session) -> None:
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
