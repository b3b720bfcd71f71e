"""To look at tables costs by how many there are: counted in the rows that the server goes through, not in time."""

from collections.abc import Iterator

import pytest
from psycopg import sql

from migcheck.postgres.tables import query_of
from tests.support.growth import LINEAR, TIMES
from tests.support.target_server import Database

pytestmark = pytest.mark.server

Plan = dict[str, object]


def plans(plan: Plan) -> Iterator[Plan]:
    yield plan
    below = plan.get("Plans", [])
    assert isinstance(below, list)
    for each in below:
        yield from plans(each)


def gone_through(plan: Plan) -> float:
    counts = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    return sum(float(str(plan.get(each, 0))) for each in counts) * float(str(plan["Actual Loops"]))


def test_partitions_cost_in_proportion_to_how_many_there_are(app: Database) -> None:
    def rows(size: int) -> float:
        app.run(
            f"create table parts_{size} (id int) partition by range (id)",
            *(
                f"create table p_{size}_{n} partition of parts_{size} for values from ({n}) to ({n + 1})"
                for n in range(size)
            ),
        )
        with app.connect() as connection:
            # Tables of the catalogue that are small as here are read as a whole.
            connection.execute("set enable_seqscan = off")
            found = connection.execute("select oid from pg_class where relname like %s", (f"p%\\_{size}%",)).fetchall()
            oids = sql.Literal([int(str(oid)) for (oid,) in found])
            asked = sql.SQL("explain (analyze, format json) ") + query_of(oids)
            [row] = connection.execute(asked, prepare=False).fetchall()
        [told] = row[0] if isinstance(row[0], list) else []
        return sum(gone_through(each) for each in plans(told["Plan"]))

    few = 20
    small = rows(few)
    large = rows(TIMES * few)
    assert large / small < LINEAR, (large, small)
