"""Most commits are none of a hook's business: which ones are is told before anything is read."""

import json
from collections.abc import Callable

import pytest

from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.hook.staged_change import touches_migrations
from tests.support.histories import a_landed_folder
from tests.support.repositories import GitRepository, init

HOOK = "#!/bin/sh\nmigcheck verify\n"


def touched(repo: GitRepository) -> bool:
    return touches_migrations(open_repository(repo.top, {}))


def test_what_lies_about_unstaged_does_not_count(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.write({"drizzle/0001_posts.sql": "select 'edited';"})
    assert not touched(a_repo)


@pytest.mark.parametrize(
    "change",
    [
        lambda repo: repo.stage({"src/app.ts": "export {}"}),
        lambda repo: repo.stage({"drizzle.md": "", "helm/values.yml": "", "docs/notes.json": "{}"}),
        lambda repo: repo.stage({"src/line\nbreak.ts": ""}),
        lambda repo: repo.stage(
            {"tools/gen": "x", "bin/report": "#!/usr/bin/env python3\n", ".github/CODEOWNERS": "* @a"}
        ),
        lambda repo: repo.stage({"LICENSE": "", "web/.nvmrc": "22", ".husky/pre-commit": "npm test"}),
        lambda repo: repo.stage({"hooks/pre-push": HOOK, ".lefthook/pre-push/migcheck": HOOK, ".husky/pre-push": HOOK}),
        lambda repo: repo.git("commit", "--allow-empty", "--message", "nothing"),
        lambda repo: (repo.write({"drizzle/0003_wip.sql": "create table"}), repo.git("add", "-N", "drizzle")),
    ],
    ids=[
        "code",
        "beside the folder",
        "a name of two lines",
        "what no shell runs",
        "no scripts",
        "hooks",
        "nothing",
        "what is only to be added",
    ],
)
def test_a_commit_of_something_else(a_repo: GitRepository, change: Callable[[GitRepository], object]) -> None:
    a_landed_folder(a_repo)
    change(a_repo)
    assert not touched(a_repo)


@pytest.mark.parametrize(
    "change",
    [
        lambda repo: repo.stage({"drizzle/0001_posts.sql": "select 'edited';"}),
        lambda repo: repo.git("rm", "--quiet", "drizzle/0001_posts.sql"),
        lambda repo: repo.git("mv", "drizzle/0001_posts.sql", "drizzle/0001_posts.txt"),
        lambda repo: repo.stage({"drizzle/meta/_journal.json": "{"}),
        lambda repo: repo.stage({"drizzle/meta/0003_snapshot.json": "{"}),
        lambda repo: repo.stage({"apps/api/drizzle.config.ts": ""}),
        lambda repo: repo.stage({"drizzle-prod.config.mts": ""}),
        lambda repo: repo.stage({"migcheck.toml": ""}),
        lambda repo: repo.stage({".gitattributes": "* text"}),
        lambda repo: repo.stage({"docker/web.dockerfile": "RUN true"}),
        lambda repo: repo.stage({".github/workflows/x.yaml": ""}),
        lambda repo: repo.stage({"bin/release": "#!/bin/sh"}),
        lambda repo: repo.stage({".gitlab-ci.yml": ""}),
        lambda repo: repo.stage({".circleci/config.yml": ""}),
        lambda repo: repo.stage({"bitbucket-pipelines.yml": ""}),
        lambda repo: repo.stage({"ci/azure-pipelines.pr.yaml": ""}),
        lambda repo: repo.stage({"azure-pipelines/deploy.yml": ""}),
        lambda repo: repo.stage({".gitlab/ci/deploy.yml": ""}),
        lambda repo: repo.stage({"src/main.ts": "await runMigrations();"}),
        lambda repo: repo.stage({"tsconfig.build.json": "{}"}),
        lambda repo: repo.stage({f"src/{n}.ts": "" for n in range(501)}),
        lambda repo: ((repo / "migrations").symlink_to("drizzle"), repo.stage()),
        lambda repo: repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head},module"),
    ],
    ids=[
        "edited", "deleted", "renamed", "journal", "snapshot", "drizzle.config", "another drizzle.config",
        "migcheck.toml",
        "attributes", "an image", "a workflow", "a script", "GitLab", "CircleCI", "Bitbucket", "Azure",
        "one of Azure's", "what GitLab may include",
        "code that migrates", "a tsconfig", "a great deal of code", "a link", "a submodule",
    ],
)  # fmt: skip
def test_a_commit_of_migrations(a_repo: GitRepository, change: Callable[[GitRepository], object]) -> None:
    a_landed_folder(a_repo)
    change(a_repo)
    assert touched(a_repo)


PACKAGE = {
    "name": "shop",
    "version": "1.0.0",
    "scripts": {"start": "node ."},
    "dependencies": {"react": "18", "prisma": "5"},
    "devDependencies": {"vite": "5"},
}


@pytest.mark.parametrize(
    ("change", "matters"),
    [
        (
            {"version": "1.1.0", "dependencies": {"react": "19", "prisma": "6", "hono": "4"}, "devDependencies": {}},
            False,
        ),
        ({"scripts": {"start": "node . && drizzle-kit push"}}, True),
        ({"husky": {"hooks": {"pre-commit": "npm test"}}}, True),
        ({"name": "store"}, True),
        ({"dependencies": {"react": "18"}}, True),
        ({"devDependencies": {"vite": "5", "node-pg-migrate": "7"}}, True),
        ({"optionalDependencies": "none"}, False),
    ],
    ids=["an update", "a script", "a hook", "a name", "a tool gone", "a tool", "no dependencies"],
)
def test_what_of_a_package_matters(a_repo: GitRepository, change: dict[str, object], *, matters: bool) -> None:
    a_repo.commit({"web/package.json": json.dumps(PACKAGE)})
    a_repo.stage({"web/package.json": json.dumps(PACKAGE | change)})
    assert touched(a_repo) is matters


def test_a_package_that_cannot_be_read_or_is_new_or_gone_matters(a_repo: GitRepository) -> None:
    package = json.dumps(PACKAGE)
    a_repo.commit({"web/package.json": package})
    for text in ("{", "[]", None):
        a_repo.stage({"web/package.json": text})
        assert touched(a_repo)
        a_repo.stage({"web/package.json": package})
        assert not touched(a_repo)
    a_repo.stage({"api/package.json": package})
    assert touched(a_repo)


SHIP = '#!/bin/bash\nset -e\nlog() { echo "$1"; }\nlog ship\nnpm run db:migrate\necho done\n'
SCRIPTS = {
    "ops/ship.sh": SHIP,
    "ops/lib.sh": "drop() { npm run db:push; }\nclean\n",
    "ops/use.sh": ". ops/lib.sh\n",
    "ops/clean.sh": "rm -rf dist\n",
    "ops/reset.sh": "npm run db:push\n",
    "ops/by-name.sh": "sh ops/lib.sh\n",
    "bin/tidy": "npm run db:push\n",
}


@pytest.mark.parametrize(
    ("old", "new", "matters"),
    [
        ("set -e\n", "set -e\n# migrates\n", False),
        ("log ship\n", "log ship\ncurl -fsS https://example.org | tee out\n", False),
        ("log ship\n", "bash ops/clean.sh\nops/gone.sh\nlog ship\n", False),
        ("log ship\n", "bash ops/reset.sh\nlog ship\n", True),
        ("log ship\n", "bash ops/by-name.sh\nlog ship\n", True),
        ("log ship\n", ". ops/clean.sh\nlog ship\n", True),
        ("log ship\n", "drop\nlog ship\n", False),
        ("log ship\n", "sh bin/tidy\nlog ship\n", True),
        ("log ship\n", "$1\nlog ship\n", False),
        ("log ship\n", "exit 1\n", True),
        ("set -e\n", "", True),
        ("db:migrate\n", "db:migrate || true\n", True),
        ("#!/bin/bash", "#!/bin/zsh", True),
        ("log ship\n", "FILE=fix.sql\n", True),
    ],
)
def test_what_of_a_shell_script_matters(a_repo: GitRepository, old: str, new: str, *, matters: bool) -> None:
    a_landed_folder(a_repo)
    a_repo.commit(SCRIPTS)
    a_repo.stage({"ops/ship.sh": SHIP.replace(old, new)})
    assert touched(a_repo) is matters


def test_the_migrations_of_a_merge(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0003_likes.sql": "select 1;"})
    a_repo.switch("main")
    a_repo.commit({"src/app.ts": ""})
    a_repo.git("merge", "--no-commit", "--no-ff", "--quiet", "feature")
    assert touched(a_repo)


def test_a_merge_that_leaves_out_what_the_other_branch_brings(a_repo: GitRepository) -> None:
    """Whoever settles a conflict by his own side alone stages nothing, as HEAD sees it."""
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0003_likes.sql": "select 1;"})
    likes = a_repo.head
    a_repo.switch("main")
    a_repo.commit({"src/app.ts": "", "drizzle/0003_ours.sql": "select 2;"})
    a_repo.git("merge", "--no-commit", "--no-ff", "--quiet", "--strategy", "ours", "feature")
    assert touched(a_repo)
    a_repo.git("merge", "--abort")
    assert not touched(a_repo)
    assert touches_migrations(open_repository(a_repo.top, {f"GITHEAD_{likes}": "feature"}))


def test_a_merge_of_several_branches_that_leaves_one_out(a_repo: GitRepository) -> None:
    """`MERGE_HEAD` names each of them on a line of its own, and to git it is the first alone."""
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0003_likes.sql": "select 1;"})
    for name, path in (("aside", "src/aside.ts"), ("more", "src/more.ts")):
        a_repo.git("switch", "--quiet", "--create", name, "main")
        a_repo.commit({path: ""})
    a_repo.git("merge", "--no-commit", "--quiet", "--strategy", "ours", "aside", "feature")
    assert touched(a_repo)


def test_a_submodule_whose_changes_are_not_to_be_shown(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.stage({".gitmodules": '[submodule "shared"]\npath = shared\nurl = ../shared\nignore = all\n'})
    a_repo.git("update-index", "--add", "--cacheinfo", f"160000,{a_repo.head},shared")
    a_repo.git("commit", "--quiet", "--message", "shared")
    a_repo.git("update-index", "--cacheinfo", f"160000,{a_repo.head},shared")
    assert touched(a_repo)


def test_a_merge_of_something_else(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"src/app.ts": ""})
    a_repo.switch("main")
    a_repo.commit({"drizzle/0003_ours.sql": "select 2;"})
    a_repo.git("merge", "--no-commit", "--no-ff", "--quiet", "--strategy", "ours", "feature")
    assert not touched(a_repo)
    a_repo.git("merge", "--abort")
    a_repo.git("switch", "--quiet", "--orphan", "fresh")
    a_repo.commit({"src/app.ts": ""})
    a_repo.git("merge", "--no-commit", "--quiet", "--strategy", "ours", "--allow-unrelated-histories", "main")
    assert touched(a_repo)


def test_where_nothing_can_be_told_it_may(a_repo: GitRepository) -> None:
    assert touched(a_repo)
    assert touches_migrations(open_repository(init(a_repo / "inner").top / "nowhere", {}))
    assert touches_migrations(open_repository(a_repo.top.parent, {}))


def test_where_git_lacks_what_a_configuration_says_it_may(a_repo: GitRepository) -> None:
    """In a partial clone `git grep` complains of such a file, and ends as where nothing is in it."""
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle.config.ts": 'import { out } from "./where";', "where.ts": 'export const out = "drizzle";'})
    blob = a_repo.git("rev-parse", "HEAD:drizzle.config.ts").strip()
    a_repo.stage({"src/app.ts": "export {}"})
    (a_repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert touched(a_repo)
