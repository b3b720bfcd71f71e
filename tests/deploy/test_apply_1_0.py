"""Deploys of a folder of Drizzle 1.0: by name, whatever the time."""

from pathlib import Path

import pytest

from migcheck.deploy.outcome import NothingToDo
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from tests.support.deploys import deploy, plan_applied
from tests.support.folders import a_folder_1_0
from tests.support.target_server import Database

pytestmark = pytest.mark.server


class TestLayout10:
    FOLDERS = {  # noqa: RUF012 - never written to
        "20240101000000_users": "create table users (id int);",
        "20240101000001_posts": "create table posts (id int);",
    }

    def test_a_folder_of_1_0_gets_rows_with_names(self, app: Database, tmp_path: Path) -> None:
        a_folder_1_0(tmp_path / "drizzle", self.FOLDERS)
        folder = read_folder(DiskTree(tmp_path), "drizzle")
        assert plan_applied(deploy(app, folder)) == list(self.FOLDERS)
        assert app.ask("select name, created_at, applied_at is not null from drizzle.__drizzle_migrations") == [
            ("20240101000000_users", 1_704_067_200_000, True),
            ("20240101000001_posts", 1_704_067_201_000, True),
        ]
        assert deploy(app, folder) == NothingToDo()

    def test_a_name_that_is_missing_is_run_whatever_its_time(self, app: Database, tmp_path: Path) -> None:
        a_folder_1_0(tmp_path / "1" / "drizzle", dict(list(self.FOLDERS.items())[1:]))
        deploy(app, read_folder(DiskTree(tmp_path / "1"), "drizzle"))
        a_folder_1_0(tmp_path / "2" / "drizzle", self.FOLDERS)
        assert plan_applied(deploy(app, read_folder(DiskTree(tmp_path / "2"), "drizzle"))) == ["20240101000000_users"]
