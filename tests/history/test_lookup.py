"""The file behind a ledger's hash, wherever in history it is."""

from pathlib import Path

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import migration_hash
from tests.support.folders import a_folder_1_0
from tests.support.histories import LANDED, a_history, a_landed_folder
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


def test_what_a_change_alone_brought_and_did_away_with_never_landed(a_repo: GitRepository, tmp_path: Path) -> None:
    """Its own branch has it, here and pushed; all else that has it may have been deployed."""
    a_landed_folder(a_repo)
    a_repo.switch("main")
    a_repo.commit({"drizzle/0000_users.sql": "select 'edited since';"})
    mine = a_repo.clone(tmp_path / "mine")
    mine.branch("feature")
    mine.commit({"drizzle/0003_mine.sql": "select 'mine';"})
    mine.git("push", "--quiet", "--force", "origin", "feature")
    mine.write({"drizzle/0003_mine.sql": "select 'stashed';"})
    mine.git("stash")
    a_repo.commit({"drizzle/0003_theirs.sql": "select 'theirs';"})
    mine.commit({"drizzle/0003_mine.sql": None, "drizzle/0004_mine.sql": "select 'anew';"})
    mine.git("fetch", "--quiet")
    texts = (LANDED["0000_users"], *(f"select '{each}';" for each in ("edited since", "theirs", "mine", "anew")))

    def landed(repo: GitRepository, base: str | None = None) -> list[bool]:
        history = a_history(repo, base=base)
        return [history.may_have_landed(migration_hash(each.encode())) for each in texts]

    # What is theirs came to main since, and base has it not.
    assert landed(mine) == [True, True, True, False, False]
    assert landed(mine, base="HEAD~2") == [True] * 5
    mine.git("branch", "deployed", "HEAD~1")
    assert landed(mine) == [True, True, True, True, False]
    # One's own main, which the remote's has gone on from.
    mine.git("switch", "--quiet", "main")
    mine.commit({"drizzle/0004_mine.sql": "select 'anew';"})
    assert landed(mine)[2:] == [True, True, True]
    # The branch that is named as base, likewise.
    mine.git("switch", "--quiet", "--create", "develop", "main")
    mine.commit({"drizzle/0005_late.sql": "select 'late';"})
    mine.git("push", "--quiet", "origin", "develop")
    mine.git("reset", "--quiet", "--hard", "HEAD~1")
    mine.commit({"drizzle/0005_mine.sql": "select 'own';"})
    late, own = (migration_hash(f"select '{each}';".encode()) for each in ("late", "own"))
    may_have_landed = a_history(mine, base="origin/develop").may_have_landed
    assert (may_have_landed(late), may_have_landed(own)) == (True, False)
    mine.git("switch", "--quiet", "main")
    mine.git("remote", "set-head", "origin", "--delete")
    mine.commit({"drizzle/0005_mine.sql": "select 'own';"})
    assert landed(mine, base="origin/develop")[2:] == [True, True, True]
    assert landed(a_repo.clone(tmp_path / "shallow", depth=2)) == [True] * 5
