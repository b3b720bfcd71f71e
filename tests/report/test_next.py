"""The last line of a report: what comes next, with what was asked."""

import pytest
from msgspec.structs import replace
from tests.support import verdicts

from migcheck.config.config import FolderConfig
from migcheck.facts.configuration.other_variable import OtherVariable
from migcheck.facts.history.history import Base, NothingLanded
from migcheck.project import Asked, unnamed
from migcheck.report.page import Look
from migcheck.report.run import Commands, Run
from migcheck.report.text import render_text
from migcheck.verdict import Judged, Skipped, Verdict


def _skipped(reason: str, unset: str) -> Verdict:
    sound = verdicts.clear()
    gates = (replace(each, outcome=Skipped(reason, unset)) if each.name == "target" else each for each in sound.gates)
    return replace(sound, gates=tuple(gates))


def _given(file: str = "prod.json", count: int = 3) -> Verdict:
    """A ledger in a file stood for the target."""
    sound = verdicts.clear()
    gates = (replace(each, outcome=Judged(())) if each.name == "target" else each for each in sound.gates)
    return replace(sound, gates=tuple(gates), ledger_file=file, folder=verdicts.folder(count=count))


DEPLOY = "Next: land it; `migcheck apply` deploys"
CLEAR = f"clear: folder, history, project, replay, sql, waivers; not judged: target. {DEPLOY}"

EMPTY = (
    "clear: every gate agrees, of the target by prod.json alone. Next: `drizzle-kit generate` makes the first migration"
)
OTHER = (
    "DATABASE_URL is not set, but drizzle.config.ts reads POSTGRES_URL: "
    'in migcheck.toml, [[folder]] with `path = "x"` and `database_url = "POSTGRES_URL"` takes that'
)


def test_the_variable_that_drizzle_config_reads_is_told_where_no_target_is() -> None:
    asked = Asked(other=OtherVariable("POSTGRES_URL", "drizzle.config.ts"))
    assert unnamed(FolderConfig("x"), asked) == Skipped(OTHER, "DATABASE_URL")


@pytest.mark.parametrize(
    ("found", "last"),
    [
        ([verdicts.clear()], f"{CLEAR}, with DATABASE_URL set"),
        ([_skipped("A is not set", "A"), _skipped("B is not set", "B")], f"{CLEAR}, with A and B set"),
        ([_skipped(OTHER, "DATABASE_URL")], f"{CLEAR}, with DATABASE_URL set"),
        ([_given()], f"clear: every gate agrees, of the target by prod.json alone. {DEPLOY}"),
        ([_given(), _given("b.json")], f"clear: every gate agrees, of the target by prod.json, b.json alone. {DEPLOY}"),
        ([_given(count=0)], EMPTY),
        ([verdicts.judged_target(applied=3)], "clear: every gate agrees; nothing is pending on db/shop"),
        ([verdicts.judged_target(applied=2)], "clear: every gate agrees. Next: migcheck apply"),
        (
            [verdicts.judged_target(applied=3), verdicts.judged_target(applied=0)],
            "clear: every gate agrees. Next: migcheck apply",
        ),
    ],
)
def test_what_is_next_where_all_is_clear(found: list[Verdict], last: str) -> None:
    assert render_text(Run(found)).splitlines()[-1] == last


def test_what_has_not_landed_is_landed_before_it_is_deployed() -> None:
    unlanded = replace(verdicts.judged_target(applied=2), unlanded=True)
    last = render_text(Run([unlanded])).splitlines()[-1]
    assert last == "clear: every gate agrees. Next: land it; `migcheck apply` deploys"
    nothing = replace(verdicts.judged_target(applied=3), unlanded=True)
    assert "land it" not in render_text(Run([nothing]))


def test_what_has_landed_is_not_to_be_landed() -> None:
    """A remote's branch has the commit, or base all migrations; one folder of which that is not so is landed before."""
    sound = verdicts.clear()
    assert isinstance(sound.base, Base)
    none_new = replace(sound, new=())
    pushed = replace(sound, new=sound.folder.migrations[2:], base=replace(sound.base, landed=True))
    for each, said in ((none_new, "no migration is new"), (pushed, "it has landed")):
        last = render_text(Run([each])).splitlines()[-1]
        assert last.partition("Next: ")[2] == (
            f"{said}; `migcheck apply` deploys what a database lacks, with DATABASE_URL set"
        )
    for other in (none_new, pushed):
        assert render_text(Run([other, sound])).splitlines()[-1] == f"{CLEAR}, with DATABASE_URL set"


def test_a_clearance_of_no_target_is_no_way_to_bring_a_database_what_it_lacks() -> None:
    """It lets run what base lacks: nothing, where no migration is new."""
    sound = verdicts.clear()
    assert isinstance(sound.base, Base)
    commands = Commands("a", "migcheck apply --clearance c", "migcheck verify --clearance c")
    deploys = "`migcheck apply --clearance c` deploys to a database"
    to_base = f"{deploys} that has what landed before, and no more"
    for each, said in (
        (
            replace(sound, new=()),
            "no migration is new; `migcheck verify --clearance c` clears what a database lacks",
        ),
        (sound, f"land it; {to_base}"),
        (replace(sound, base=replace(sound.base, landed=True)), f"it has landed; {to_base}"),
        (replace(sound, base=NothingLanded("new")), f"land it; {deploys} without a migration"),
    ):
        last = render_text(Run([each], commands=commands)).splitlines()[-1]
        assert last.partition("Next: ")[2] == f"{said}, with DATABASE_URL set"
    given = render_text(Run([_given()], commands=commands)).splitlines()[-1]
    assert given.endswith("Next: land it; `migcheck apply --clearance c` deploys")


@pytest.mark.parametrize(
    ("found", "last"),
    [
        (
            verdicts.blocked(),
            "blocked: 2 errors, 120 warnings, 1 waived; nothing was deployed. Next: fix migrations/0001",
        ),
        (verdicts.undecided(), "undecided: replay; nothing was deployed. Next: name an image that has it: image = "),
    ],
)
def test_what_is_not_deployed_says_so(found: Verdict, last: str) -> None:
    assert render_text(Run([found], left_out="nothing was deployed")).splitlines()[-1].startswith(last)
    assert "nothing was deployed" not in render_text(Run([found]))


def test_the_top_as_a_folder_is_no_second_full_stop() -> None:
    found = verdicts.blocked()
    top = replace(found, folder=replace(found.folder, path="."))
    last = render_text(Run([top, verdicts.clear()])).splitlines()[-1]
    assert last.startswith('blocked: 2 errors, 120 warnings, 1 waived in ".". Next: fix migrations/0001')


def test_what_was_asked_stands_in_what_is_next() -> None:
    commands = Commands("migcheck apply --base x", "migcheck apply a")
    pending = verdicts.judged_target(applied=2)
    at_once = render_text(Run([pending], commands=commands)).splitlines()[-1]
    later = render_text(Run([replace(pending, unlanded=True)], commands=commands)).splitlines()[-1]
    unknown = render_text(Run([verdicts.clear()], commands=commands)).splitlines()[-1]
    assert at_once.endswith("Next: migcheck apply --base x")
    assert later.endswith("Next: land it; `migcheck apply a` deploys")
    assert unknown.endswith("Next: land it; `migcheck apply a` deploys, with DATABASE_URL set")


def on_terminal(width: int, *found: Verdict, colour: bool = False) -> list[str]:
    """The lines behind the last empty one, as a terminal gets them."""
    page = render_text(Run(found), Look(width, colour=colour, terminal=True))
    return page.rpartition("\n\n")[2].splitlines()


def test_on_a_terminal_the_last_line_wraps_as_others_do() -> None:
    assert on_terminal(80, verdicts.clear()) == [
        "clear: folder, history, project, replay, sql, waivers; not judged: target. Next:",
        "       land it; `migcheck apply` deploys, with DATABASE_URL set",
    ]
    assert on_terminal(200, verdicts.judged_target(applied=3)) == [
        "clear: every gate agrees; nothing is pending on db/shop"
    ]
    (last, rest) = on_terminal(80, verdicts.clear(), colour=True)
    assert last.startswith("\x1b[1;32mclear\x1b[0m: folder, history, ")
    assert rest == "       land it; `migcheck apply` deploys, with DATABASE_URL set"


def test_a_command_in_the_last_line_is_never_cut() -> None:
    pending = verdicts.judged_target(applied=2)
    command = f"migcheck apply packages/database/migrations --base {'a' * 40}"
    page = render_text(Run([pending], commands=Commands(command, command)), Look(80, terminal=True))
    assert page.splitlines()[-2:] == ["clear: every gate agrees. Next:", f"       {command}"]
    blocked = on_terminal(60, verdicts.blocked())
    assert any(line.endswith("(migcheck explain MC201)") for line in blocked)
    assert max(map(len, blocked)) <= 60
