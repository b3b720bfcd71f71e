"""What GitHub shows of a run: annotations at their lines, and the summary of the job."""

import html
import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support import verdicts
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.golden import Golden
from tests.support.repositories import init

from migcheck.clearance import Step
from migcheck.drizzle.ledger import Batching
from migcheck.facts.rehearsal import Failed, Way
from migcheck.facts.replay.unbuildable import UnbuildableBaseError
from migcheck.facts.replay.walk import NotBuiltError
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.running.failure import COMMIT, SqlFailure
from migcheck.report.deploy import Deploy, End
from migcheck.report.github import render_github
from migcheck.report.run import Run
from migcheck.report.step_summary import render_step_summary
from migcheck.report.text import render_text
from migcheck.verdict import GateResult, Judged, Undecided, Verdict
from migcheck.wording import in_file, waiver_table


def annotated(*verdict: Verdict, deploys: tuple[Deploy, ...] = ()) -> list[str]:
    """The annotations; what follows them is the report for people."""
    run = Run(verdict, deploys)
    told, text = render_github(run, verbose=False), render_text(run)
    assert told.endswith(text)
    return told.removesuffix(text).splitlines()


def judging(*findings: Finding) -> Verdict:
    return replace(verdicts.clear(), gates=(GateResult("history", Judged(findings), 1),))


def test_a_finding_is_told_at_its_line() -> None:
    blocks = replace(verdicts.finding(), message="50% of it:\nchanged", evidence="a,b", fix="mend it")
    (told,) = annotated(judging(blocks))
    command, _, message = told.partition("edited::")
    assert command == "::error file=migrations/0002_step.sql,line=1,title=MC201 landed-migration-"
    assert message == "50%25 of it:%0Achanged%0A%0Aa,b%0A%0Amend it"


def test_a_place_with_marks_of_the_command_and_without_a_line() -> None:
    odd = replace(verdicts.finding(), at=Location("a,b:c/x.sql"), message="m", evidence="", fix="f")
    assert annotated(judging(odd)) == [
        "::error file=a%2Cb%3Ac/x.sql,line=1,title=MC201 landed-migration-edited::m%0A%0Af"
    ]


def test_warnings_are_no_errors_and_what_is_waived_is_a_notice() -> None:
    warns = verdicts.finding(1, Severity.WARNING)
    waived = verdicts.finding(2, waived="never applied")
    kinds = [line.split(" ")[0] for line in annotated(judging(waived, warns, verdicts.finding(3)))]
    assert kinds == ["::error", "::warning", "::notice"]
    assert annotated(judging(waived))[0].endswith("%0A%0Awaived: never applied")


def test_old_debt_that_is_to_be_left_is_of_no_change_and_stands_in_the_summary_alone() -> None:
    left = replace(verdicts.finding(1, Severity.WARNING), left=True)
    verdict = judging(left, verdicts.finding(2, Severity.WARNING))
    (told,) = annotated(verdict)
    assert told.startswith("::warning file=migrations/0002_step.sql,")
    _, warns, old = render_step_summary(Run([verdict])).split("<details><summary>")[-3:]
    assert warns.startswith("Warns (1)")
    assert "<code>migrations/0002&#95;step.sql:1</code>" in warns
    assert old.startswith("Old debt, to be left as it is (1)")
    assert "<code>migrations/0001&#95;step.sql:1</code>" in old


def test_what_is_undecided_and_a_deploy_that_failed_are_errors() -> None:
    verdict = replace(verdicts.clear(), gates=(GateResult("history", Undecided("too shallow", "fetch more"), 1),))
    deploy = Deploy("migrations", "db/shop", End.FAILED, message="no such table", remedy="mend it")
    assert annotated(verdict, deploys=(deploy,)) == [
        "::error title=migrations%3A history is undecided::too shallow%0A%0Afetch more",
        "::error title=migrations%3A deploy failed::no such table%0A%0Aeverything was rolled back%0A%0Amend it",
    ]


def test_what_commit_refuses_is_blamed_on_no_line() -> None:
    refused = SqlFailure("0002_step", "migrations/0002_step.sql", 1, COMMIT, "23503", "no such user")
    deploy = Deploy("migrations", "db/shop", End.FAILED, message="no such user", remedy="mend it", failure=refused)
    sound = verdicts.clear()
    assert sound.rehearsal is not None
    failed = replace(sound.rehearsal, ways=(Failed(Way.UPGRADE, 640, refused, Batching.ALL),))
    text = render_text(Run([replace(sound, rehearsal=failed)], [deploy]))
    assert "\n  migrations/0002_step.sql\n    23503 no such user\n" in text
    assert "\n            migrations/0002_step.sql: 23503 no such user\n" in text
    for error in (UnbuildableBaseError(refused), NotBuiltError(refused)):
        assert error.problem.startswith("migrations/0002_step.sql: ")


def test_all_that_a_deploy_has_to_tell_is_annotated() -> None:
    deploys = (
        Deploy("a", "db/shop", End.APPLIED, warnings=("slow",)),
        Deploy("b", "db/shop", End.NOTHING, lacking=("0002_step",)),
        Deploy("c", "db/shop", End.INTERRUPTED, torn=True),
        Deploy("d", "db/shop", End.UNKNOWN, message="lost", remedy="the rows"),
        Deploy("e", "db/shop", End.NOTHING, message="as it should be"),
    )
    torn = "a COMMIT inside a migration made part of it last, and the ledger does not have it"
    behind = "nothing is pending on db/shop, which does not have 0002_step as b has it"
    assert annotated(verdicts.clear(), deploys=deploys) == [
        f"::error title=c%3A deploy interrupted::{torn}",
        "::error title=d%3A what came of the deploy is not known::lost%0A%0Athe rows",
        "::warning title=a%3A deploy applied::slow",
        f"::warning title=b%3A deploy nothing to do::{behind}",
    ]
    told = render_step_summary(Run([verdicts.clear()], deploys))
    assert all(each.replace("_", "&#95;") in told for each in (torn, behind, "slow", "as it should be"))


def test_what_is_undecided_is_told_at_the_line_that_its_cause_begins_with() -> None:
    def place(cause: str) -> str:
        gates = (GateResult("replay", Undecided(cause, "mend it"), 1),)
        return annotated(replace(verdicts.clear(), gates=gates))[0].partition("title=")[0]

    assert place("migrations/0001_step.sql:7: cannot be built") == "::error file=migrations/0001_step.sql,line=7,"
    for cause in ("127.0.0.1:5432: refused", "migrations/0001_step.sql cannot be read: 7: no", "gone.sql:1: no"):
        assert place(cause) == "::error "


def test_no_more_than_are_shown() -> None:
    lines = annotated(judging(*(verdicts.finding(number) for number in range(12))))
    assert len(lines) == 10
    assert lines[-1] == "::error title=migcheck::3 more; the log and the summary of this step have all"

    warned = [line for line in annotated(verdicts.indebted()) if line.startswith("::warning")]
    assert "migrations/0002_step.sql" in warned[0]
    assert "role app lacks USAGE on schema app" in warned[1]
    assert len(warned) == 10
    assert "<code>migrations/0002&#95;step.sql:1</code>" in render_step_summary(Run([verdicts.indebted()]))


def test_the_summary_says_what_runs_what_blocks_and_what_is_old(golden: Golden) -> None:
    hostile = replace(verdicts.finding(), message="a | b <script>`x`\n[y](z)", fix="mend it")
    old = verdicts.finding(1, Severity.WARNING)
    sound = verdicts.clear()
    assert sound.rehearsal is not None
    changed = replace(sound, rehearsal=replace(sound.rehearsal, catalogue_change=("+ table public.<b>",)))
    verdict = replace(changed, gates=(GateResult("history", Judged((hostile, old)), 1),))
    deploy = Deploy("migrations", "db/shop", End.APPLIED, rows=(Step("0002_step", "0" * 64, 1),))

    golden("step_summary.md", render_step_summary(Run([verdict], [deploy])))


def test_the_summary_has_lines_for_the_configuration_below_the_table_and_waivers_in_words() -> None:
    fix = f"Put it back.\nIf it is meant, say so:\n{waiver_table('MC301', '0001_<b>', 'meant: ...')}"
    lines = '[[waiver]]\ncode = "MC301"\nmigration = "0001_<b>"\nreason = "meant: ..."\nuntil = YYYY-MM-DD'
    blocks = [replace(verdicts.finding(number), fix=fix) for number in (1, 2)]
    waived = replace(verdicts.finding(3), fix=fix, waived="old, and applied nowhere")
    told = render_step_summary(Run([judging(*blocks, waived)]))
    assert told.count("| Put it back.<br>If it is meant, say so, as below |\n") == 2
    summary = "<details><summary>For migcheck.toml, where that is meant</summary>"
    assert f"\n\n{summary}\n\n<pre>{html.escape(lines)}</pre>\n\n</details>\n\n<details><summary>Waived (1)" in told
    assert "\n| rule | where | what | waived, because |\n" in told
    assert told.count("| old, and applied nowhere |") == told.count("[[waiver]]") == 1


def test_the_lines_for_a_packages_pyproject_are_below_the_table_as_well() -> None:
    fix = f"Put it back, or waive it in migcheck.toml:\n{waiver_table('MC201', '0001_a', 'meant: ...')}"
    own = in_file(fix, "packages/b/pyproject.toml", ("tool", "migcheck"))
    told = render_step_summary(Run([judging(replace(verdicts.finding(), fix=own))]))
    assert "| Put it back, or waive it in packages/b/pyproject.toml, as below |\n" in told
    assert "<pre>[[tool.migcheck.waiver]]\ncode" in told
    assert in_file(fix, "migcheck.toml", ()) == fix


def test_the_summary_is_no_longer_than_github_shows() -> None:
    findings = [replace(verdicts.finding(number), message="|" * 5_000) for number in range(10)]
    told = render_step_summary(Run([judging(*findings)]))
    assert told.count("&#124;") == 10 * 4_000
    told = render_step_summary(Run([judging(*(replace(each, fix=each.message) for each in findings))] * 3))
    assert 900_000 < len(told) < 2**20
    assert told.endswith("\n\nThe rest is too long for a summary, and in the log.\n")
    long = [replace(each, fix=each.message, severity=Severity.WARNING) for each in findings]
    told = render_step_summary(Run([judging(*long)] * 6))
    assert told.endswith("|\n\n</details>\n\n\nThe rest is too long for a summary, and in the log.\n")
    assert told.count("<details>") == told.count("</details>")


def test_the_summary_says_who_judges_otherwise_and_what_nobody_judged() -> None:
    sound = verdicts.clear()
    told = render_step_summary(Run([replace(sound, judge_changes=("migcheck.toml: waiver added: MC201 of *",))]))
    assert told.startswith(
        "### migcheck: clear · <code>migrations</code>\n\n"
        "**This change alters how it is judged:**\n\n- migcheck.toml: waiver added: MC201 of &#42;\n\n**Runs next:** "
    )
    assert "\n**Not judged:** target (DATABASE&#95;URL is not set)\n\n" in told
    assert "alters how it is judged" not in render_step_summary(Run([sound]))
    assert "Not judged" not in render_step_summary(Run([verdicts.judged_target(applied=2)]))


def test_the_summary_says_what_runs_outside_of_a_transaction() -> None:
    told = render_step_summary(Run([verdicts.outside(verdicts.clear(), "0002_step")]))
    assert "\n\n**Outside of a transaction:** <code>0002&#95;step</code>\n\n" in told
    deploy = Deploy("migrations", "db/shop", End.FAILED, message="no", remedy="mend it", begun="0002_step")
    told = render_step_summary(Run([verdicts.clear()], [deploy]))
    assert "**did not end:** <code>0002&#95;step</code>, which the next deploy begins anew\n" in told


def test_the_summary_says_what_an_earlier_run_had_left() -> None:
    deploy = Deploy("migrations", "db/shop", End.APPLIED, earlier=("0001_step", "0002_step"), notes=("as it was",))
    told = render_step_summary(Run([verdicts.clear()], [deploy]))
    assert "\nnote: as it was\n" in told
    landed = "<code>0001&#95;step</code>, <code>0002&#95;step</code>"
    assert f"**applied by an earlier run:** {landed}\n" in told


def test_the_summary_says_what_comes_next_without_a_rehearsal() -> None:
    bare = replace(verdicts.clear(), rehearsal=None)
    one, two = bare.folder.migrations[1:]
    assert "Runs next" not in render_step_summary(Run([bare]))
    told = render_step_summary(Run([replace(bare, new=(one, two))]))
    assert "\n\n**New in this change:** <code>0001&#95;step</code>, <code>0002&#95;step</code>\n\n" in told
    told = render_step_summary(Run([replace(bare, new=(one, two), pending=(two,))]))
    assert "\n\n**Runs next:** <code>0002&#95;step</code>\n\n" in told
    assert "New in" not in told
    assert "**Runs next:** nothing\n" in render_step_summary(Run([replace(bare, new=(one,), pending=())]))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    a_folder(tmp_path / "drizzle", {"0000_a": "create table a ();"})
    init(tmp_path).commit()
    return tmp_path


def test_the_summary_is_added_where_the_runner_says(command: Command, project: Path) -> None:
    summary = project / "summary.md"
    summary.write_text("before\n")
    ran = command("verify", "drizzle", "--offline", "--format", "github", env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert ran.code == 0
    assert ran.out.splitlines()[-1].startswith("clear: ")
    assert summary.read_text() == (
        "before\n### migcheck: clear · <code>drizzle</code>\n\n**New in this change:** <code>0000&#95;a</code>\n\n"
        "**Not judged:** replay (--offline), target (--offline)\n\n"
    )


def test_a_ledger_that_was_given_says_what_runs_next(command: Command, project: Path) -> None:
    ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "rows": []}
    (project / "ledger.json").write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))
    summary = project / "summary.md"
    told = ("--ledger", "ledger.json", "--format", "github")
    command("verify", "drizzle", "--offline", *told, env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert "\n**Runs next:** <code>0000&#95;a</code>\n" in summary.read_text()


def test_a_summary_that_cannot_be_written_is_told(command: Command, project: Path) -> None:
    nowhere = {"GITHUB_STEP_SUMMARY": str(project / "absent" / "summary.md")}
    ran = command("verify", "drizzle", "--offline", "--format", "github", env=nowhere)
    assert ran.code == 3
    assert "GITHUB_STEP_SUMMARY" in ran.err
    assert command("verify", "drizzle", "--offline", "--format", "github").code == 0
