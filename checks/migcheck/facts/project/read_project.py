"""Reading what is around a migrations folder out of a git repository, in head and when it is asked for in base."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from posixpath import basename, dirname

from migcheck.drizzle.config_file import is_config_name
from migcheck.drizzle.journal import JOURNAL, is_journal
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.tracked_text import LARGEST, TrackedText
from migcheck.facts.history.history import History
from migcheck.facts.project.judged import ProjectFacts, ProjectState
from migcheck.facts.project.read_sources import foresee_sources, read_sources
from migcheck.paths import lies_below
from migcheck.regex import regex
from migcheck.scripts.ci.gitlab_includes import lacking
from migcheck.scripts.configs import named_in, taken_in
from migcheck.scripts.file_names import PATTERNS
from migcheck.scripts.named_scripts import named_in_texts, scripts_among
from migcheck.scripts.scripts import Scripts
from migcheck.sources.addresses import CONFIGURED

_CONFIGS = "**/drizzle*config*"
_JOURNALS = f"**/{JOURNAL}"
_PSQL = b"psql"
_SQL = regex(rb"[\w@+-][\w@+.-]{0,100}\.(?:sql|SQL)\b", re.ASCII)
_MOST_NAMED = 50
_MOST_SCRIPTS = 200
_MOST_HANDED = 200
_MOST_ROUNDS = 5
"""How deep what CI takes in may take in more."""
NOTHING = ProjectState(Scripts())


def read_project(
    repository: Repository, folder: str, ledger: LedgerName, history: History | None, *, staged: bool = False
) -> ProjectFacts:
    """What is around `folder` in the work tree of `repository`, or where `staged` in its index.

    Raises UndecidableError where git cannot read it.
    """
    head = _state(repository.head_text(staged=staged), folder, ledger)
    landed = _landed(repository, folder, ledger, history)
    return ProjectFacts(folder, ledger, head, landed, stood=history is not None and history.before is not None)


def foresee_project(repository: Repository, ledger: LedgerName, *, staged: bool = False) -> None:
    """Have git begin with what takes it longest of what `read_project` asks."""
    text = repository.head_text(staged=staged)
    # Whoever asks tells of what cannot be read.
    with suppress(UndecidableError):
        foresee_sources(text, ledger)


def _landed(
    repository: Repository, folder: str, ledger: LedgerName, history: History | None
) -> Callable[[], ProjectState | None]:
    @cache
    def landed() -> ProjectState | None:
        if history is None:
            return None
        if not history.base.revision:
            return NOTHING
        before = folder if history.before is None else history.before.path
        try:
            return _state(repository.base_text(history.base.revision), before, ledger)
        except UndecidableError:
            # A clone that lacks objects: what cannot be compared is not called new.
            return None

    return landed


def _state(text: TrackedText, folder: str, ledger: LedgerName) -> ProjectState:
    paths = text.paths(*PATTERNS, _CONFIGS, _JOURNALS)
    journals = [each for each in paths if is_journal(each)]
    folders = frozenset(dirname(dirname(each)) or "." for each in journals)
    files = dict(text.read(each for each in paths if not is_journal(each)))
    asked = frozenset[str]()
    new: Mapping[str, bytes] = files
    for _ in range(_MOST_ROUNDS):
        wanted = lacking(files) - asked
        asked |= wanted
        from_others = text.read(text.paths(*sorted(wanted)[:_MOST_NAMED])) if wanted else {}
        new = {**from_others, **_named_scripts(text, files, new)}
        if not new:
            break
        files |= new
    # What is called as no other configuration is: a command tells of it.
    named = named_in(files)
    others = [f"**/{each}" for each in sorted(named) if not is_config_name(basename(each))]
    files |= text.read(text.paths(*others[:_MOST_NAMED])) if others else {}
    files |= text.read(sorted(taken_in(files, named) - files.keys()))
    scripts = Scripts(files, folder, folders)
    if text.is_busy and scripts.may_run("drizzle-kit", "push"):
        # MC601 asks for it whatever git finds, and here nobody waits. What no rule asks for is not told as unread.
        _ = scripts.runs
    configured = any(map(scripts.mentions, CONFIGURED))
    sources = read_sources(text, folder, ledger, journals, configured=configured)
    handed = _handed(text, files, folder)
    beyond = handed[_MOST_HANDED : _MOST_HANDED + 1]
    left = (f"{each} (one of more than {_MOST_HANDED} files of SQL that psql may be given)" for each in beyond)
    passed_over = (*_passed_over(text, paths, files), *left)
    return ProjectState(scripts, sources, passed_over, text.read(handed[:_MOST_HANDED]))


def _named_scripts(text: TrackedText, files: Mapping[str, bytes], new: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The shell scripts without an ending that `new` ones of `files` name, and that are not among them."""
    names = sorted(named_in_texts(new.values()))
    paths = [each for each in text.paths(*(f"**/{name}" for name in names)) if each not in files] if names else []
    return scripts_among(text.read(paths[:_MOST_SCRIPTS]), files.values()) if paths else {}


def _handed(text: TrackedText, files: Mapping[str, bytes], folder: str) -> Sequence[str]:
    """The SQL whose names stand in `files` that speak of psql; last what lies in `folder`, where all have one name."""
    names = {name.decode() for each in files.values() if _PSQL in each for name in _SQL.findall(each)}
    found = text.paths(*(f"**/{name}" for name in sorted(names))) if names else ()
    return sorted(found, key=lambda each: lies_below(each, folder))


def _passed_over(text: TrackedText, paths: Iterable[str], files: Mapping[str, bytes]) -> Iterator[str]:
    for path in paths:
        if path not in files and not is_journal(path) and text.is_there(path):
            yield f"{path} (larger than {LARGEST // 1024} KiB, or not to be read)"
