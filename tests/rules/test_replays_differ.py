"""MC404: what it tells of a difference, and which migrations it names."""

import pytest
from msgspec import structs

from migcheck.catalogue import REPLAY_RULES
from migcheck.facts.rehearsal import Differs, Rehearsal, ReplayFacts, Request, Way
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.scratch.contract import ServerDescription
from migcheck.rule import judge
from tests.support.rehearsals import folder_of

SQL = {
    "0000_tasks": "create table tasks (id int);",
    "0001_estimate": 'alter table "Tasks" add column "estimate" int;',
    "0002_other": "create table estimates (tasks_id int); create function f(i int) returns int return 1;",
    "0003_again": "alter table tasks alter estimate set default 0;",
}
HEAD = folder_of(SQL)
BASE = structs.replace(HEAD, migrations=HEAD.migrations[:3])
REQUEST = Request(HEAD, BASE, BASE.migrations, HEAD.migrations[3:])
SERVER = ServerDescription("embedded", 170010, "a wheel", "bubblewrap")


def found(*lines: str) -> Finding:
    (one,) = judge(REPLAY_RULES, ReplayFacts(Rehearsal(SERVER, REQUEST, (Differs(Way.SAME, 5, lines),))))
    return one


def test_mc404_tells_what_two_replays_do_not_share() -> None:
    one = found(*(f"+ table public.t{number}" for number in range(25)))
    assert (one.code, one.severity, one.at, one.migration) == ("MC404", Severity.ERROR, Location("drizzle"), None)
    assert one.message == "two independent replays of the folder differ"
    assert one.evidence.splitlines()[19:] == ["+ table public.t19", "… and 5 more"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("- column public.tasks.estimate integer", ": look at 0003_again, 0001_estimate"),
        ("~ rows public.tasks: 1 -> 2", ": look at 0003_again, 0000_tasks, 0001_estimate"),
        ("+ function public.f(i integer) returns integer", ": look at 0002_other"),
        ('+ table public."estimates"', ": look at 0002_other"),
        ("+ table public.nobody", ""),
        ("+ extension citext 1.6", ""),
        ("~ setting search_path: a -> b", ""),
    ],
)
def test_mc404_tells_who_names_what_differs_and_what_is_new_first(line: str, told: str) -> None:
    one = found(line)
    assert (one.at, one.migration) == (Location("drizzle"), None)
    assert one.message == f"two independent replays of the folder differ{told}"


def test_mc404_looks_on_where_nobody_names_what_differs_first() -> None:
    """The name may be made by chance as well."""
    one = found("+ table public.chance_17", "+ extension citext 1.6", "~ rows public.estimates: 1 -> 2")
    assert one.message == "two independent replays of the folder differ: look at 0002_other"
