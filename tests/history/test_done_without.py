"""Which columns base's code does without already, told from the files of real git."""

from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.schema import Column, Relation
from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.git.repository import Repository
from migcheck.facts.sql.done_without import Code, done_without
from tests.support.repositories import GitRepository

CHAT = Relation("", "Chat", (Column("id", "uuid"), Column("last_context", "jsonb")))
TABLE = 'import { pgTable, uuid } from "drizzle-orm/pg-core";\nexport const chat = pgTable("Chat", { id: uuid() });\n'
DROPPED = 'ALTER TABLE "Chat" DROP COLUMN "last_context";'
LANDED = {
    "db/out/0000_first.sql": 'create table "Chat" (id uuid, last_context jsonb);',
    "db/out/meta/0000_snapshot.json": '{"name": "last_context"}',
}


def of_head(repo: GitRepository, sql: str = DROPPED, relation: Relation = CHAT, folder: str = "db/out") -> bool:
    """Whether the code of HEAD does without a column of `relation` that `sql` drops."""
    repository = open_repository(repo.top)
    assert isinstance(repository, Repository)
    commit = repo.git("rev-parse", "HEAD").strip()
    code = Code(repository.git, repository.revision(commit), commit, folder)
    found = done_without(code, [relation], [Migration("0001_new", 1, f"{folder}/0001_new.sql", sql.encode())])
    assert found <= {("", "Chat", "last_context")}
    return bool(found)


def test_what_only_the_migrations_name_is_done_without(a_repo: GitRepository) -> None:
    a_repo.commit({**LANDED, "db/schema.ts": TABLE, "app/page.tsx": "the last of each context"})
    assert of_head(a_repo)
    # What is not dropped nobody asks for.
    assert not of_head(a_repo, 'ALTER TABLE "Chat" DROP COLUMN "other";')
    assert not of_head(a_repo, 'ALTER TABLE "Message" DROP COLUMN "last_context";')
    assert not of_head(a_repo, 'ALTER TABLE "Chat" ALTER COLUMN "last_context" SET NOT NULL;')
    assert not of_head(a_repo, relation=replace(CHAT, is_view=True))
    # Of other letters nobody knows what they become.
    for name in ("größe", "__", ""):
        assert not of_head(
            a_repo, f'alter table "Chat" drop column "{name}"', Relation("", "Chat", (Column(name, ""),))
        )
    blob = a_repo.git("rev-parse", "HEAD:app/page.tsx").strip()
    (a_repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert not of_head(a_repo)


def test_the_migrations_at_the_top_are_no_code_either(a_repo: GitRepository) -> None:
    a_repo.commit({"0000_first.sql": "last_context", "schema.ts": TABLE})
    assert of_head(a_repo, folder=".")
    assert not of_head(a_repo)


NAMED: list[dict[str, str | bytes | None]] = [
    # Named beside the table, by any casing that Drizzle turns into it.
    {"db/schema.ts": TABLE + "lastContext: jsonb()"},
    {"db/schema.ts": TABLE + '"LAST-CONTEXT": jsonb()'},
    # In another file, of another language, and in what git takes for no text.
    {"db/schema.ts": TABLE, "db/columns.ts": "export const more = { last_context: jsonb() };"},
    {"db/schema.ts": TABLE, "jobs/export.py": "select last_context from chat"},
    {"db/schema.ts": TABLE, "odd.bin": b"\0\xff lastcontext"},
    {"db/schema.ts": TABLE, "sql/report.sql": "select last_context"},
    {"db/schema.ts": TABLE, "db/out/schema.ts": "last_context"},
    # The schema is elsewhere, or called otherwise: nobody knows what it names.
    {"db/schema.ts": 'export * from "@acme/schema";'},
    {"db/schema.ts": TABLE.replace('"Chat"', "`${prefix}_Chat`")},
    {"db/schema.ts": TABLE.replace("drizzle-orm/pg-core", "our-orm")},
    {"README.md": TABLE},
    # A name that is made where the table is.
    {"db/schema.ts": TABLE.replace("uuid() }", "uuid(), c: jsonb(`${p}_context`) }")},
    {"db/schema.ts": TABLE.replace("uuid() }", "uuid(), c: jsonb('last_' + CONTEXT) }")},
    {"db/schema.ts": TABLE.replace("uuid() }", "uuid(), c: jsonb(LAST +\n'_context') }")},
    {"db/schema.ts": TABLE.replace("uuid() }", 'uuid(), c: jsonb(["last", "x"].join("_")) }')},
    {"db/schema.ts": TABLE.replace("uuid() }", "uuid(), c: jsonb(last.concat(context)) }")},
    {"db/schema.ts": TABLE, "db/more.ts": TABLE + "export const more = `last_${context}`;"},
]


def test_what_code_of_a_submodule_may_name_is_not(a_repo: GitRepository) -> None:
    a_repo.commit({**LANDED, "db/schema.ts": TABLE})
    assert of_head(a_repo)
    commit = a_repo.git("rev-parse", "HEAD").strip()
    a_repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},app/lib")
    a_repo.git("commit", "-qm", "submodule")
    assert not of_head(a_repo)


def test_what_a_file_may_name_is_not(a_repo: GitRepository) -> None:
    a_repo.commit(LANDED)
    before: dict[str, str | bytes | None] = {}
    for files in NAMED:
        a_repo.commit({**dict.fromkeys(before), **files})
        assert not of_head(a_repo), files
        before = files
    a_repo.commit({**dict.fromkeys(before), "db/schema.ts": f"{TABLE}export const next = (n: number) => n + 1;"})
    assert of_head(a_repo)
