"""What blocks of new migrations by a target's rows, without the commands around it: rehearsed once, asked of many."""

from collections.abc import Sequence

from msgspec.structs import replace

from migcheck.config import FolderConfig, SqlConfig
from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.rehearsal import Rehearsal
from migcheck.facts.replay.position import request_of
from migcheck.facts.sql import SqlFacts
from migcheck.finding import Severity
from migcheck.gather_told import Configured, gather_told, sql_facts
from migcheck.postgres.address import parse_address
from migcheck.postgres.scratch import ScratchServer
from migcheck.project import Asked
from migcheck.rule import Rule, judge
from migcheck.rules.sql.column_made_required import column_made_required
from migcheck.rules.sql.rows_refused import rows_refused
from tests.support.ledgers import a_ledger, rows_of
from tests.support.rehearsals import folder_of, history_of, rehearsed_with_rows
from tests.support.target_server import Database

BREAKPOINT = "\n--> statement-breakpoint\n"
NEW = "0001_b"


def with_rows(
    server: ScratchServer, base: str, new: Sequence[str], *, outside: bool = False, late: bool = False
) -> Rehearsal:
    """How `new` goes on a target that has `base`, a migration of so many pieces; `outside` of a transaction.

    `late`: it has landed, and the target has not run it yet.
    """
    head, landed = folder_of({"0000_a": base, NEW: BREAKPOINT.join(new)}), folder_of({"0000_a": base})
    ledger = a_ledger(rows_of(landed))
    history = history_of(head, head if late else landed)
    request = request_of(history, head, ledger, Batching.ALL, LedgerName())
    return rehearsed_with_rows(server, replace(request, outside=frozenset({NEW} if outside else ())))


def row_errors(
    rehearsal: Rehearsal, app: Database, rules: Sequence[Rule[SqlFacts]] = (column_made_required, rows_refused)
) -> list[tuple[str, int | None]]:
    """Code and line of each error that is told of the rows of the target `app`, by these rules."""
    configured = Configured(FolderConfig("drizzle"), SqlConfig())
    told = gather_told(configured, Asked(target=parse_address(app.url)), rehearsal, print, reached=True)
    found = judge(rules, sql_facts(rehearsal, told, configured.sql))
    return [(each.code, each.at.line) for each in found if each.severity is Severity.ERROR]
