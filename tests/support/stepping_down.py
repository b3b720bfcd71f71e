"""Root may look everywhere, so a test of permissions is a test of nothing unless root steps down."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Run as a user without rights, where root runs the tests.

    What is not loaded yet cannot be loaded here: the packages may lie where only root gets to.
    """
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)
