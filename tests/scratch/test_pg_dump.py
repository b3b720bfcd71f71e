"""Where `pg_dump` comes from, and what of its output is for a server."""

import os
from pathlib import Path

import pytest
from tests.support.target_server import Database, TargetServer
from tests.support.waiting import PATIENCE

from migcheck.errors import UndecidableError
from migcheck.postgres.target.dump_programs import DumpProgram, dump_programs
from migcheck.postgres.target.pg_dump import NO_TLS, DumpError, Dumping, dump_schema, without_meta_commands

RESTRICTED = "--\n-- PostgreSQL database dump\n--\n\n\\restrict Abc123\n\nselect 1;\n{body}\n\\unrestrict Abc123\n\n"


def test_the_lines_for_psql_are_taken_off() -> None:
    body = "create function f() returns text language sql as $$\n\\unrestrict Abc123\n$$;"
    told = without_meta_commands(RESTRICTED.format(body=body))
    assert told == f"--\n-- PostgreSQL database dump\n--\n\n\nselect 1;\n{body}\n"


def test_a_dump_without_them_stays_as_it_is() -> None:
    text = "--\n-- PostgreSQL database dump\n--\n\nselect '\n\\restrict Abc123\n';\n"
    assert without_meta_commands(text) == text


def test_none_that_is_new_enough_is_told_with_what_to_install() -> None:
    with pytest.raises(UndecidableError, match="takes a pg_dump of PostgreSQL 99 or newer, and there is ") as none:
        dump_programs(99, os.environ)
    assert "`apt-get install postgresql-client-99`" in none.value.remedy
    assert "MIGCHECK_PG_BIN" in none.value.remedy


def test_the_nearest_major_comes_first() -> None:
    majors = [each.major for each in dump_programs(16, {})]
    assert (majors, majors[0]) == (sorted(majors), 16)


def test_clients_alone_will_do(tmp_path: Path) -> None:
    """No `postgres` beside it, which a scratch server would need."""
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 98.1'\n")
    program.chmod(0o755)
    assert dump_programs(98, {"MIGCHECK_PG_BIN": str(tmp_path)}) == (DumpProgram(program, 98, str(tmp_path)),)


@pytest.mark.server
def test_each_program_of_this_machine_reads_the_target(app: Database, target_server: TargetServer) -> None:
    """Each major has options of its own."""
    app.run("create table users (id int)")
    parameters = {"host": "127.0.0.1", "port": str(app.port), "user": app.role, "dbname": app.name}
    programs = dump_programs(target_server.major, os.environ)
    with app.connect() as connection:
        connection.execute("begin isolation level repeatable read read only")
        [(snapshot,)] = connection.execute("select pg_export_snapshot()").fetchall()
        asked = Dumping(str(snapshot), PATIENCE, PATIENCE)
        app.run("create table too_late (id int)")
        for program in programs:
            dumped = dump_schema(program, {**parameters, "password": app.password}, asked)
            assert ("CREATE TABLE public.users" in dumped, "too_late" in dumped) == (True, False), program
            assert "\\" not in dumped
            with pytest.raises(DumpError, match="password"):
                dump_schema(program, {**parameters, "password": "wrong"}, asked)
    assert len(programs) > 1


def test_a_program_that_speaks_no_tls_never_goes_on_in_the_clear() -> None:
    for program in dump_programs(16, {}):
        with pytest.raises(DumpError) as refused:
            dump_schema(program, {"host": "127.0.0.1", "port": "9", "sslmode": "require"}, Dumping("", PATIENCE, 1))
        assert NO_TLS.search(str(refused.value)) or "Connection refused" in str(refused.value)
