"""What of a listing a glob names: as git itself takes it."""

import os

import pytest

from migcheck.facts.git.listing import Globs, Listing
from migcheck.scripts.file_names import PATTERNS
from tests.support.repositories import GitRepository

FILES = (
    "package.json", "a/package.json", "a/b/package.json", "a/mypackage.json", "package.json.bak",
    "a.ts", "a/b.ts", "a/.ts", "a/b.tsx", "a.b/c.ts", "line\nbreak/x\ny.ts",
    "drizzle.config.ts", "db/drizzle-prod.config.mts", "drizzle/x/config.ts",
    "drizzle/meta/_journal.json", "meta/_journal.json", "x-meta/_journal.json",
    ".github/workflows/a.yml", ".github/a.yml", "x/.github/workflows/a.yml", ".github/workflows/deep/er/a.yaml",
    ".gitlab-ci.yml", "x/.gitlab-ci.yml", ".circleci/config.yml",
    "Dockerfile", "web/Dockerfile.prod", "web.dockerfile", "docker-compose.yml", "a[1].sh", "a1.sh", "a/b/c.sh",
    "caf\u00e9/a.sh",
)  # fmt: skip


def of_git(repo: GitRepository, *patterns: str) -> list[str]:
    return repo.git("ls-files", "-z", "--", *(f":(top,glob){each}" for each in patterns)).split("\0")[:-1]


@pytest.mark.parametrize(
    "patterns",
    [
        ("**/package.json",), ("package.json",), ("*/package.json",), ("**/*.ts", "**/*.tsx"), ("**/?.ts",),
        ("**/?.sh", "**/*c.sh"), ("**/*1.sh", "**/*.*.*"),
        ("**/drizzle*config*.*ts",), ("**/meta/_journal.json",), ("a/**/*.json",), (".github/**/*.yml",), ("*",),
        ("**/*",), ("**/*.sh", "a.ts"), ("nowhere/*",), PATTERNS,
    ],
    ids=lambda each: each[0],
)  # fmt: skip
def test_a_glob_names_what_git_takes_it_to_name(a_repo: GitRepository, patterns: tuple[str, ...]) -> None:
    a_repo.stage(dict.fromkeys(FILES, "x"))
    listed = sorted(FILES, key=os.fsencode)
    of_them = of_git(a_repo, *patterns)
    assert list(Globs(patterns).among(listed)) == of_them
    assert list(Listing(listed).among(*patterns)) == of_them


def test_nothing_is_named_by_no_glob() -> None:
    assert list(Globs(()).among(FILES)) == []
    assert Listing(FILES).among() == ()


def test_a_bracket_is_one(a_repo: GitRepository) -> None:
    a_repo.stage(dict.fromkeys(FILES, "x"))
    assert list(Globs(["**/a[1].sh"]).among(FILES)) == ["a[1].sh"]
