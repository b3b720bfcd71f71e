"""Connecting to a database that is still starting, or that has to be woken: only to connect is tried again."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from migcheck.errors import UndecidableError
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.address import Address
from migcheck.postgres.target.connecting import connect
from migcheck.postgres.target.refusals import AsleepError, NotYetError

WAKING_SECONDS = 60
"""How long a suspended compute of Neon's is waited for, whatever was asked: its proxy gives up after some 15 s."""
_PAUSES = (0.25, 0.5, 1.0, 2.0)


@contextmanager
def connect_when_ready(
    address: Address, application: str, tell: Callable[[str], None] = lambda _line: None
) -> Iterator[Connection]:
    """As `connect`, again and again while nobody answers, for as many seconds as the address's route says.

    `tell` hears once what is waited for. An attempt that has begun in time is not cut short. Nothing that was refused
    is tried again: a wrong password would lock the account.
    """
    with ExitStack() as opened:
        yield _enter(opened, address, application, tell)


def _enter(opened: ExitStack, address: Address, application: str, tell: Callable[[str], None]) -> Connection:
    began, tried = time.monotonic(), 0
    while True:
        try:
            return opened.enter_context(connect(address, application))
        except NotYetError as error:
            seconds = max(address.route.wait, WAKING_SECONDS) if isinstance(error, AsleepError) else address.route.wait
            left = began + seconds - time.monotonic()
            if seconds == 0:
                raise
            if left <= 0:
                raise UndecidableError(f"{error.problem} (waited {seconds} s)", error.remedy) from error
            if tried == 0:
                tell(f"waiting up to {seconds} s: {error.problem}")
        time.sleep(min(_PAUSES[min(tried, len(_PAUSES) - 1)], left))
        tried += 1
