"""The report for people: whole pages, at several widths, with and without colour."""

import pytest
from msgspec.structs import replace
from tests.support import verdicts
from tests.support.golden import Golden

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Ledger, LedgerName
from migcheck.facts.rehearsal import NotTried, Repeatable
from migcheck.finding import Location
from migcheck.report.page import Look
from migcheck.report.run import Run
from migcheck.report.text import render_text
from migcheck.report.visible import visible
from migcheck.verdict import GateResult, Judged, Undecided, Verdict

PAGES = {
    "clear": [verdicts.clear()],
    "blocked": [verdicts.blocked()],
    "undecided": [verdicts.undecided()],
    "differing": [verdicts.differing()],
    "several": [verdicts.clear("apps/api/drizzle"), verdicts.undecided()],
}


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("name", PAGES)
def test_the_whole_page(golden: Golden, name: str, width: int) -> None:
    golden(f"{name}-{width}.txt", render_text(Run(PAGES[name]), Look(width)))


def test_colour_changes_no_word(golden: Golden) -> None:
    golden("blocked-colour.txt", render_text(Run(PAGES["blocked"]), Look(80, colour=True)))


def test_verbose_shows_every_place() -> None:
    page = render_text(Run([verdicts.blocked()]), verbose=True)
    assert page.count("has no snapshot") == 120
    assert "--verbose" not in page


@pytest.mark.parametrize("verdict", [verdicts.clear(), verdicts.blocked(), verdicts.undecided(), verdicts.differing()])
def test_no_line_but_the_last_is_wider_than_the_page(verdict: Verdict) -> None:
    for width in (60, 80, 120):
        assert max(len(line) for line in render_text(Run([verdict]), Look(width)).splitlines()[:-1]) <= width


def test_what_differs_is_told_once() -> None:
    """Under the way, save where the finding shows it."""
    differing = verdicts.differing()
    page, whole = render_text(Run([differing])), render_text(Run([differing]), verbose=True)
    assert page.count("users.") == 5
    assert "            │ … and 2 more\n" in page
    assert whole.count("users.") == 7
    assert "more" not in whole

    finding = replace(verdicts.finding(), code="MC404", rule="replays-differ", evidence="-users.name text")
    told = replace(differing, gates=(GateResult("replay", Judged((finding,)), 1),))
    assert render_text(Run([told])).count("users.") == 1


_HERE = verdicts.folder()


@pytest.mark.parametrize(
    ("built", "because"),
    [
        (
            (_HERE.migrations[0], replace(_HERE.migrations[1], sql=b"select 2;"), _HERE.migrations[2]),
            "what is applied of 0001_step is not what the folder has",
        ),
        ((), "Drizzle would skip 0000_step, 0001_step, 0002_step"),
    ],
)
def test_a_difference_that_another_gate_judges_says_so_and_is_not_red(
    built: tuple[Migration, ...], because: str
) -> None:
    differing = verdicts.differing()
    assert differing.rehearsal is not None
    other = replace(differing.rehearsal, request=replace(differing.rehearsal.request, built=built, new=()))
    page = render_text(Run([replace(differing, rehearsal=other)]), Look(colour=True))
    assert "  same      \x1b[33m7 differences           \x1b[0m" in page
    assert f"            │ … and 2 more\x1b[0m\n\x1b[2m            no fault of its own: {because}\x1b[0m\n" in page


def test_a_difference_that_blocks_is_red() -> None:
    differs = replace(verdicts.finding(), code="MC404", rule="replays-differ", evidence="-users.name text")
    told = replace(verdicts.differing(), gates=(GateResult("replay", Judged((differs,)), 1),))
    assert "  same      \x1b[1;31m7 differences           \x1b[0m" in render_text(Run([told]), Look(colour=True))


@pytest.mark.parametrize(
    ("count", "shown", "last"),
    [(12, 12, "line 12"), (13, 13, "line 13"), (14, 12, "… and 2 more lines")],
)
def test_of_evidence_no_line_is_left_out_for_one_that_says_so(count: int, shown: int, last: str) -> None:
    long = replace(verdicts.finding(), evidence="\n".join(f"line {number}" for number in range(1, count + 1)))
    page = render_text(Run([replace(verdicts.clear(), gates=(GateResult("history", Judged((long,)), 1),))]))
    quoted = [line.removeprefix("    │ ") for line in page.splitlines() if line.startswith("    │ ")]
    assert quoted == [*(f"line {number}" for number in range(1, shown + 1)), *([last] if count > 13 else [])]
    assert quoted[-1] == last


def test_a_server_that_gave_way_is_named_with_the_reason() -> None:
    sound = verdicts.clear()
    assert sound.rehearsal is not None
    told = replace(sound.rehearsal, passed_over=("embedded PostgreSQL 18: it lacks the extension vector",))
    page = render_text(Run([replace(sound, rehearsal=told)]))
    assert "  passed over: embedded PostgreSQL 18: it lacks the extension vector\n  fresh " in page


def test_sql_that_cannot_run_again_is_no_failure_unless_the_project_asks_for_it() -> None:
    sound = verdicts.clear()
    assert sound.rehearsal is not None
    told = "1 of 1 new migration is made to run once"
    assert f"  raw SQL   {told}, as Drizzle runs it (--verbose tells where)\n" in render_text(Run([sound]))
    assert f"  raw SQL   {told}, as Drizzle runs it\n" in render_text(Run([sound]), verbose=True)

    asked = replace(verdicts.finding(), code="MC405", rule="raw-sql-not-repeatable")
    required = replace(sound, gates=(GateResult("replay", Judged((asked,)), 1),))
    assert f"  raw SQL   {told}\n" in render_text(Run([required]), verbose=True)

    able = replace(sound, rehearsal=replace(sound.rehearsal, reruns=(Repeatable("0002_step", "0002_step.sql"),)))
    assert "  raw SQL   1 of 1 new migration can run twice\n" in render_text(Run([able]))

    # To a target that is behind, what landed long ago runs next as well.
    behind = replace(sound.rehearsal, request=replace(sound.rehearsal.request, ledger=Ledger(LedgerName())))
    assert f"  raw SQL   {told.replace('new', 'pending')}," in render_text(Run([replace(sound, rehearsal=behind)]))

    twice = replace(sound.rehearsal, reruns=sound.rehearsal.reruns * 2)
    several = "  raw SQL   2 of 2 new migrations are made to run once, as Drizzle runs them (--verbose tells where)\n"
    assert several in render_text(Run([replace(sound, rehearsal=twice)]))


def test_what_is_new_is_not_buried_under_old_debt() -> None:
    page = render_text(Run([verdicts.indebted()]))
    shown = [line.strip() for line in page.splitlines() if line.strip().endswith("_step.sql:1")]
    assert [each[len("migrations/") :][:4] for each in shown] == ["0001", "0002", "0100", "0101"]
    assert "  and 98 more like these: --verbose shows all\n" in page


def test_of_old_debt_that_is_to_be_left_a_line_for_each_rule_is_enough() -> None:
    here = verdicts.indebted()
    folder, target = here.gates
    assert isinstance(folder.outcome, Judged)
    left = tuple(replace(each, left=True) for each in folder.outcome.findings)
    outcome = Judged((*left, replace(left[1], waived="known")))
    old = replace(here, gates=(replace(folder, outcome=outcome), target))
    page = render_text(Run([old]))
    told = "\nold debt, to be left as it is: --verbose shows it in full\n"
    lines = "  MC113 landed-migration-edited  migrations/meta/0000_snapshot.json\n"
    lines += "  MC201 landed-migration-edited  migrations/0100_step.sql:1 and 99 more\n\n"
    assert told + lines in page
    # What blocks, what is new and what is waived stand there as ever.
    assert [page.count(f"/{each}_step.sql:1\n") for each in ("0001", "0002", "0100")] == [1, 1, 1]
    assert render_text(Run([old]), verbose=True).count("_step.sql:1\n") == 103


def test_sql_that_was_not_run_a_second_time_is_counted_apart() -> None:
    sound = verdicts.clear()
    assert sound.rehearsal is not None
    untried = NotTried("0003_step", "0003_step.sql", "the rehearsal was not done within 8 s")
    told = replace(sound, rehearsal=replace(sound.rehearsal, reruns=(*sound.rehearsal.reruns, untried)))
    said = render_text(Run([told]), Look(200), verbose=True)
    counted = "1 of 2 new migrations was not tried twice; 1 of 2 new migrations is made to run once, as Drizzle runs it"
    assert f"raw SQL {counted} " in " ".join(said.split())
    assert "            0003_step.sql: not tried: the rehearsal was not done within 8 s\n" in said


def test_an_entry_without_its_file_counts_as_a_migration() -> None:
    sound = verdicts.clear()
    lacking = replace(sound, folder=replace(sound.folder, migrations=sound.folder.migrations[:2]))
    assert render_text(Run([lacking])).splitlines()[0].endswith("  migrations  3 migrations")


@pytest.mark.parametrize(
    ("gates", "last"),
    [
        ({"replay": "start a server", "target": ""}, "undecided: replay, target. Next: start a server"),
        ({"replay": "start it", "target": "start it"}, "undecided: replay, target. Next: start it"),
        ({"replay": "x" * 240}, f"undecided: replay. Next: {'x' * 240}"),
        ({"replay": "x" * 241}, "undecided: replay. Next: see the remedy above"),
        ({"replay": "write:\nx = 1"}, "undecided: replay. Next: see the remedy above"),
        ({"replay": "no server", "target": "no answer"}, "undecided: replay, target. Next: see the remedies above"),
        ({"target": ""}, "undecided: target. Next: see the cause above"),
    ],
)
def test_the_last_line_names_the_one_remedy_or_refers_to_it(gates: dict[str, str], last: str) -> None:
    sound = verdicts.clear()
    undecided = tuple(GateResult(name, Undecided("nobody knows", remedy), 1) for name, remedy in gates.items())
    page = render_text(Run([replace(sound, gates=(*sound.gates[:2], *undecided))]))
    assert page.splitlines()[-1] == last


def test_text_is_no_wider_than_can_be_read() -> None:
    page = render_text(Run([verdicts.blocked()]), Look(250))
    assert max(len(line) for line in page.splitlines()) <= 120
    assert "\n  fix: Fix the statement; a column that must not be null needs a default, or a backfill before.\n" in page


def test_notes_stand_first() -> None:
    page = render_text(Run([verdicts.clear()], notes=["migrations is configured by drizzle.config.ts"]))
    assert page.splitlines()[0] == "migrations is configured by drizzle.config.ts"


def test_each_place_keeps_its_own_fix() -> None:
    fixes = [replace(verdicts.finding(number), fix=f"put {number} back") for number in (1, 2)]
    page = render_text(Run([replace(verdicts.clear(), gates=(GateResult("history", Judged(tuple(fixes)), 1),))]))
    assert "    fix: put 1 back\n" in page
    assert "    fix: put 2 back\n" in page
    assert page.count("error MC201") == 1


OTHERWISE = 'If it was applied nowhere, waive it:\n[[waiver]]\ncode = "MC201"\nmigration = "{}"\nuntil = YYYY-MM-DD'


def test_what_the_fixes_have_in_common_is_told_once() -> None:
    """They differ in the migration that they name."""
    fixes = [
        replace(verdicts.finding(number), evidence="", fix=f"Put it back.\n{OTHERWISE.format(f'{number:04}_step')}")
        for number in (1, 2)
    ]
    both = replace(verdicts.clear(), gates=(GateResult("history", Judged(tuple(fixes)), 1),), rehearsal=None)
    one = replace(both, gates=(GateResult("history", Judged((fixes[0],)), 1),))
    assert render_text(Run([both])).partition("error MC201")[2] == (
        " landed-migration-edited  2 places\n"
        "  migrations/0001_step.sql:1\n"
        "    0001_step changed after it landed: databases that have it will never run the new text\n"
        "    fix: Put it back.\n"
        "  migrations/0002_step.sql:1\n"
        "    0002_step changed after it landed: databases that have it will never run the new text\n"
        "    fix: Put it back.\n"
        "  If it was applied nowhere, waive it:\n"
        "  [[waiver]]\n"
        '  code = "MC201"\n'
        '  migration = "MIGRATION"\n'
        "  until = YYYY-MM-DD\n"
        "\nblocked: 2 errors. Next: fix migrations/0001_step.sql:1 (migcheck explain MC201)\n"
    )
    assert "  fix: Put it back.\n       If it was applied nowhere, waive it:\n" in render_text(Run([one]))


@pytest.mark.parametrize(("other", "named"), [("a.yml", "a.yml"), ("b.yml", "PATH")])
def test_what_a_waiver_by_path_says_is_told_once(other: str, named: str) -> None:
    one, two = (
        replace(
            verdicts.finding(), migration=None, at=Location(path, line), fix=f"Mend {line}.\nOr:\nmigration = {path}"
        )
        for line, path in ((1, "a.yml"), (2, other))
    )
    page = render_text(Run([replace(verdicts.clear(), gates=(GateResult("history", Judged((one, two)), 1),))]))
    assert f"    fix: Mend 2.\n  Or:\n  migration = {named}\n" in page


COMMAND = "`git checkout 4f2a1c9 -- ':/packages/a folder of its own/migrations/0001_step.sql'`"


def test_no_line_ends_inside_what_is_copied() -> None:
    fix = f'Put it back ({COMMAND}) by `git add` of it.\n[[waiver]]\nmigration = "0001_{"step_" * 8}"'
    one = replace(verdicts.finding(), evidence="", fix=fix)
    page = render_text(Run([replace(verdicts.clear(), gates=(GateResult("history", Judged((one,)), 1),))]), Look(40))
    assert page.partition("\n  fix: ")[2].partition("\n\n")[0] == (
        "Put it back\n"
        f"       ({COMMAND})\n"
        "       by `git add` of it.\n"
        "       [[waiver]]\n"
        f'       migration = "0001_{"step_" * 8}"'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("say\n::set-output name=a::b", "say\n: :set-output name=a::b"),
        ("##[error]x", "# #[error]x"),
        ("is ##vso[task.setvariable variable=a]b", "is # #vso[task.setvariable variable=a]b"),
        ("###VSO[task.complete]", "## #VSO[task.complete]"),
        ("##teamcity[buildStatus status='SUCCESS']", "# #teamcity[buildStatus status='SUCCESS']"),
        ("## a title, ##vso and [x]", "## a title, ##vso and [x]"),
        ("'1'::text", "'1'::text"),
        ("a\x1b[31mb\x07\x00", "a\\x1b[31mb\\x07\\x00"),
        ("user\u202etxt.exe", "user\\x202etxt.exe"),
        ("postgres://u:pw@h/d", "postgres://u:***@h/d"),
    ],
)
def test_hostile_text_gives_no_orders(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_runs_outside_of_a_transaction_is_told() -> None:
    told = render_text(Run([verdicts.outside(verdicts.clear(), "0002_step")]))
    assert (
        "  apart     0002_step runs outside of a transaction: `migcheck apply` can do that, Drizzle's\n"
        "            migrator cannot\n"
    ) in told
    assert "outside" not in render_text(Run([verdicts.outside(verdicts.clear(), "0001_step")]))
