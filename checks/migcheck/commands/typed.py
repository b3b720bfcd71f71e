"""The command that comes next, as it is typed: with what was asked this time."""

import re
from collections.abc import Iterator
from shlex import quote

from migcheck.commands.options import Options
from migcheck.route import Transport

_PLAIN = re.compile(r"\w+~\d*", re.ASCII)


def next_verify(options: Options) -> str:
    """What judges the same folders on the same ledgers."""
    staged = ["--staged"] if options.staged else []
    ledgers = [part for each in options.ledger or () for part in ("--ledger", str(each))]
    return _joined("verify", options, *_given("--base", options.base), *staged, *ledgers)


def next_apply(options: Options, *, landed: bool = False) -> str:
    """What deploys the same folders. Where a clearance stands for git and a rehearsal, there is neither to ask about.

    `landed`: it will have landed by then, and this time's base says nothing any more.
    """
    if options.clearance is not None:
        return _joined("apply", options, "--clearance", str(options.clearance))
    # A server's URL can hold a password.
    scratch = "URL" if "://" in (options.scratch or "") else options.scratch
    base = () if landed else _given("--base", options.base)
    trust = ["--trust-prelude"] if options.trust_prelude and not landed else []
    return _joined("apply", options, *base, *_given("--scratch", scratch), *trust)


def _joined(command: str, options: Options, *own: str) -> str:
    transport = None if options.transport is None else Transport(options.transport).value
    env_file = None if options.env_file is None else str(options.env_file)
    shared = (
        *_given("--env-file", env_file),
        *_given("--transport", transport),
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
