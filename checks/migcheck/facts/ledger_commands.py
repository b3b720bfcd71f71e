"""SQL on the ledger that a command of the project hands to psql."""

from collections.abc import Iterator

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project import ProjectState
from migcheck.scripts.calls import SqlCall
from migcheck.scripts.psql_hosts import is_here
from migcheck.scripts.runs import Run
from migcheck.scripts.script import Script
from migcheck.sources.ledger_drops import drops_in
from migcheck.sources.ledger_sql import LedgerWrite, writes_of_script

_DROPS = ("drop", "DROP", "Drop")


def ledger_commands(state: ProjectState, ledger: LedgerName) -> Iterator[tuple[Run, LedgerWrite]]:
    """The commands whose `psql -c`, or whose here-document for psql, writes to `ledger` or drops it, each with what.

    What goes to a database on this machine, word for word, is that machine's own.
    """
    for run in state.scripts.runs if _may_be(state, ledger) else ():
        match run.call:
            case SqlCall(text=text) if text and not is_here(run.command):
                for write in _in_text(text, run.script, ledger):
                    yield run, write
            case _:
                pass


def _in_text(text: str, script: Script, ledger: LedgerName) -> Iterator[LedgerWrite]:
    yield from writes_of_script(script.path, text.encode(), ledger)
    yield from drops_in(script.path, text, ledger, script.text)


def _may_be(state: ProjectState, ledger: LedgerName) -> bool:
    """A glance, before anything is parsed."""
    mentions = state.scripts.mentions
    return mentions("psql", ledger.table) or any(mentions("psql", ledger.schema, each) for each in _DROPS)
