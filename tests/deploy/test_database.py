"""Two databases are two only where a server says so."""

import pytest
from msgspec.structs import replace

from migcheck.postgres.target.database import DatabaseIdentity

APP = DatabaseIdentity(7_300_000_000_000_000_001, 16384, "app", "")
BRANCH = replace(APP, timeline="a1b2")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (APP, APP),
        (APP, replace(APP, name="renamed")),
        (APP, replace(APP, system=0)),
        (APP, DatabaseIdentity()),
        (APP, BRANCH),
        (replace(APP, oid=0), APP),
    ],
    ids=["itself", "renamed", "a server that withholds its identifier", "nothing known", "no timeline", "no oid"],
)
def test_one_database(one: DatabaseIdentity, other: DatabaseIdentity) -> None:
    assert not one.is_other_than(other)
    assert not other.is_other_than(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (APP, replace(APP, system=APP.system + 1)),
        (APP, replace(APP, oid=16385)),
        (BRANCH, replace(BRANCH, timeline="c3d4")),
        (replace(APP, system=0), replace(APP, name="other")),
        (replace(APP, oid=0), replace(APP, oid=0, name="other")),
    ],
    ids=["another server", "made again under its name", "a branch", "no identifier, and another name", "names alone"],
)
def test_two_databases(one: DatabaseIdentity, other: DatabaseIdentity) -> None:
    assert one.is_other_than(other)
    assert other.is_other_than(one)


def test_for_people() -> None:
    assert str(APP) == "database app (oid 16384) of the server with system identifier 7300000000000000001"
    assert str(replace(BRANCH, system=0)) == "database app (oid 16384), timeline a1b2"
