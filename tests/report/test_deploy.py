"""The end of a deploy: what stays on the target, and what to do next, in one line."""

import pytest
from msgspec.structs import replace
from tests.support import verdicts

from migcheck.clearance import Step, Withheld
from migcheck.commands.deploy_end import code_of, tell_deploy
from migcheck.deploy.outcome import Applied, Failed, Interrupted, NothingToDo, Outcome, Refused, Unknown, WouldApply
from migcheck.postgres.running.failure import SqlFailure
from migcheck.report.run import Run
from migcheck.report.text import render_text

ONE = Step("0001_name", "ab" * 32, 1_700_000_000_001)
LANDED = "1 of 2 were applied by an earlier run"
EARLIER = "1 migration of an earlier run stays applied; of this one"
EARLIER_TWO = "2 migrations of an earlier run stay applied; of this one"
PART = "and a COMMIT made part of another last, which the ledger does not have"
TORN = "a COMMIT inside a migration made part of it last, and the ledger does not have it"
BEGUN = "what ran of {} stays, and the next deploy begins it anew"
TWO = Step("0002_age", "cd" * 32, 1_700_000_000_002)


@pytest.mark.parametrize(
    ("outcome", "code", "last"),
    [
        (Applied((ONE, TWO), 640), 0, "applied: 2 migrations to db/shop in 640 ms, and read back"),
        (Applied((ONE, TWO), 0), 0, "applied: 2 migrations to db/shop and read back"),
        (
            Applied((TWO,), 640, earlier=(ONE,)),
            0,
            f"applied: 1 migration to db/shop in 640 ms, and read back; {LANDED}",
        ),
        (
            Applied((TWO,), 0, ("line lost",), read_back=False, earlier=(ONE,)),
            0,
            f"applied: 1 migration to db/shop but not read back; {LANDED}. Next: migcheck status",
        ),
        (
            WouldApply((TWO,), earlier=(ONE,)),
            0,
            f"dry run: 1 migration would go to db/shop; {LANDED}. Next: migcheck apply",
        ),
        (NothingToDo(), 0, "nothing to do: db/shop has every migration of migrations"),
        (
            NothingToDo(lacking=("0001_name",)),
            0,
            "nothing to do: nothing is pending on db/shop, which does not have 0001_name as migrations has it",
        ),
        (
            NothingToDo(lacking=("0001_a", "0002_b")),
            0,
            "nothing to do: nothing is pending on db/shop, which does not have 0001_a, 0002_b as migrations has them",
        ),
        (WouldApply((ONE,)), 0, "dry run: 1 migration would go to db/shop. Next: migcheck apply"),
        (Withheld("no proof", "verify"), 3, "undecided: nothing was run: no proof. Next: verify"),
        (Refused("it moved", "again"), 1, "refused: nothing was run: it moved. Next: again"),
        (Failed("broke", "fix"), 1, "failed: broke; everything was rolled back. Next: fix"),
        (
            Failed("broke", "fix", earlier=(ONE,)),
            1,
            f"failed: broke; {EARLIER} everything was rolled back. Next: fix",
        ),
        (
            Failed("broke", "fix", applied=(TWO,), earlier=(ONE, ONE)),
            1,
            f"failed: broke; {EARLIER_TWO} 1 migration stays applied, the rest was rolled back. Next: fix",
        ),
        (
            Failed("broke", "fix", applied=(ONE,)),
            1,
            "failed: broke; 1 migration stays applied, the rest was rolled back. Next: fix",
        ),
        (
            Failed("broke", "fix", torn=True),
            1,
            f"failed: broke; {TORN}. Next: fix",
        ),
        (
            Failed("broke", "fix", applied=(ONE,), torn=True),
            1,
            f"failed: broke; 1 migration stays applied, {PART}. Next: fix",
        ),
        (
            Failed("broke", "fix", begun="0002_age"),
            1,
            f"failed: broke; {BEGUN.format('0002_age')}. Next: fix",
        ),
        (
            Failed("broke", "fix", applied=(ONE,), begun="02"),
            1,
            f"failed: broke; 1 migration stays applied, {BEGUN.format('02')}. Next: fix",
        ),
        (Interrupted(), 130, "interrupted: everything was rolled back. Next: migcheck status"),
        (Interrupted(remedy="end it"), 130, "interrupted: everything was rolled back. Next: end it"),
        (
            Interrupted(begun="0002_age"),
            130,
            f"interrupted: {BEGUN.format('0002_age')}. Next: migcheck status",
        ),
        (Unknown("line lost", ("the rows", "the log")), 3, "unknown: line lost. Next: look at the rows; the log"),
    ],
)
def test_the_last_line_and_the_exit_code(outcome: Outcome | Withheld, code: int, last: str) -> None:
    deploy = tell_deploy("migrations", "db/shop", outcome)
    assert code_of(deploy.end) == code
    assert render_text(Run([verdicts.clear()], [deploy])).splitlines()[-1] == last


def test_a_dry_run_tells_what_runs_outside_of_a_transaction() -> None:
    deploy = tell_deploy("migrations", "db/shop", WouldApply((ONE, TWO), ("0002_age",)))
    lines = [line.rstrip() for line in render_text(Run([verdicts.clear()], [deploy])).splitlines()]
    assert "  0001_name  would be applied" in lines
    assert "  0002_age   would be applied, outside of a transaction" in lines


LONG = "the pooler at pooler.example.com keeps no session, so that the lock would not hold " * 2
ABOVE = "Next: see the remedy above"


@pytest.mark.parametrize(
    ("outcome", "last", "remedy"),
    [
        (Withheld(LONG, "verify"), f"undecided: nothing was run. {ABOVE}", "verify"),
        (Refused(LONG, "again"), f"refused: nothing was run. {ABOVE}", "again"),
        (Failed(LONG, "fix"), f"failed: everything was rolled back. {ABOVE}", "fix"),
        (Unknown(LONG, ("rows",)), f"unknown: what is applied could not be learnt. {ABOVE}", "look at rows"),
    ],
)
def test_what_is_too_long_for_the_last_line_stands_above_it(
    outcome: Outcome | Withheld, last: str, remedy: str
) -> None:
    page = render_text(Run([verdicts.clear()], [tell_deploy("migrations", "db/shop", outcome)]))
    assert page.endswith(
        "\n\n  the pooler at pooler.example.com keeps no session, so that the lock would not hold the pooler at\n"
        f"  pooler.example.com keeps no session, so that the lock would not hold\n  remedy: {remedy}\n\n{last}\n"
    )


def test_a_dry_run_names_the_command_that_deploys() -> None:
    deploy = tell_deploy("migrations", "db/shop", WouldApply((ONE,)), "migcheck apply --clearance c.json")
    last = render_text(Run([verdicts.clear()], [deploy])).splitlines()[-1]
    assert last == "dry run: 1 migration would go to db/shop. Next: migcheck apply --clearance c.json"


def test_the_statement_that_the_server_refused() -> None:
    failure = SqlFailure(
        "0002_age",
        "migrations/0002_age.sql",
        3,
        "ALTER TABLE users ADD age int;",
        "42701",
        'column "age" of relation "users" already exists',
        detail="it is there",
        hint="drop it",
    )
    deploy = tell_deploy("migrations", "db/shop", Failed("broke", "fix", failure, applied=(ONE,)))
    page = render_text(Run([verdicts.clear()], [deploy]))
    assert (
        "\ndeploy  migrations  to db/shop\n"
        "  0001_name  applied\n"
        "  0002_age   failed\n"
        "  migrations/0002_age.sql:3\n"
        '    42701 column "age" of relation "users" already exists\n'
        "    │ ALTER TABLE users ADD age int;\n"
        "    │ detail: it is there\n"
        "    │ hint: drop it\n"
    ) in page
    alone = replace(deploy, rows=())
    assert "\ndeploy  migrations  to db/shop\n  0002_age  failed\n" in render_text(Run([verdicts.clear()], [alone]))


def test_every_migration_and_warning_has_its_line() -> None:
    deploy = tell_deploy("migrations", "db/shop", Applied((ONE, TWO), 640, ("the catalogue changed otherwise",)))
    page = render_text(Run([verdicts.clear()], [deploy]))
    assert "\ndeploy  migrations  to db/shop\n  0001_name  applied\n  0002_age   applied\n" in page
    assert "\n  warning: the catalogue changed otherwise\n" in page


def test_a_note_is_no_warning() -> None:
    deploy = tell_deploy("migrations", "db/shop", Applied((TWO,), 640, earlier=(ONE,), notes=("as it should be",)))
    assert "\n  note: as it should be\n" in render_text(Run([verdicts.clear()], [deploy]))


def test_what_a_deploy_left_that_was_cut_off_stands_apart_from_the_findings() -> None:
    deploy = tell_deploy("migrations", "db/shop", Interrupted(begun="0002_age", invalid=(("public", "i"),)))
    lines = [line.rstrip() for line in render_text(Run([verdicts.clear()], [deploy])).splitlines()]
    at = lines.index("deploy  migrations  to db/shop")
    assert lines[at - 1] == ""
    assert lines[at + 1].startswith("  warning: the index public.i is invalid, left by a run that did not end: ")
