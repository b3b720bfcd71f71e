"""Paths: what serves tests, and which folder a program means."""

import pytest

from migcheck.paths import lies_below
from migcheck.sources.places import folders_meant, is_of_tests, leads_to
from migcheck.typescript.plain import BesideFile, Unread


@pytest.mark.parametrize(
    "path",
    [
        "src/db/migrate.test.ts",
        "src/__tests__/setup.ts",
        "tests/setup.ts",
        "e2e/global-setup.ts",
        "packages/database/src/core/dbForTest.ts",
        "packages/db/src/utils/reset-test-db.ts",
        "packages/api/integration-tests/test-db.ts",
        "vitest.setup.ts",
        "jest.config.js",
        "scripts/seed.ts",
        "examples/basic/migrate.ts",
        "create-agents-template/migrate.ts",
        "src/testDb.ts",
    ],
)
def test_what_serves_tests(path: str) -> None:
    assert is_of_tests(path)


@pytest.mark.parametrize(
    "path", ["src/db/migrate.ts", "scripts/latest.ts", "src/contest/migrate.ts", "attestation/db.ts", "src/protest.ts"]
)
def test_what_does_not(path: str) -> None:
    assert not is_of_tests(path)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("./drizzle", ("packages/db/src/drizzle", "packages/db/drizzle", "packages/drizzle", "drizzle")),
        ("../drizzle", ("packages/db/drizzle", "packages/drizzle", "drizzle")),
        (BesideFile("../drizzle"), ("packages/db/drizzle",)),
        (BesideFile("../../../../drizzle"), ()),
        ("/srv/drizzle", ()),
        ("", ()),
        (Unread("x"), ()),
    ],
)
def test_which_folder_is_meant(folder: str | BesideFile | Unread, expected: tuple[str, ...]) -> None:
    assert folders_meant("packages/db/src/migrate.ts", folder) == expected


def test_what_is_below_a_folder() -> None:
    assert [lies_below("drizzle/0000_a.sql", each) for each in ("drizzle", ".", "drizz")] == [True, True, False]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("./db/migrate", True),
        ("./db/migrate.js", True),
        ("./db", True),
        ("./other/migrate", False),
        ("./d", False),
        ("@/db/migrate", True),
        ("@/lib/migrate", False),
        ("src/db/migrate", True),
        ("postgres", False),
        ("migrate", False),
        ("@acme/db", True),
        ("@acme/db/migrate", True),
        ("@acme/dba", False),
    ],
)
def test_where_an_import_leads(source: str, expected: bool) -> None:  # noqa: FBT001
    assert leads_to(source, "src/index.ts", "src/db/migrate.ts", "@acme/db") is expected
