"""Copying a target that stands still, or does not: one moment, bounded waits, and remedies."""

import os
from pathlib import Path

import pytest

from migcheck.drizzle.ledger import Ledger
from migcheck.errors import UndecidableError
from migcheck.facts.read_copy import read_copy
from migcheck.postgres.target.address import parse_address
from tests.support.copies import NAME, copy_of, record
from tests.support.target_server import Database, TargetServer
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.server


def test_a_table_that_somebody_has_locked_is_not_waited_for(app: Database) -> None:
    app.run("create table users (id int)")
    with app.connect() as holder:
        holder.execute("begin; lock table users")
        with pytest.raises(UndecidableError, match=r"a table of .* is locked, and was for 0\.1 s") as locked:
            copy_of(app, lock_seconds=0.1)
    assert "run again" in locked.value.remedy


def test_a_ledger_that_a_deploy_has_locked_is_not_waited_for(app: Database) -> None:
    record(app, {"0000_a": "select 1;"})
    with app.connect() as holder:
        holder.execute(f"begin; lock table {NAME}".encode())
        address = parse_address(app.url, "DATABASE_URL")
        with pytest.raises(UndecidableError, match="is locked, most likely by a deploy"):
            read_copy(address, Ledger(NAME), seconds=PATIENCE, lock_seconds=0.1)


def test_a_ledger_that_has_changed_is_no_place_to_start_from(app: Database) -> None:
    record(app, {"0000_a": "select 1;"})
    address = parse_address(app.url, "DATABASE_URL")
    with pytest.raises(UndecidableError, match="has changed since it was read"):
        read_copy(address, Ledger(NAME), seconds=PATIENCE, lock_seconds=PATIENCE)


def test_it_is_over_when_its_time_is(app: Database) -> None:
    address = parse_address(app.url, "DATABASE_URL")
    with pytest.raises(UndecidableError, match=r"was not copied within 0\.001 s") as late:
        read_copy(address, Ledger(NAME, exists=False), seconds=0.001, lock_seconds=PATIENCE)
    assert "`timeout` under [scratch]" in late.value.remedy


def test_a_table_that_the_role_may_not_read_is_told(app: Database, target_server: TargetServer) -> None:
    Database(app.port, app.name, "postgres", target_server.password).run("create table theirs (id int)")
    with pytest.raises(UndecidableError, match=r"cannot copy the schema .*permission denied for table theirs") as told:
        copy_of(app)
    assert "read every table" in told.value.remedy


def test_nothing_is_written_on_the_target(app: Database) -> None:
    before = app.ask("select pg_current_xact_id_if_assigned(), count(*) from pg_class")
    copy_of(app)
    assert app.ask("select pg_current_xact_id_if_assigned(), count(*) from pg_class") == before


@pytest.mark.debian
def test_no_password_is_in_the_command_line(app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = tmp_path / "arguments"
    real = copy_of(app).program.partition("(")[2].rstrip(")")
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>{written}\nexec {real}/pg_dump "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("MIGCHECK_PG_BIN", str(tmp_path))
    assert copy_of(app).program.endswith(f"({tmp_path})")
    told = written.read_text()
    assert f"dbname={app.name}" in told
    assert app.password not in told
    assert app.password not in repr(copy_of(app))
    assert "PGPASSWORD" not in os.environ
