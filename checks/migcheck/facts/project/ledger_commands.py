"""SQL on the ledger that a command of the project hands to psql."""

from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.project.judged import ProjectState
from migcheck.scripts.calls import FileCall, SqlCall
from migcheck.scripts.psql_hosts import is_here
from migcheck.scripts.reach import lasting
from migcheck.scripts.runs import Run
from migcheck.scripts.script import Key, Script
from migcheck.sources.ledger_drops import drops_in
from migcheck.sources.ledger_sql import LedgerWrite, writes_of_script

_DROPS = ("drop", "DROP", "Drop")


def ledger_commands(state: ProjectState, ledger: LedgerName) -> Iterator[tuple[Run, LedgerWrite]]:
    """The commands whose `psql -c`, or whose here-document for psql, writes to `ledger` or drops it, each with what.

    So are those whose file for psql drops it; what a file writes, whoever runs it, the sources say.

    What goes to a database on this machine, word for word, is that machine's own.
    """
    runs = state.scripts.runs if _may_be(state, ledger) else ()
    for run in state.scripts.once(each for each in runs if isinstance(each.call, SqlCall)):
        if isinstance(run.call, SqlCall) and run.call.text and not is_here(run.command):
            for write in _in_text(run.call.text, run.script, ledger):
                yield run, write
    yield from _by_files(state, ledger)


def _by_files(state: ProjectState, ledger: LedgerName) -> Iterator[tuple[Run, LedgerWrite]]:
    """As `ledger_commands`, the files of SQL that a command hands to psql and that drop `ledger`, each told once."""
    texts = {path: content.decode("utf-8", "replace") for path, content in state.handed.items()}
    dropping = [path for path, text in texts.items() if any(drops_in(path, text, ledger, text))]
    if not dropping:
        return
    handing = {path: tuple(state.scripts.runs_of(path)) for path in texts}
    by_script = set(_by_script(state, handing))
    for path in dropping:
        away = [run for run in handing[path] if not is_here(run.command)]
        for run in sorted(away, key=lambda each: not _is_automatic(state, each)):
            key = run.script.key
            # A reset may be in several files; one of the same name that another script hands over is none of it.
            files = (text for each, text in texts.items() if (key, each) in by_script)
            found = list(drops_in(path, texts[path], ledger, "\n".join((run.script.text, *files))))
            yield from ((run, each) for each in found)
            if found:
                break


def _by_script(state: ProjectState, handing: Mapping[str, Iterable[Run]]) -> Iterator[tuple[Key, str]]:
    """Which script hands over which file; where only running tells which one, any that its words may mean."""
    for path, runs in handing.items():
        yield from ((run.script.key, path) for run in runs)
    for run in state.scripts.runs:
        told = run.call.path if isinstance(run.call, FileCall) else "/"
        if "$" in told or (run.directory is None and not told.startswith("/")):
            name, text = basename(told), run.script.text
            for path in handing:
                if basename(path) == name or ("$" in name and basename(path) in text):
                    yield run.script.key, path


def _is_automatic(state: ProjectState, run: Run) -> bool:
    return lasting(state.scripts.reach(run)) is not None


def _in_text(text: str, script: Script, ledger: LedgerName) -> Iterator[LedgerWrite]:
    yield from writes_of_script(script.path, text.encode(), ledger)
    yield from drops_in(script.path, text, ledger, script.text)


def _may_be(state: ProjectState, ledger: LedgerName) -> bool:
    """A glance, before anything is parsed."""
    mentions = state.scripts.mentions
    return mentions("psql", ledger.table) or any(mentions("psql", ledger.schema, each) for each in _DROPS)
