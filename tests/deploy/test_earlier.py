"""What the rest of a plan changed, held against what the whole was seen to change, when part of it was there before."""

from collections.abc import Mapping

import pytest

from migcheck.clearance import Clearance
from migcheck.deploy.earlier import change_of
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.postgres.catalogue import Catalogue, Key, difference

Things = Mapping[str, str]
"""By `kind identity`, the parts, divided by `|`."""


def a_catalogue(things: Things) -> Catalogue:
    keys = {each: Key(each.rpartition(" ")[2], each.rpartition(" ")[0]) for each in things}
    return Catalogue({keys[each]: tuple(part for part in parts.split("|") if part) for each, parts in things.items()})


def unlike(start: Things, middle: Things, end: Things, rehearsed: Things | None = None) -> tuple[list[str], list[str]]:
    """What is missing of the whole plan's change and what is more, where its run goes on in the `middle`.

    `rehearsed` is where the whole plan ended on scratch.
    """
    change = difference(a_catalogue(start), a_catalogue(end if rehearsed is None else rehearsed))
    clearance = Clearance("drizzle", "", LedgerName(), (), Batching.EACH, "", change)
    seen = change_of(clearance, a_catalogue(middle), a_catalogue(end), resumed=True)
    return [each for each in change if each not in seen], [each for each in seen if each not in change]


T, A, B, ORDER = "table t", "column t.a", "column t.b", "column order t"


@pytest.mark.parametrize(
    ("start", "middle", "end"),
    [
        pytest.param({}, {T: "", A: "text"}, {T: "", A: "text", B: "int"}, id="made before, and now"),
        pytest.param({}, {A: "integer"}, {A: "bigint"}, id="made before, and changed now"),
        pytest.param({}, {A: "integer|default 1"}, {A: "integer|default 2|not null"}, id="made before, and mended"),
        pytest.param({A: "text"}, {A: "integer"}, {A: "bigint"}, id="changed twice"),
        pytest.param({A: "text"}, {A: "bigint"}, {A: "bigint"}, id="changed before"),
        pytest.param({A: "text"}, {A: "text"}, {A: "bigint"}, id="changed now"),
        pytest.param({A: "text"}, {A: "text|not null"}, {A: "text|not null"}, id="more of it before"),
        pytest.param({A: "text|not null"}, {A: "text"}, {A: "text"}, id="less of it before"),
        pytest.param({A: "text", B: "text"}, {B: "text"}, {}, id="dropped before, and now"),
        pytest.param({A: "text"}, {A: "integer"}, {}, id="changed before, and dropped now"),
        pytest.param({A: "text"}, {}, {A: "integer"}, id="dropped before, and made anew"),
        pytest.param({"view v": "select 1|from t"}, {}, {"view v": "select 2|from t"}, id="a view made anew"),
        pytest.param({ORDER: "a|b"}, {ORDER: "b"}, {ORDER: "b|c|a"}, id="another place"),
        pytest.param({A: "x  y"}, {A: "x y"}, {A: "x y"}, id="in spaces alone"),
    ],
)
def test_what_is_as_the_whole_plan_leaves_it_is_no_news(start: Things, middle: Things, end: Things) -> None:
    assert unlike(start, middle, end) == ([], [])


@pytest.mark.parametrize(
    ("walk", "missing", "more"),
    [
        pytest.param(({}, {T: ""}, {T: ""}, {T: "", A: "text"}), ["+ column t.a text"], [], id="not made"),
        pytest.param(
            ({}, {A: "int"}, {A: "text"}, {A: "bigint"}),
            ["+ column t.a bigint"],
            ["~ column t.a: int -> text"],
            id="made otherwise",
        ),
        pytest.param(({A: "int"}, {A: "int"}, {A: "int"}, {}), ["- column t.a int"], [], id="not dropped"),
        pytest.param(
            ({A: "int"}, {A: "int"}, {A: "int"}, {A: "text"}), ["~ column t.a: int -> text"], [], id="not changed"
        ),
        pytest.param(({A: "x"}, {A: "x"}, {A: "x"}, {A: "y"}), ["~ column t.a: x -> y"], [], id="nor one letter"),
        pytest.param(
            ({A: "int"}, {A: "int"}, {A: "int"}, {A: "int|not null"}),
            ["~ column t.a: + not null"],
            [],
            id="not more of it",
        ),
        pytest.param(
            ({A: "int|not null"}, {A: "int|not null"}, {A: "int|not null"}, {A: "int"}),
            ["~ column t.a: - not null"],
            [],
            id="not less of it",
        ),
        pytest.param(
            ({A: "int"}, {A: "int"}, {A: "int|default 2|not null"}, {A: "int|default 1|not null"}),
            ["~ column t.a: + default 1"],
            ["~ column t.a: + default 2"],
            id="half of it, and the rest otherwise",
        ),
        pytest.param(({}, {}, {T: "", "index t.i": "x"}, {T: ""}), [], ["+ index t.i x"], id="more"),
        pytest.param(
            ({ORDER: "a|b"}, {ORDER: "b"}, {ORDER: "a|b"}, {ORDER: "b|a"}),
            ["~ column order t: a, b -> b, a"],
            [],
            id="not in its place",
        ),
        # Whether a step that landed made it, the whole plan's change does not say.
        pytest.param(({}, {T: ""}, {}, {}), [], ["- table t"], id="gone"),
    ],
)
def test_what_is_not_is(walk: tuple[Things, Things, Things, Things], missing: list[str], more: list[str]) -> None:
    assert unlike(*walk) == (missing, more)


def test_a_run_from_the_beginning_is_held_against_what_it_changed() -> None:
    there = a_catalogue({T: ""})
    clearance = Clearance("drizzle", "", LedgerName(), (), Batching.EACH, "", ("+ table t",))
    assert change_of(clearance, there, there, resumed=False) == ()


def test_an_attempt_outside_of_a_transaction_may_have_mended_it_before() -> None:
    """As `validate constraint` does, in a migration that was cut off behind it."""
    there = a_catalogue({"constraint t.c": "check (a > 0)"})
    change = ("~ constraint t.c: - not valid",)
    clearance = Clearance("drizzle", "", LedgerName(), (), Batching.ALL, "", change, outside=("0001_valid",))
    assert change_of(clearance, there, there, resumed=False) == change
