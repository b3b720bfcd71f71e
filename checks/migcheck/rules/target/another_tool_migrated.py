"""MC515."""

from collections.abc import Iterator

from migcheck.drizzle.ledger import pending
from migcheck.facts.target.judged import Target, TargetFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.sql_names import bare, full_name
from migcheck.wording import listed

_TABLES = {
    "_prisma_migrations": "Prisma",
    "knex_migrations": "Knex",
    "SequelizeMeta": "Sequelize",
    "typeorm_migrations": "TypeORM",
    "mikro_orm_migrations": "MikroORM",
    "kysely_migration": "Kysely",
    "pgmigrations": "node-pg-migrate",
    "schema_migrations": "Rails, dbmate or golang-migrate",
    "flyway_schema_history": "Flyway",
    "databasechangelog": "Liquibase",
    "alembic_version": "Alembic",
    "django_migrations": "Django",
    "goose_db_version": "goose",
    "migrations": "a tool of its own",
    "_migrations": "a tool of its own",
    "__migrations": "a tool of its own",
}
"""By what each tool calls its own ledger where nobody configures another name."""
_SUPABASE = ("auth.", "storage.", "realtime.", "_realtime.", "supabase_functions.")
"""Schemas that Supabase's own services migrate, in every project of it: `auth.schema_migrations`."""
_OF_SUPABASE = frozenset({"auth.users", "storage.buckets"})
_SUPABASE_CLI = "supabase_migrations.schema_migrations"


@rule("MC515")
def another_tool_migrated(facts: TargetFacts) -> Iterator[Violation]:
    """A target on which Drizzle never ran was not built by another tool.

    ## Why it matters
    Another tool's ledger and its tables are there, and Drizzle's ledger is not: to a deploy all of the folder is
    pending, and it runs from the first migration. That is right only where the folder stands beside what the other tool
    made, so this only warns. Of tables that are in the way MC513 tells.

    ## How to fix
    Where the folder describes what the other tool built, begin the ledger at the newest migration that the database has
    (`migcheck baseline --to MIGRATION`, which proves that it has them), and let the other tool run no more. Where both
    go on, nothing.
    """
    target = facts.target
    if target.ledger.exists or target.ledger_kind or not pending(facts.folder, target.ledger):
        return
    # One with Drizzle's columns is no other tool's: MC514 is about those.
    drizzles = {full_name(each.name.schema, each.name.table) for each in target.other_ledgers}
    others = [each for each in target.tables if each not in drizzles]
    told = {each: tool for each in others if (tool := _tool_of(each, target))}
    if told and len(told) < len(others):
        yield Violation(
            Location(facts.folder.path),
            f"{target.name} has no {target.ledger.name}, and {listed(list(told))} of another tool",
            evidence="\n".join(f"{table}, the ledger of {tool}" for table, tool in told.items()),
            severity=Severity.WARNING,
        )


def _tool_of(table: str, target: Target) -> str:
    """The tool whose ledger `table` is; empty where it is none, or of who keeps the server."""
    if table == _SUPABASE_CLI:
        return "the Supabase CLI"
    # A project may call schemas of its own so.
    kept = target.owners.get(table, "").startswith("supabase_") or _OF_SUPABASE.issubset(target.tables)
    return "" if kept and table.startswith(_SUPABASE) else _TABLES.get(bare(table), "")
