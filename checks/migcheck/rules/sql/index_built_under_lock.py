"""MC309."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import Blocking, SqlFacts
from migcheck.facts.sql.observation import IndexBuilt, Reindexed
from migcheck.finding import Violation
from migcheck.rule import rule
from migcheck.sql_names import LONGEST, quoted

_BUILD = (
    'Build {} CONCURRENTLY IF NOT EXISTS in a migration of its own, with `transaction = "none"` for it under '
    "[[migration]]; `migcheck apply` then runs it. Where Drizzle's own migrator deploys, which cannot: build it so by "
    "hand before, let the migration say IF NOT EXISTS alone, and waive this."
)
_ANEW = (
    'Say REINDEX … CONCURRENTLY in a migration of its own, with `transaction = "none"` for it under [[migration]], '
    "which `migcheck apply` alone runs; or leave it out of the migrations: it changes nothing of the schema."
)
_UNTIL_THEN = "_new"
_OF_PARTS = (
    "CONCURRENTLY is refused on a partitioned table: say `{first}`, which builds nothing. In a migration behind it, "
    'with `transaction = "none"` under [[migration]], which `migcheck apply` alone runs, build {each} CONCURRENTLY IF '
    "NOT EXISTS on each partition; and behind that say {last} for each."
)
_EXCLUDED = (
    "An exclusion constraint can neither be built CONCURRENTLY nor added NOT VALID: add it where nobody has to write "
    "to the table for that long, or to a new table that the rows are copied to in portions."
)


@rule("MC309")
def index_built_under_lock(facts: SqlFacts) -> Iterator[Violation]:
    """A new index is built from a whole table, while nobody else can write to it.

    ## Why it matters
    CREATE INDEX, as drizzle-kit writes it, lets nobody write to the table until the transaction ends; a primary key or
    a unique constraint lets nobody read it either. A million rows take seconds. A unique one ends the deploy where two
    rows have the same value.

    REINDEX builds indexes that were there anew, and lets nobody read the table either: who plans a query asks for each
    index.

    It is an error for a table that is known to be large (`big_tables`, `big_rows`, `big_size` under [sql]), a warning
    where nobody knows, and nothing for a small one.

    ## How to fix
    Build it CONCURRENTLY, outside of a transaction: `.concurrently()` in the schema, or the word in what drizzle-kit
    generated before that lands, with IF NOT EXISTS; and in migcheck.toml

    ```toml
    [[migration]]
    tag = "0007_by_name"
    transaction = "none"
    ```

    A unique constraint or a primary key then takes it over, in the migration behind it: `ALTER TABLE … ADD CONSTRAINT …
    UNIQUE USING INDEX …`. Until then it has a name of its own: where a key is built anew, IF NOT EXISTS would find the
    old one's index and build none. The server then gives it the name of the constraint, which is that of the schema.
    For an exclusion constraint there is no such way.

    Drizzle's own migrator, which an app's `migrate()` is as well, runs everything in one transaction and knows of no
    other. Where that deploys, build the index CONCURRENTLY by hand first; the migration says `CREATE INDEX IF NOT
    EXISTS …`, which then finds it there and builds it in a new database alone; and waive this, for a rehearsal has a
    new database.

    On a partitioned table CONCURRENTLY is refused, and so is USING INDEX. There `CREATE INDEX … ON ONLY`, or `ALTER
    TABLE ONLY … ADD CONSTRAINT`, makes an index that holds nothing yet; each partition gets one of its own as above,
    and `ALTER INDEX … ATTACH PARTITION …` puts them together, which reads no row.
    """
    for each in facts.blocking(IndexBuilt):
        index = f"{'unique index' if each.change.unique else 'index'} {each.change.index}"
        fix = _of_parts(each) if facts.is_partitioned(each.seen.table) else _fix(each.change)
        yield facts.blocks(each, f"builds the {index} of {each.seen.table}", fix)
    for anew in facts.blocking(Reindexed):
        yield facts.blocks(anew, f"builds indexes of {anew.seen.table} anew", _ANEW)


def _fix(change: IndexBuilt) -> str:
    match change.key:
        case "":
            return _BUILD.format("it")
        case "EXCLUDE":
            return _EXCLUDED
        case key:
            name, index = quoted(change.index), quoted(_cut(change.index) + _UNTIL_THEN)
            takes_over = f"ADD CONSTRAINT {name} {key} USING INDEX {index}"
            nullable = ", on columns that are NOT NULL already" if key == "PRIMARY KEY" else ""
            return f"{_BUILD.format(f'a unique index {index}')} The migration behind it says `{takes_over}`{nullable}."


def _of_parts(of: Blocking[IndexBuilt]) -> str:
    """The same on a partitioned table."""
    table, key, name = of.seen.table, of.change.key, quoted(of.change.index)
    attach = f"`ALTER INDEX {name} ATTACH PARTITION …`"
    if key == "EXCLUDE":
        return _EXCLUDED
    if key:
        first, last = (
            f"ALTER TABLE ONLY {table} ADD CONSTRAINT {name} {key} …",
            f"`ADD CONSTRAINT … {key} USING INDEX …`",
        )
        return _OF_PARTS.format(first=first, each="a unique index", last=f"{last} and {attach}")
    first = f"CREATE {'UNIQUE ' if of.change.unique else ''}INDEX {name} ON ONLY {table} …"
    return _OF_PARTS.format(first=first, each="one", last=attach)


def _cut(name: str) -> str:
    return name.encode()[: LONGEST - len(_UNTIL_THEN)].decode(errors="ignore")
