"""`[[migration]]` names a migration that is there, once; what is said of none is told with its place."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, add_migration, drop_entry
from tests.support.repositories import GitRepository

SQL = "create table users (id integer);"


def outside(*tags: str) -> str:
    return "".join(f'[[migration]]\ntag = "{tag}"\ntransaction = "none"\n\n' for tag in tags)


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    a_folder(a_repo / "drizzle", {"0000_users": SQL, "0001_email": SQL})
    a_repo.commit()
    return a_repo


def test_a_tag_of_the_folder_is_taken(command: Command, repo: GitRepository) -> None:
    repo.commit({"migcheck.toml": outside("0001_email")})
    assert command("verify", "--offline", cwd=repo.top).code == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            outside("0001_email", "0001_emial"),
            "migcheck.toml:5: there is no migration 0001_emial. did you mean 0001_email?",
        ),
        (outside("x"), "migcheck.toml:1: there is no migration x. take it out, or correct the tag"),
        (
            outside("0000_users", "0000_users"),
            "migcheck.toml:5: the migration 0000_users is configured twice. keep one",
        ),
        ('migration = [{ tag = "x" }]', "migcheck.toml:1: there is no migration x. take it out, or correct the tag"),
        (outside("x").replace('"none"', '"all"'), "migcheck.toml:3: migration.transaction: input should be 'none'"),
        ("[migration]", "migcheck.toml:1: migration: it is a list of tables: write [[migration]]"),
    ],
)
def test_what_is_said_of_no_migration(command: Command, repo: GitRepository, text: str, problem: str) -> None:
    repo.commit({"migcheck.toml": text})
    ran = command("verify", "--offline", cwd=repo.top)
    assert (ran.code, ran.out) == (2, "")
    assert problem in ran.err.replace("\n  remedy: ", ". "), ran.err


def test_a_migration_of_a_folder_that_is_left_out_is_there(command: Command, repo: GitRepository) -> None:
    a_folder(repo / "apps/web/drizzle", {"0000_web": SQL})
    repo.commit({"migcheck.toml": outside("0000_web", "0001_email")})
    for folder in ("drizzle", "apps/web/drizzle"):
        assert command("verify", "--offline", folder, cwd=repo.top).code == 0


def test_without_git_every_configured_folder_may_have_it(command: Command, tmp_path: Path) -> None:
    a_folder(tmp_path / "a", {"0000_a": SQL})
    a_folder(tmp_path / "b", {"0000_b": SQL})
    folders = "".join(f'[[folder]]\npath = "{name}"\ndatabase_url = "{name}"\n' for name in "ab")
    (tmp_path / "migcheck.toml").write_text(outside("0000_b") + folders)
    assert command("verify", "--offline", cwd=tmp_path).code == 3
    (tmp_path / "migcheck.toml").write_text(outside("0000_c") + folders)
    assert command("verify", "--offline", cwd=tmp_path).code == 2


def test_a_file_without_its_entry_is_the_folders_own_fault(command: Command, repo: GitRepository) -> None:
    drop_entry(repo / "drizzle", "0001_email")
    repo.commit({"migcheck.toml": outside("0001_email")})
    ran = command("verify", "--offline", cwd=repo.top)
    assert ran.code == 1
    assert "MC202" in ran.out


def test_what_a_change_says_of_a_migration_stands_at_the_top(command: Command, repo: GitRepository) -> None:
    repo.commit({"migcheck.toml": ""})
    repo.branch("feature")
    repo.commit({"migcheck.toml": outside("0001_email")})
    ran = command("verify", "--offline", "--base", "main", cwd=repo.top)
    assert "! migcheck.toml: migration[0001_email].transaction: (not set) -> none" in ran.out


@pytest.fixture
def twins(a_repo: GitRepository) -> GitRepository:
    """Two packages whose first migration has the same tag."""
    for package, tag in (("a", "0001_a"), ("b", "0001_b")):
        a_folder(a_repo / f"packages/{package}/drizzle", {"0000_users": SQL, tag: SQL})
    a_repo.commit({"migcheck.toml": FOLDERS})
    return a_repo


A, B = "packages/a/drizzle", "packages/b/drizzle"
FOLDERS = f'[[folder]]\npath = "{A}"\n[[folder]]\npath = "{B}"\nledger = {{ schema = "b" }}\n'


def of(folder: str, tag: str = "0000_users") -> str:
    return outside(tag) + f'folder = "{folder}"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            outside("0000_users"),
            (
                f"migcheck.toml:6: of which folder the migration 0000_users is, it does not say: {A}, {B} have it. add "
                f'the line of the folder that is meant: `folder = "{A}"` or `folder = "{B}"`; where all are, one table '
                "for each"
            ),
        ),
        (of("packages/a/drizle"), f"migcheck.toml:6: there is no folder packages/a/drizle. did you mean {A}?"),
        (
            of("nowhere"),
            f"migcheck.toml:6: there is no folder nowhere. name the folder that holds the migration: {A}, {B}",
        ),
        (of(A, "0001_b"), f"migcheck.toml:6: there is no migration 0001_b in {A}. did you mean 0001_a?"),
        (of(A) + of(B) + of(A), f"migcheck.toml:16: the migration 0000_users in {A} is configured twice. keep one"),
        (of(A, "0001_a") + outside("0001_a"), "migcheck.toml:11: the migration 0001_a is configured twice. keep one"),
    ],
)
def test_of_which_folder_a_migration_is(command: Command, twins: GitRepository, text: str, problem: str) -> None:
    twins.commit({"migcheck.toml": FOLDERS + text})
    ran = command("verify", "--offline", cwd=twins.top)
    assert (ran.code, ran.out) == (2, "")
    assert problem in ran.err.replace("\n  remedy: ", ". "), ran.err


def test_what_is_said_of_one_folders_migration_is_not_said_of_anothers(command: Command, twins: GitRepository) -> None:
    """Only outside of a transaction is CONCURRENTLY not refused: the one folder's statement is, the other's is not."""
    for each in (A, B):
        add_migration(twins / each, "0002_index", "create index concurrently if not exists i on users (id);")
    twins.commit({"migcheck.toml": FOLDERS + of(A, "0002_index")})
    ran = command("verify", "--offline", "--format", "json", cwd=twins.top)
    refused = [each["folder"] for each in json.loads(ran.out)["findings"] if each["code"] == "MC311"]
    assert refused == [B], ran.err


def test_a_change_of_what_is_said_names_the_folder(command: Command, twins: GitRepository) -> None:
    twins.branch("feature")
    twins.commit({"migcheck.toml": FOLDERS + of(A) + of(B)})
    ran = command("verify", "--offline", "--base", "main", cwd=twins.top)
    for each in (A, B):
        assert f"! migcheck.toml: migration[0000_users in {each}].transaction: (not set) -> none" in ran.out
