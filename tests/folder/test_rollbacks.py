"""Which files of a folder undo a migration."""

from pathlib import Path

from migcheck.drizzle.folder import Layout
from migcheck.drizzle.rollback import rollback_path, rollbacks_of
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from tests.support.folders import a_folder, a_folder_1_0, add_migration

USERS = {"0000_users": "create table users (id int);"}


def read(top: Path) -> dict[str, tuple[str, bytes]]:
    """The path and the SQL of each rollback of the folder `drizzle`, by the tag that it undoes."""
    found = rollbacks_of(read_folder(DiskTree(top), "drizzle"))
    return {each.migration.tag: (each.script.path, each.script.sql) for each in found}


def test_beside_the_migration(tmp_path: Path) -> None:
    drizzle = a_folder(tmp_path / "drizzle", USERS)
    (drizzle / "0000_users.down.sql").write_text("drop table users;")
    assert read(tmp_path) == {"0000_users": ("drizzle/0000_users.down.sql", b"drop table users;")}
    assert rollback_path(Layout.JOURNAL, "drizzle", "0000_users") == "drizzle/0000_users.down.sql"
    assert rollback_path(Layout.JOURNAL, ".", "0000_users") == "0000_users.down.sql"


def test_in_a_folder_of_their_own(tmp_path: Path) -> None:
    drizzle = a_folder(tmp_path / "drizzle", USERS)
    (drizzle / "down").mkdir()
    (drizzle / "down" / "0000_users.sql").write_text("drop table users;")
    assert read(tmp_path) == {"0000_users": ("drizzle/down/0000_users.sql", b"drop table users;")}
    (drizzle / "0000_users.down.sql").write_text("-- beside")
    assert read(tmp_path) == {"0000_users": ("drizzle/0000_users.down.sql", b"-- beside")}


def test_what_the_journal_names_is_a_migration(tmp_path: Path) -> None:
    drizzle = a_folder(tmp_path / "drizzle", USERS)
    add_migration(drizzle, "0000_users.down", "select 1;")
    assert read(tmp_path) == {}


def test_what_undoes_nothing_is_none(tmp_path: Path) -> None:
    drizzle = a_folder(tmp_path / "drizzle", USERS)
    (drizzle / "0001_posts.down.sql").write_text("drop table posts;")
    assert read(tmp_path) == {}


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    drizzle = a_folder(tmp_path / "drizzle", USERS)
    (tmp_path / "out.sql").write_text("drop table users;")
    (drizzle / "0000_users.down.sql").symlink_to(tmp_path / "out.sql")
    assert read(tmp_path) == {}


def test_in_the_layout_of_1_0_it_is_beside_the_sql(tmp_path: Path) -> None:
    drizzle = a_folder_1_0(tmp_path / "drizzle", {"20260101000000_users": "create table users (id int);"})
    (drizzle / "20260101000000_users" / "down.sql").write_text("drop table users;")
    path = "drizzle/20260101000000_users/down.sql"
    assert rollback_path(Layout.FOLDERS, "drizzle", "20260101000000_users") == path
    assert read(tmp_path) == {"20260101000000_users": (path, b"drop table users;")}
