"""What is read costs by what it says, not by how many tables there are."""

from collections.abc import Callable

import pytest

from tests.lint.shop import BREAKPOINT, ID, column, read, table
from tests.support.growth import LINEAR, growth


@pytest.mark.parametrize("between", ["\n", BREAKPOINT])
@pytest.mark.parametrize(
    "statement",
    [
        "alter table t{n} add column y int not null;".format,
        "update t{n} set x = 3;".format,
        "alter table t{n} rename to u{n};".format,
        "create table n{n} (id int); alter table n{n} rename to m{n};".format,
        "drop table t{n}; truncate other{n};".format,
    ],
)
def test_each_statement_costs_the_same_however_many_tables_there_are(
    statement: Callable[..., str], between: str
) -> None:
    def work(size: int) -> object:
        tables = tuple(table(f"t{n}", ID, column("x", "integer")) for n in range(size))
        return read(between.join(statement(n=n) for n in range(size)), tables=tables)

    assert growth(work, 150) < LINEAR
