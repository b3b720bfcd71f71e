"""The end of a baseline: what was written or what differs, and what to do next, in one line."""

import pytest
from tests.support import verdicts

from migcheck.clearance import Step, Withheld
from migcheck.commands.baseline_end import tell_baseline
from migcheck.commands.deploy_end import code_of
from migcheck.commands.options import Options
from migcheck.deploy.outcome import (
    BaselineOutcome,
    Different,
    Interrupted,
    NothingToDo,
    Recorded,
    Refused,
    Unknown,
    WouldRecord,
)
from migcheck.postgres.scratch.contract import ServerDescription
from migcheck.report.page import Look
from migcheck.report.run import Run
from migcheck.report.step_summary import render_step_summary
from migcheck.report.text import render_text

ONE = Step("0001_name", "ab" * 32, 1_700_000_000_001)
SCRATCH = ServerDescription("local", 170_010, "/usr/lib/postgresql/17/bin", "none")
LACKS = ("- column public.users.name text",)
ASKED = Options(command="baseline", folder="migrations")
NO_MORE = "the target has no more than its ledger says"


def page(outcome: BaselineOutcome | Withheld, *, width: int = 100) -> list[str]:
    """What is told below the gates."""
    told = tell_baseline("migrations", "db/shop", "0001_name", outcome, ASKED)
    lines = render_text(Run([verdicts.clear()], [told]), Look(width)).splitlines()
    gates = render_text(Run([verdicts.clear()]), Look(width)).splitlines()
    return lines[len(gates) - 1 :]


@pytest.mark.parametrize(
    ("outcome", "code", "last"),
    [
        (
            Recorded((ONE,), SCRATCH, 40),
            0,
            "recorded: 1 row for db/shop in 40 ms, and read back; nothing was run. Next: migcheck status",
        ),
        (
            Recorded((ONE,), SCRATCH, read_back=False),
            0,
            "recorded: 1 row for db/shop but not read back; nothing was run. Next: migcheck status",
        ),
        (
            WouldRecord((ONE,), SCRATCH),
            0,
            "dry run: 1 row for db/shop would be written, and nothing run. Next: migcheck baseline migrations",
        ),
        (
            Different(LACKS, SCRATCH, as_recorded=True),
            1,
            f"different: nothing was written: {NO_MORE}. Next: migcheck apply migrations",
        ),
        (Different(LACKS, SCRATCH), 1, "different: 1 difference; nothing was written. Next: see the remedy above"),
        (NothingToDo(), 0, "nothing to do: no row up to 0001_name is missing on db/shop"),
        (Withheld("no proof", "try"), 3, "undecided: nothing was written: no proof. Next: try"),
        (Refused("it moved", "again"), 1, "refused: nothing was written: it moved. Next: again"),
        (Interrupted(), 130, "interrupted: everything was rolled back. Next: migcheck status"),
        (Unknown("line lost", ("the rows",)), 3, "unknown: line lost. Next: look at the rows"),
    ],
)
def test_the_last_line_and_the_exit_code(outcome: BaselineOutcome | Withheld, code: int, last: str) -> None:
    told = tell_baseline("migrations", "db/shop", "0001_name", outcome, ASKED)
    assert (code_of(told.end), page(outcome)[-1]) == (code, last)


def test_what_is_proposed_stands_below_what_differs() -> None:
    told = page(Different(LACKS, SCRATCH, proposed=("ALTER TABLE public.users ADD COLUMN name text",)))
    at = told.index("  │ - column public.users.name text")
    assert told[at + 1 : at + 3] == [
        "  proposed, not tried: read what it locks and which rows it meets before it is run",
        "  │ ALTER TABLE public.users ADD COLUMN name text;",
    ]


def test_what_differs_and_what_to_do_stand_above_it() -> None:
    outcome = Different(LACKS, SCRATCH, equals=("0000_a", "0000_b"), warnings=("no migration makes table public.x",))
    assert page(outcome, width=60) == [
        "baseline  migrations  of db/shop",
        "  compared with what the migrations up to 0001_name build on",
        "  PostgreSQL 17, local (/usr/lib/postgresql/17/bin)",
        "  - the target lacks it, + it has more, ~ it has otherwise:",
        "  folder -> target",
        "  │ - column public.users.name text",
        "  warning: no migration makes table public.x",
        "",
        "  the target is as it is after 0000_a and after 0000_b",
        "  remedy: migcheck baseline migrations --to 0000_a or",
        "          migcheck baseline migrations --to 0000_b",
        "",
        "different: 1 difference; nothing was written. Next: see the remedy above",
    ]


def test_of_very_many_differences_the_first_are_shown() -> None:
    lines = tuple(f"- table public.t{number:02}" for number in range(60))
    told = page(Different(lines, SCRATCH))
    assert [line for line in told if "public.t39" in line or "… and" in line] == [
        "  │ - table public.t39",
        "  │ … and 20 more",
    ]


def test_the_summary_of_a_job() -> None:
    told = tell_baseline("migrations", "db/shop", "0001_name", Different(LACKS, SCRATCH), ASKED)
    text = render_step_summary(Run([verdicts.clear()], [told]))
    assert "### migcheck: different · <code>migrations</code> on db/shop\n" in text
    assert "<pre>- column public.users.name text</pre>" in text
    done = tell_baseline("migrations", "db/shop", "0001_name", Recorded((ONE,), SCRATCH), ASKED)
    assert "**recorded:** <code>0001&#95;name</code>" in render_step_summary(Run([verdicts.clear()], [done]))
