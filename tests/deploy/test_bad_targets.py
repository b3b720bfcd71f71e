"""What no deploy can go to: a clear sentence, the right exit code, and nothing changed, over both ways there."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from migcheck.deploy.clearance_file import write_clearances
from migcheck.drizzle.folder import Layout
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from migcheck.postgres.running.ledger import create_ledger
from tests.support.command import Command, Ran
from tests.support.deploys import NAME, cleared, ledger_rows, tables
from tests.support.doorman import Answer, doorman, hangs_up, says_http
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.standby import standby
from tests.support.standin import standin
from tests.support.target_server import Database, TargetServer

pytestmark = pytest.mark.server

Deploy = Callable[[str], Ran]


@pytest.fixture
def repo(a_repo: GitRepository, tmp_path: Path) -> GitRepository:
    """A folder with one migration, cleared for an empty database."""
    a_folder(a_repo / "drizzle", {"0000_a": "create table a (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    given = [cleared(read_folder(DiskTree(a_repo.top), "drizzle"))]
    write_clearances(tmp_path / "cleared.json", given, at=datetime.now(tz=UTC), commit=a_repo.head)
    return a_repo


@pytest.fixture(params=["tcp", "websocket"])
def deploy(request: pytest.FixtureRequest, repo: GitRepository, tmp_path: Path, command: Command) -> Deploy:
    """`migcheck apply` of what is cleared, to a URL of the loopback, straight or over the stand-in."""

    def run(url: str) -> Ran:
        port = int(url.rpartition("@127.0.0.1:")[2].partition("/")[0])
        with standin(("127.0.0.1", port)) as proxy:
            env = {"DATABASE_URL": url, "MIGCHECK_WEBSOCKET_PROXY": proxy.url}
            asked = ("apply", "--clearance", str(tmp_path / "cleared.json"), "--transport", request.param)
            return command(*asked, cwd=repo.top, env=env)

    return run


def untouched(app: Database) -> bool:
    return tables(app) == [] and app.ask("select 1 from pg_namespace where nspname = 'drizzle'") == []


def test_a_good_one_is_deployed_to(deploy: Deploy, app: Database) -> None:
    ran = deploy(app.url)
    assert (ran.code, tables(app)) == (0, ["a"]), ran


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("pw-", "s3cret-", "refuses the user or the password: "),
        ("://app", "://nobody", "refuses the user or the password: "),
        ("", "_none", "does not exist: "),
    ],
)
def test_a_url_that_is_wrong_in_one_place(deploy: Deploy, app: Database, right: str, wrong: str, told: str) -> None:
    ran = deploy(app.url.replace(right, wrong) if right else app.url + wrong)
    assert (ran.code, told in ran.out) == (3, True), ran
    assert "s3cret-" not in ran.out + ran.err
    assert untouched(app)


@pytest.mark.parametrize(
    ("answer", "told"),
    [(hangs_up, "cannot be reached: "), (says_http, "what answers at 127.0.0.1")],
    ids=["closes", "http"],
)
def test_somebody_else_answers(deploy: Deploy, app: Database, answer: Answer, told: str) -> None:
    with doorman(app.port, [answer] * 9) as door:
        ran = deploy(app.url.replace(str(app.port), str(door.port)))
    assert (ran.code, told in ran.out) == (3, True), ran
    assert untouched(app)


def test_a_replica_takes_no_writes(deploy: Deploy, target_server: TargetServer, app: Database) -> None:
    with standby(target_server) as port:
        ran = deploy(app.url.replace(str(target_server.port), str(port)))
    assert (ran.code, "MC501" in ran.out) == (1, True), ran
    assert untouched(app)


def test_a_role_that_may_create_nothing(deploy: Deploy, target_server: TargetServer, app: Database) -> None:
    other = target_server.database()
    ran = deploy(Database(app.port, app.name, other.role, other.password).url)
    assert (ran.code, "MC510" in ran.out, f"lacks CREATE on database {app.name}" in ran.out) == (1, True, True), ran
    assert f'`grant create on database "{app.name}" to "{other.role}"; ' in " ".join(ran.out.split())
    assert untouched(app)
    with app.connect() as connection:
        create_ledger(connection, NAME, Layout.JOURNAL)
    ran = deploy(Database(app.port, app.name, other.role, other.password).url)
    lacks = f'as the ledger\'s owner, `grant usage on schema "drizzle" to "{other.role}"; grant select on '
    assert (ran.code, lacks in " ".join(ran.out.split())) == (3, True), ran


def test_a_search_path_that_leads_nowhere(deploy: Deploy, app: Database) -> None:
    app.run(f"alter role {app.role} in database {app.name} set search_path = nowhere, nor_here")
    ran = deploy(app.url)
    told = (
        f"the search_path of role {app.role} on 127.0.0.1:{app.port}/{app.name} (nowhere, nor_here) leads to no schema"
    )
    assert (ran.code, "MC510" in ran.out, told in " ".join(ran.out.split())) == (1, True, True), ran
    assert untouched(app)
    app.run(" ".join(ran.out.split()).partition("have it lead to one: `")[2].partition("`")[0])
    ran = deploy(app.url)
    assert (ran.code, tables(app)) == (0, ["a"]), ran


@pytest.mark.usefixtures("lent_scratch")
def test_a_search_path_that_leads_elsewhere_than_before(repo: GitRepository, app: Database, command: Command) -> None:
    env = {"DATABASE_URL": app.url}
    assert command("apply", "drizzle", cwd=repo.top, env=env).code == 0
    add_migration(repo / "drizzle", "0001_b", "do $$ begin create table b (id int); end $$;", snapshot=False)
    repo.commit(message="Add b")
    app.run("create schema other", f"alter role {app.role} in database {app.name} set search_path = other, public")
    ran = command("apply", "drizzle", cwd=repo.top, env=env)
    text = " ".join(ran.out.split())
    told = "(other, public) leads to schema other, where nothing is of what was made in public by such names before"
    assert (ran.code, "error MC510" in text, told in text, tables(app)) == (1, True, True, ["a"]), ran
    app.run(text.partition("Have it lead to public: `")[2].partition("`")[0])
    assert (command("apply", "drizzle", cwd=repo.top, env=env).code, tables(app)) == (0, ["a", "b"])


def test_a_ledger_with_rows_that_nobody_knows(deploy: Deploy, repo: GitRepository, app: Database) -> None:
    folder = read_folder(DiskTree(repo.top), "drizzle")
    with app.connect() as connection:
        create_ledger(connection, NAME, folder.layout)
        connection.execute(f"insert into {NAME} (hash, created_at) values ('strange', 1), ('odd', 2)".encode())
    ran = deploy(app.url)
    assert (ran.code, "MC506" in ran.out) == (1, True), ran
    assert (tables(app), [row[1:] for row in ledger_rows(app)]) == ([], [("strange", 1), ("odd", 2)])


@contextmanager
def behind_tls(app: Database, tmp_path: Path, name: str, not_after: datetime | None = None) -> Iterator[str]:
    """The URL of `app` behind a server that shows a certificate for `name`."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=not_after).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with doorman(app.port, [hangs_up] * 9, context) as door:
        url = app.url.replace(f"127.0.0.1:{app.port}", f"localhost:{door.port}")
        yield f"{url}?sslmode=verify-full&sslrootcert={tmp_path / 'ca.pem'}"


@pytest.mark.parametrize(
    ("name", "days", "told"),
    [("other.example.org", 1, 'does not match host name "localhost"'), ("localhost", -1, "certificate verify failed")],
)
def test_a_certificate_that_proves_nothing(
    repo: GitRepository, command: Command, app: Database, tmp_path: Path, *, name: str, days: int, told: str
) -> None:
    """Over TCP; what a WebSocket says to one is in tests/websocket/test_refused.py."""
    with behind_tls(app, tmp_path, name, datetime.now(tz=UTC) + timedelta(days=days)) as url:
        asked = ("apply", "--clearance", str(tmp_path / "cleared.json"), "--wait", "60")
        ran = command(*asked, cwd=repo.top, env={"DATABASE_URL": url})
    assert (ran.code, "cannot agree on TLS" in ran.out, told in " ".join(ran.out.split())) == (3, True, True), ran
    assert untouched(app)
