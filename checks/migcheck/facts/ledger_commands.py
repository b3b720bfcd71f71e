"""SQL on the ledger that a command of the project hands to psql."""

from collections.abc import Iterator

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project import ProjectState
from migcheck.scripts.calls import SqlCall
from migcheck.scripts.runs import Run
from migcheck.sources.ledger_sql import LedgerWrite, writes_of_script


def ledger_commands(state: ProjectState, ledger: LedgerName) -> Iterator[tuple[Run, LedgerWrite]]:
    """The commands whose `psql -c`, or whose here-document for psql, writes to `ledger`, each with what it writes."""
    for run in state.scripts.runs if state.scripts.mentions("psql", ledger.table) else ():
        match run.call:
            case SqlCall(text=text) if text:
                for write in writes_of_script(run.script.path, text.encode(), ledger):
                    yield run, write
            case _:
                pass
