"""The JSON report's shape: models from which `docs/report.schema.json` is made."""

from typing import Annotated, Literal

from pydantic import Field

from migcheck.drizzle.ledger import Batching
from migcheck.facts.rehearsal import Way
from migcheck.finding import Severity
from migcheck.report.deploy import End
from migcheck.report.json_piece import Clean, Document, Error
from migcheck.report.json_rows import RowsReport
from migcheck.verdict import Answer

LedgerFile = Annotated[Clean | None, Field(description="Of several `--ledger` files, the one that it is about.")]


class BaseReport(Document):
    """What has landed. `revision` is null where nothing has."""

    revision: str | None
    why: Clean


class GateReport(Document):
    """One gate on one folder. `reason` is empty where the gate judged; `remedy` where there is none.

    `not_read` is what a gate that judged passed over: files of other repositories, or too large, or not their format;
    of a target for which a ledger in a file stood, all but that; of any, tables that look like ledgers.
    """

    folder: Clean
    ledger_file: LedgerFile = None
    name: str
    outcome: Literal["judged", "skipped", "undecided"]
    reason: Clean
    remedy: Clean
    ms: int
    not_read: tuple[Clean, ...] = ()


class FindingReport(Document):
    """One place where a rule does not hold. `waived` is the waiver's reason; `line` is 1-based."""

    folder: Clean
    ledger_file: LedgerFile = None
    code: str
    rule: str
    severity: Severity
    waived: Clean | None
    migration: Clean | None
    file: Clean
    line: int | None
    message: Clean
    evidence: Clean
    fix: Clean


class WayReport(Document):
    """One way of replaying the folder. `file`, `line` and `batching` are there where a migration failed."""

    folder: Clean
    ledger_file: LedgerFile = None
    way: Way
    outcome: Literal["passed", "failed", "differs", "not run"]
    migration: Clean | None = None
    file: Clean | None = None
    line: int | None = None
    sqlstate: str | None = None
    batching: Batching | None = None
    message: Clean
    ms: int


class RerunReport(Document):
    """Whether a new migration's raw SQL can run twice, statement by statement.

    `message` says why it cannot, or why that was not tried.
    """

    migration: Clean
    outcome: Literal["repeatable", "not repeatable", "not tried"]
    file: Clean
    line: int | None = None
    sqlstate: str = ""
    message: Clean = ""


class RollbackReport(Document):
    """Whether the rollback in `file` undoes `migration`, and lets it run again.

    `loses` is what it takes away with whatever is in it; `lacks` what the migration had taken away, which is there
    again and empty, or, of a column's type, with the values of the new one; `needs` what rows must be like, or it is
    refused; `writes` are tables in which it changes or deletes rows itself, `untouched` those in which the migration
    wrote some, and it does not. `message` says why it is not proven, and `differences` what is more (`+`), gone (`-`)
    or other (`~`) then; of a proven one, the order of columns.
    """

    migration: Clean
    outcome: Literal["proven", "not proven"]
    file: Clean
    line: int | None = None
    message: Clean = ""
    differences: tuple[Clean, ...] = ()
    loses: tuple[Clean, ...] = ()
    lacks: tuple[Clean, ...] = ()
    needs: tuple[Clean, ...] = ()
    writes: tuple[Clean, ...] = ()
    untouched: tuple[Clean, ...] = ()


class ScratchReport(Document):
    """The server that was rehearsed on. `version` is `server_version_num`.

    `passed_over` are those that were tried before, each with why it gave way. `starts_from` tells of the copy of the
    target that the rehearsal began with, null where that was what the files build; `left_out` is what the copy has not.
    """

    kind: str
    version: int
    origin: Clean
    confinement: Clean
    passed_over: tuple[Clean, ...]
    starts_from: Clean | None = None
    left_out: tuple[Clean, ...] = ()


class SizeReport(Document):
    """A table that a pending migration locks in the rehearsal, and its size on the target.

    `rows` is an estimate, null where the table was never analysed; `bytes` are with its indexes. Both are null where
    the target has no such table.
    """

    migration: Clean
    table: Clean
    lock: str
    rows: int | None
    bytes: int | None


class LockReport(Document):
    """A lock that a statement of a new migration took in the rehearsal, on a table that was there before.

    It is stronger than what its transaction held on the table until then. `statement` is shortened; of several that
    were sent as one it is the first that speaks of the table. `transaction` counts those of the run
    that locked any, from 1 on, and `after` is how many more were sent in it, rows of the ledger among them, during
    which the lock was still held. A statement outside of a transaction is one of its own; its lock is over with it, and
    told by what it did, where that takes it for sure: one that hinders nobody is left out.
    """

    migration: Clean
    file: Clean
    line: int | None
    statement: Clean
    table: Clean
    lock: str
    transaction: int
    after: int


class FolderReport(Document):
    """One folder: its own verdict and what there is once a folder.

    `ledger_file` stood for its target; of several files, each makes a report on the folder. `reached` says how a target
    was reached, empty for plain TCP. `target_sizes` is null without `--target-sizes`, and where they are not known:
    `target_sizes_unknown` says why. `outside` are the tags of new migrations that run outside of
    a transaction.
    """

    path: Clean
    ledger_file: Clean | None
    reached: Clean = ""
    verdict: Answer
    migrations: int
    base: BaseReport | None
    judge_changes: tuple[Clean, ...]
    scratch: ScratchReport | None
    catalogue_change: tuple[Clean, ...]
    reruns: tuple[RerunReport, ...]
    rollbacks: tuple[RollbackReport, ...] = ()
    rows: RowsReport | None = None
    target_sizes: tuple[SizeReport, ...] | None = None
    target_sizes_unknown: Clean = ""
    outside: tuple[Clean, ...] = ()
    locks: tuple[LockReport, ...] = ()


class RowReport(Document):
    """One migration of a plan, as its ledger row has it."""

    tag: Clean
    hash: str
    when: int


class DeployReport(Document):
    """What came of one folder's deploy. `rows` are applied (with `would apply`: would be).

    `sqlstate`, `file`, `line` and `statement` (shortened) are there where the server refused a statement, `detail` and
    `hint` where it gave them. `remedy` says what to do next. `outside` are the tags of `rows` that would run outside of
    a transaction; `begun` is that of one that did not end, of which what ran stays, and which can be begun anew.
    `earlier` are the tags in front of `rows` that an earlier run of what was cleared had applied. `notes` ask for
    nothing. `read_back`: what was committed was read and compared. `lacking` are the tags of what a target on which
    nothing is pending does not have as the folder has it.

    Of a baseline (`recorded`, `would record`, `different`) `rows` were written and not run, and `differences` is what
    the target lacks (`-`), has more (`+`) or has otherwise (`~`). `proposed` are statements, which nobody has tried,
    that would each make one of them as the folder does.

    Of an undo (`undone`, `would undo`) `rows` are gone, and `costs` says what each rollback loses.
    """

    folder: Clean
    target: Clean
    outcome: End
    rows: tuple[RowReport, ...] = ()
    warnings: tuple[Clean, ...] = ()
    message: Clean = ""
    remedy: Clean = ""
    migration: Clean | None = None
    file: Clean | None = None
    line: int | None = None
    sqlstate: str | None = None
    statement: Clean | None = None
    detail: Clean = ""
    hint: Clean = ""
    torn: bool = False
    read_back: bool = False
    lacking: tuple[Clean, ...] = ()
    differences: tuple[Clean, ...] = ()
    proposed: tuple[Clean, ...] = ()
    begun: Clean = ""
    outside: tuple[Clean, ...] = ()
    costs: tuple[Clean, ...] = ()
    earlier: tuple[Clean, ...] = ()
    notes: tuple[Clean, ...] = ()
    ms: int = 0


class Report(Document):
    """The whole run. `base` is the first folder's.

    `notes` say where the folders were found and which configurations were passed over.
    """

    version: Literal[1] = Field(default=1, description="The version of this format.")
    migcheck: str
    verdict: Answer = Field(
        description="What the gates say, the worst of the folders'; undecided where `error` kept them from judging. A "
        "deploy that they cleared may fail all the same: see `exit_code` and `deploys`."
    )
    exit_code: int = Field(
        description="How the run ends, and the process with it: 0 clear, and for `apply` deployed or nothing to do; 1 "
        "blocked, refused or failed; 2 the command line or the configuration cannot be used; 3 undecided or not known; "
        "129, 130 or 143 interrupted."
    )
    base: BaseReport | None
    notes: tuple[Clean, ...] = ()
    folders: tuple[FolderReport, ...]
    gates: tuple[GateReport, ...]
    findings: tuple[FindingReport, ...]
    rehearsals: tuple[WayReport, ...]
    deploys: tuple[DeployReport, ...] = ()
    error: Error = None
