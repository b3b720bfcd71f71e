"""What a drizzle.config imports is read from the tree that it is read from itself: disk, index or commit."""

import json

import pytest
from tests.support.command import Command
from tests.support.configuration import paths
from tests.support.histories import opened
from tests.support.projects import DEPLOY, a_project, project_findings, workflow
from tests.support.repositories import GitRepository

from migcheck.commands.project import place_at, place_in
from migcheck.errors import UsageError
from migcheck.facts.configuration.config import load_config
from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.hook.staged_change import touches_migrations

IMPORTS = 'import { base } from "./base";\nexport default defineConfig({ ...base });\n'
WITHOUT_JOURNAL = "old/20240101000000_a/migration.sql"


def base(out: str) -> str:
    return f'export const base = {{ dialect: "postgresql", out: "{out}" }};\n'


@pytest.fixture
def importing(a_repo: GitRepository) -> GitRepository:
    """A project that has `drizzle` in HEAD, `staged` in its index and `lying` on disk."""
    a_project(a_repo, {"drizzle.config.ts": IMPORTS, "base.ts": base("./drizzle")})
    a_repo.commit({WITHOUT_JOURNAL: ""})
    for name in ("staged", "lying"):
        a_repo.write({f"{name}/meta/_journal.json": (a_repo / "drizzle/meta/_journal.json").read_bytes()})
    a_repo.stage({"base.ts": base("./staged")})
    a_repo.write({"base.ts": base("./lying")})
    return a_repo


def test_each_tree_has_its_own(importing: GitRepository) -> None:
    repository = opened(importing.top)
    places = (
        place_in(repository, importing.top),
        place_in(repository, importing.top, staged=True),
        place_at(repository, importing.head, importing.top),
    )
    assert [paths(load_config(each)) for each in places] == [["lying"], ["staged"], ["drizzle"]]
    assert all(WITHOUT_JOURNAL in each.tracked for each in places)


def test_what_is_not_staged_is_not_read_for_a_hook(importing: GitRepository) -> None:
    importing.git("rm", "--cached", "--quiet", "--force", "base.ts")
    place = place_in(opened(importing.top), importing.top, staged=True)
    with pytest.raises(UsageError, match="cannot be read without running the file"):
        load_config(place)


def test_a_link_that_leads_out_of_the_repository_is_not_read(importing: GitRepository) -> None:
    (importing.top.parent / "elsewhere.ts").write_text(base("./drizzle"))
    (importing / "base.ts").unlink()
    (importing / "base.ts").symlink_to("../elsewhere.ts")
    with pytest.raises(UsageError, match="cannot be read without running the file"):
        load_config(place_in(opened(importing.top), importing.top))


def test_a_run_judges_the_folder_and_the_gate_project_knows_its_configuration(
    a_repo: GitRepository, command: Command
) -> None:
    a_project(a_repo, {"drizzle.config.ts": IMPORTS, "base.ts": base("./drizzle")})
    a_repo.commit({DEPLOY: workflow("npx drizzle-kit push")})
    done = command("verify", "--offline", "--format", "json", cwd=a_repo.top)
    assert "MC601" in {each["code"] for each in json.loads(done.out)["findings"]}
    a_repo.commit({"base.ts": base("./drizzle").replace("postgresql", "sqlite")})
    assert project_findings(a_repo) == []


def test_a_commit_of_the_imported_file_alone_is_judged(importing: GitRepository) -> None:
    assert touches_migrations(open_repository(importing.top, {}))
