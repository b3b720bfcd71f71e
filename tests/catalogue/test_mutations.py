"""Change each kind of thing once: the fingerprint must move, and say what moved."""

from collections.abc import Callable, Iterator

import pytest

from migcheck.postgres.catalogue import Catalogue, catalogue_reader, difference, read_catalogue
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer
from tests.catalogue.cases import BASE, expected_of, mutations, told_of

pytestmark = pytest.mark.server

MUTATIONS = mutations()


@pytest.fixture(scope="session")
def base(each_major: ScratchServer) -> Iterator[Connection]:
    """An administrator's session on a database that has one of each kind of thing."""
    each_major.create_database("base")
    with each_major.connect_admin("base") as session:
        session.execute(BASE.encode())
        yield session
    each_major.drop_database("base")


@pytest.fixture(scope="session")
def before(base: Connection) -> Catalogue:
    return read_catalogue(base, leave_out=None, owner=base.info.user)


@pytest.fixture(scope="session")
def read(base: Connection) -> Callable[[], Catalogue]:
    return catalogue_reader(base, leave_out=None, owner=base.info.user)


def test_each_change_is_told_in_readable_lines(
    base: Connection, before: Catalogue, read: Callable[[], Catalogue]
) -> None:
    # One test for all of them: to begin one takes longer than what is asked.
    assert told_of(MUTATIONS, base, before, read) == expected_of(MUTATIONS, base)
    assert all(each.lines for each in MUTATIONS)


def test_every_change_undone_leaves_no_difference(
    base: Connection, before: Catalogue, read: Callable[[], Catalogue]
) -> None:
    assert difference(before, read()) == ()
    assert difference(before, read_catalogue(base, leave_out=None, owner=base.info.user)) == ()
