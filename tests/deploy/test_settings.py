"""What a deploy sets in its session is gone after it: a pooler may give the session to the application next."""

import pytest

from migcheck.deploy import session_settings
from tests.support.target_server import Database

pytestmark = pytest.mark.server


def test_one_setting_that_the_server_does_not_know_keeps_none_of_the_others(
    app: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As client_connection_check_interval is to a server below 14.
    monkeypatch.setattr(session_settings, "_SETTINGS", ("lock_timeout", "of_a_later_major", "statement_timeout"))
    query = "select current_setting('lock_timeout'), current_setting('statement_timeout')"
    with app.connect() as connection:
        connection.execute("set lock_timeout = '5s'")
        connection.execute("set statement_timeout = '7s'")
        session_settings.forget_settings(connection)
        assert connection.execute(query).fetchone() == ("0", "0")
