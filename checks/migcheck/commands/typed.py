"""The command that comes next, as it is typed: with what was asked this time."""

import re
from collections.abc import Iterator, Sequence
from shlex import quote

from msgspec.structs import replace

from migcheck.commands.options import Options
from migcheck.regex import regex

_PLAIN = regex(r"\w+~\d*", re.ASCII)


def next_verify(options: Options) -> str:
    """What judges the same folders on the same ledgers."""
    staged = ["--staged"] if options.staged else []
    ledgers = [part for each in options.ledger or () for part in ("--ledger", str(each))]
    return _joined("verify", options, *_given("--base", options.base), *staged, *ledgers)


def next_apply(options: Options, apart: Sequence[str] = (), *, landed: bool = False) -> str:
    """What deploys the same folders. Where a clearance stands for git and a rehearsal, there is neither to ask about.

    `landed`: it will have landed by then, and this time's base says nothing any more. `apart` are the folders where
    several files configure them: a deploy goes by one.
    """
    if apart:
        return " && ".join(next_apply(replace(options, folder=each), landed=landed) for each in apart)
    if options.clearance is not None:
        return _joined("apply", options, "--clearance", str(options.clearance))
    if landed:
        return _joined("apply", options, *_scratch(options), *_start(options))
    return _joined("apply", options, *_judged(options))


def next_clearance(options: Options) -> str:
    """What clears the same folders into the same file; empty where nothing asked for one."""
    if options.clearance is None:
        return ""
    return _joined("verify", options, *_judged(options), "--clearance", str(options.clearance))


def next_baseline(options: Options, to: str | None) -> str:
    """What records the same folder up to the migration `to`; None is whatever was asked for this time."""
    return _joined("baseline", options, *_given("--to", options.to if to is None else to), *_judged(options))


def next_undo(options: Options) -> str:
    """What undoes the same migrations of the same folder."""
    return _joined("undo", options, *_given("--to", options.to), *_judged(options))


def _judged(options: Options) -> Iterator[str]:
    """How the folder is judged and rehearsed."""
    yield from (*_given("--base", options.base), *_scratch(options), *_start(options))
    if options.trust_prelude:
        yield "--trust-prelude"


def _scratch(options: Options) -> Iterator[str]:
    # A server's URL can hold a password.
    return _given("--scratch", "URL" if "://" in (options.scratch or "") else options.scratch)


def _start(options: Options) -> Iterator[str]:
    return _given("--start-from", options.start_from)


def _joined(command: str, options: Options, *own: str) -> str:
    env_file = None if options.env_file is None else str(options.env_file)
    shared = (
        *_given("--env-file", env_file),
        *_given("--transport", options.transport),
        *_given("--wait", str(options.wait) if options.wait else None),
        *_given("--config", options.config),
    )
    folder = () if options.folder is None else (options.folder,)
    return " ".join(("migcheck", command, *map(_word, (*folder, *own, *shared))))


def _word(text: str) -> str:
    """A word of a shell. HEAD~1 is one as it stands."""
    return text if _PLAIN.fullmatch(text) else quote(text)


def _given(option: str, value: str | None) -> Iterator[str]:
    if value is not None:
        yield from (option, value)
