"""What is said of a COMMIT whose connection is gone, where it cannot be read back."""

import psycopg
import pytest

from migcheck.deploy.alone import seen_behind
from migcheck.deploy.fate import Progress


@pytest.mark.parametrize(
    ("error", "why"),
    [
        pytest.param(None, "interrupted", id="a signal"),
        pytest.param(
            psycopg.OperationalError("the server closed the connection"), "the server closed the connection", id="lost"
        ),
    ],
)
def test_what_kept_it_from_being_read_back_is_named(error: Exception | None, why: str) -> None:
    seen = seen_behind(Progress(), error)
    assert (seen.warnings, seen.records) == ((f"committed, but not read back: {why}",), None)
