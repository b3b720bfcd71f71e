"""The builder itself: what the history tests stand on."""

from pathlib import Path

from tests.support.repositories import GitRepository


def test_a_repository_is_built_branch_by_branch(a_repo: GitRepository, tmp_path: Path) -> None:
    first = a_repo.commit({"drizzle/ü.sql": "select 1;"})
    a_repo.branch("feature")
    a_repo.commit({"feature.txt": "x"})
    a_repo.switch("main")
    merged = a_repo.merge("feature")
    shallow = a_repo.clone(tmp_path / "clone", depth=1)

    assert a_repo.git("rev-list", "--first-parent", "HEAD").split() == [merged, first]
    assert shallow.git("rev-list", "HEAD").split() == [merged]
    assert (shallow / "drizzle/ü.sql").read_bytes() == b"select 1;"
