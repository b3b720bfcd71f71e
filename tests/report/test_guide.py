"""The guide's page, whole, and what each project's own facts change in it."""

import pytest
from msgspec.structs import replace
from tests.support.golden import Golden

from migcheck.drizzle.folder import Layout
from migcheck.facts.guide import GuidedFolder, GuideFacts, LineEnds
from migcheck.report.guide import gate_command, render_guide

FOLDER = GuidedFolder(
    path="packages/db/drizzle",
    layout=Layout.JOURNAL,
    database_url="DATABASE_URL",
    reads="",
    config="packages/db/drizzle.config.ts",
    generate="(cd packages/db && pnpm db:generate --name NAME)",
    custom="(cd packages/db && pnpm db:generate --custom --name NAME)",
    deployers=(),
    migrates=("(cd packages/db && pnpm db:migrate)",),
    pushes=("(cd packages/db && pnpm db:push)",),
    apart=False,
    line_ends=LineEnds.AS_LF,
)
OTHER = replace(FOLDER, path="apps/audit/drizzle", database_url="AUDIT_URL", config="", migrates=(), pushes=())


def page(*folders: GuidedFolder, base: str = "", applied_by: tuple[str, ...] = ()) -> str:
    return render_guide(GuideFacts(folders, base, applied_by), "migcheck verify", "migcheck apply")


def test_the_page(golden: Golden) -> None:
    golden("guide.md", page(FOLDER))


def test_the_page_of_two_folders_of_drizzle_1_0(golden: Golden) -> None:
    first, second = (replace(each, layout=Layout.FOLDERS) for each in (FOLDER, OTHER))
    settled = replace(second, line_ends=LineEnds.SETTLED, apart=True)
    golden("guide-several.md", page(first, settled, base="origin/trunk", applied_by=(".github/workflows/deploy.yml",)))


def test_who_deploys_is_said_as_it_is() -> None:
    assert "3. **Land.** `migcheck apply`, with `AUDIT_URL` set, deploys what was proven" in page(OTHER)
    assert "3. **Land.** `migcheck apply` deploys it: see `deploy.yml`.\n" in page(FOLDER, applied_by=("deploy.yml",))
    assert "The project has the script `(cd packages/db && pnpm db:migrate)`, which nothing here\n" in page(FOLDER)


@pytest.mark.parametrize(
    ("line_ends", "told"),
    [
        (LineEnds.SETTLED, "`.gitattributes` sees to that already"),
        (LineEnds.AS_LF, "\npackages/db/drizzle/**/*.sql text eol=lf\n"),
        (LineEnds.AS_THEY_ARE, "\npackages/db/drizzle/**/*.sql -text\n"),
    ],
)
def test_line_ends(line_ends: LineEnds, told: str) -> None:
    text = page(replace(FOLDER, line_ends=line_ends))
    assert told in text
    assert ("have landed with CR" in text) is (line_ends is LineEnds.AS_THEY_ARE)


def test_a_name_with_a_blank_is_quoted_for_git() -> None:
    assert '\n"my db/drizzle/**/*.sql" text eol=lf\n' in page(replace(FOLDER, path="my db/drizzle"))
    assert "\n*.sql text eol=lf\n" in page(replace(FOLDER, path="."))


def test_where_there_is_no_journal_it_is_not_spoken_of() -> None:
    text = page(replace(FOLDER, layout=Layout.FOLDERS))
    assert {each for each in ("journal", "entry", "`when`", "MC113", "MC207", "MC508") if each in text} == set()
    both = page(replace(FOLDER, layout=Layout.FOLDERS), FOLDER)
    assert {each for each in ("snapshot and journal entry", "MC113", "MC207", "MC508") if each not in both} == set()
    assert ("**Edit the journal" in text, "MC204" in text, "MC201" in text) == (False, False, True)


def test_one_transaction_each() -> None:
    assert "Each migration runs in a\n  transaction" in page(replace(FOLDER, apart=True))


def test_no_name_of_a_project_hides_anything() -> None:
    assert "\x1b" not in page(replace(FOLDER, path="db\x1b[2Jdrizzle"))


def test_the_command_that_proves() -> None:
    assert gate_command("verify", "") == gate_command("verify", ".") == "migcheck verify"
    assert gate_command("verify", "", config="ci/migcheck.toml") == "migcheck verify --config ci/migcheck.toml"
    assert gate_command("apply", "packages/my db", "drizzle") == "(cd 'packages/my db' && migcheck apply drizzle)"
