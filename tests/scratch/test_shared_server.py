"""On a server that others use: whose the roles of a prelude are, and when they go."""

from contextlib import ExitStack

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.support.servers import ADMIN_URL, Servers
from tests.support.waiting import once

from migcheck.config.config import ScratchConfig
from migcheck.postgres.scratch.candidates import candidates
from migcheck.postgres.scratch.provider import provider_prelude

pytestmark = pytest.mark.server


def test_the_roles_of_a_prelude_go_with_the_run(own_servers: Servers) -> None:
    prelude = "CREATE ROLE migcheckless; CREATE TABLE of_it (); ALTER TABLE of_it OWNER TO migcheckless"
    prelude += "; SET ROLE migcheckless"
    with own_servers.another("dsn", 17, prelude=prelude) as server:
        server.create_database("one")
    with psycopg.connect(own_servers.admin_url(17)) as session:
        assert session.execute("SELECT to_regrole('migcheckless')").fetchall() == [(None,)]


def roles_of(url: str, *names: str) -> list[tuple[object, ...]]:
    """Which of the roles `names` there are, each with its comment."""
    query = "SELECT rolname, shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = ANY(%s) ORDER BY 1"
    with psycopg.connect(url) as session:
        return session.execute(query, (list(names),)).fetchall()


@pytest.mark.parametrize("commit", ["", "COMMIT;"])
def test_a_role_that_somebody_else_makes_meanwhile_stays_theirs(own_servers: Servers, commit: str) -> None:
    url = own_servers.admin_url(17)
    until = "DO $$ BEGIN WHILE NOT exists(SELECT FROM pg_roles WHERE rolname ~ '^colleag') LOOP END LOOP; END $$;"
    prelude = f"CREATE ROLE migcheckless; {until} {commit}"
    with psycopg.connect(url, autocommit=True) as other:

        def prelude_waits() -> bool:
            told = "SELECT FROM pg_stat_activity WHERE query = %s AND state = 'active'"
            return bool(other.execute(told, (prelude,)).fetchall())

        def make() -> None:
            other.execute("CREATE ROLE colleague")
            other.execute("COMMENT ON ROLE colleague IS 'theirs'")

        try:
            with own_servers.another("dsn", 17, prelude=prelude) as server, once(prelude_waits, make):
                server.create_database("one")
            assert roles_of(url, "colleague", "migcheckless") == [("colleague", "theirs")]
        finally:
            other.execute("DROP ROLE IF EXISTS colleague")


def test_the_roles_of_a_prelude_stay_until_the_last_run_that_may_use_them_ends(own_servers: Servers) -> None:
    url, prelude = own_servers.admin_url(17), provider_prelude("neon")
    with ExitStack() as second_run:
        with own_servers.another("dsn", 17, prelude=prelude) as first:
            first.create_database("one")
            second = second_run.enter_context(own_servers.another("dsn", 17, prelude=prelude))
            second.create_database("one")
        with second.connect("one") as session:
            session.execute("CREATE TABLE t (); GRANT SELECT ON t TO authenticated")
    assert roles_of(url, "anonymous", "authenticated") == []


def test_roles_that_a_killed_run_has_marked_are_swept(own_servers: Servers) -> None:
    url = own_servers.admin_url(17)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE left_over; COMMENT ON ROLE left_over IS 'migcheck_0123456789ab_'")
    with own_servers.another("dsn", 17):
        pass
    assert roles_of(url, "left_over") == []


@pytest.mark.parametrize(("given", "kept"), [("", "SCRAM-SHA-256$1"), ("lender", "SCRAM-SHA-256$4096")])
def test_a_superuser_gives_a_verifier_and_any_other_the_password(own_servers: Servers, given: str, kept: str) -> None:
    """A provider that keeps the superuser to itself may take no verifier, as Neon does not."""
    url = own_servers.admin_url(17)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE lender LOGIN CREATEDB CREATEROLE PASSWORD 'lent'")
        admin.execute("GRANT CONNECT ON DATABASE postgres TO lender")
        lent = make_conninfo(url, **({"user": given, "password": "lent"} if given else {}))
        try:
            with next(candidates(ScratchConfig(kind="dsn"), environ={ADMIN_URL: lent})).start():
                query = "SELECT rolpassword FROM pg_authid WHERE rolname ~ '^migcheck_.*_owner$'"
                ours = admin.execute(query).fetchall()
        finally:
            admin.execute("DROP OWNED BY lender; DROP ROLE lender")
    assert [str(text).split(":")[0] for (text,) in ours] == [kept]
