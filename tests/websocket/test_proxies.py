"""Who may name a proxy, and which of two is spoken to: it sees the password."""

import pytest

from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository

DATABASE = "postgresql://app:s3cret-word@db.example.org/app"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("MIGCHECK_WEBSOCKET_PROXY", "wss://proxy.example.org/v1"),
        ("MIGCHECK_HTTPS_PROXY", "http://me:pass@proxy.example.org:3128"),
    ],
)
def test_a_file_names_no_proxy(a_repo: GitRepository, command: Command, name: str, url: str) -> None:
    """A tracked file is one that a pull request changes."""
    a_folder(a_repo / "drizzle", {"0000_a": "create table a (id int);"}, snapshots=False)
    (a_repo / ".env").write_text(f"{name}={url}\n")
    a_repo.commit(message="Add migrations")
    told = f".env sets {name}: whoever may change that file would be sent the password"
    ran = command("status", "--env-file", ".env", cwd=a_repo.top, env={"DATABASE_URL": DATABASE})
    assert (ran.code, told in ran.err, "pass" in ran.err.replace(told, "")) == (2, True, False), ran
