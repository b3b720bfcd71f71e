"""The file behind a ledger's hash, wherever in history it is."""

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import migration_hash
from tests.support.folders import a_folder_1_0
from tests.support.histories import a_history, a_landed_folder
from tests.support.repositories import GitRepository


def test_a_hash_is_found_in_every_corner_of_history(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0003_first.sql": "select 'first';"})
    a_repo.commit({"drizzle/0003_first.sql": None, "elsewhere/größe.sql": "select 'moved';"})
    a_repo.branch("thrown-away")
    a_repo.commit({"drizzle/0004_branch.sql": "select 'branch';"})
    a_repo.switch("feature")
    a_repo.git("branch", "--delete", "--force", "thrown-away")
    a_repo.git("switch", "--quiet", "--create", "side", "main")
    a_repo.commit({"drizzle/0005_side.sql": "select 'side';"})
    a_repo.switch("feature")
    a_repo.git("merge", "--quiet", "--no-edit", "--strategy", "ours", "side")
    a_repo.git("branch", "--delete", "--force", "side")

    lookup = a_history(a_repo).lookup

    def found(sql: str) -> Migration | None:
        return lookup(migration_hash(sql.encode()))

    assert found("select 'first';") == Migration("0003_first", 0, "drizzle/0003_first.sql", b"select 'first';")
    assert found("select 'moved';") == Migration("größe", 0, "elsewhere/größe.sql", b"select 'moved';")
    assert found("select 'branch';") == Migration("0004_branch", 0, "drizzle/0004_branch.sql", b"select 'branch';")
    assert found("select 'side';") == Migration("0005_side", 0, "drizzle/0005_side.sql", b"select 'side';")
    assert found("select 'never';") is None


def test_a_folder_of_1_0_tells_name_and_time(a_repo: GitRepository) -> None:
    a_folder_1_0(a_repo / "drizzle", {"20240101000000_users": "select 1;"})
    a_repo.commit()

    assert a_history(a_repo).lookup(migration_hash(b"select 1;")) == Migration(
        "20240101000000_users", 1_704_067_200_000, "drizzle/20240101000000_users/migration.sql", b"select 1;"
    )
