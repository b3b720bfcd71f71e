"""What the search_path of a target leads astray: names without a schema, to none or to another than before. Pure."""

import re
from collections.abc import Sequence

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import pending
from migcheck.facts.target.altering import altered_plainly
from migcheck.facts.target.another_role import goes_on_as_another
from migcheck.facts.target.creating import created_nowhere
from migcheck.facts.target.judged import Target, TargetFacts
from migcheck.facts.target.made import altered_in, made_in, named_in
from migcheck.regex import regex
from migcheck.sql_names import quoted

_PUBLIC = "public"
# By which a search_path leads somewhere.
_LEADS = regex(rb"\bsearch_path\b|\bcreate\s+schema\b", re.IGNORECASE)
_SAYS_PUBLIC = regex(rb"\bpublic\b", re.IGNORECASE)


def led_astray(facts: TargetFacts) -> list[str]:
    """What pending migrations make or alter without a schema in its name, where the search_path leads to none.

    Or to another one than that in which the rehearsal saw it, and in which the target has what was made so before; or
    the deploy itself brings that about.
    """
    target, migrations = facts.target, pending(facts.folder, facts.target.ledger)
    if not target.search_path or any(_LEADS.search(each.sql) for each in migrations) or goes_on_as_another(migrations):
        return []
    # The schema of the ledger is made by the deploy itself.
    strays = _was_in_public(facts, migrations) if target.schema else target.ledger.name.schema not in target.search_path
    if not strays and not led_to_ledger(target):
        return []
    changed = altered_in(facts.change)
    altered = (each for each in altered_plainly(migrations) if not each.schema and any(map(each.may_be, changed)))
    names = list(dict.fromkeys((*_made(facts, migrations), *sorted(quoted(each.name) for each in altered))))
    if not target.schema:
        return names
    # What is there already is found by any schema on the path.
    seen = {each.full for each in made_in(facts.change)} | (frozenset() if _PUBLIC in target.search_path else changed)
    return [each for each in names if f"{_PUBLIC}.{each}" in seen]


def led_to_ledger(target: Target) -> bool:
    """Whether such names go to the ledger's schema once the deploy has made that: `"$user"` comes first and means it.

    Where it is named as it is, somebody wants that.
    """
    schema = target.ledger.name.schema
    return target.role == schema and target.search_path.startswith('"$user"') and target.schema not in {"", schema}


def _made(facts: TargetFacts, migrations: Sequence[Migration]) -> list[str]:
    """What statements make without a schema; where no text says `public`, also what was seen made there by a block."""
    seen = [each for each in made_in(facts.change) if each.schema == _PUBLIC and each.kind != "index"]
    if any(_SAYS_PUBLIC.search(each.sql) for each in migrations):
        seen = []
    return [*created_nowhere(migrations), *(each.name for each in named_in(migrations, seen))]


def _was_in_public(facts: TargetFacts, migrations: Sequence[Migration]) -> bool:
    """Whether what was applied made tables without a schema which are in `public`, and none where such go now."""
    target, due = facts.target, {each.tag for each in migrations}
    if target.is_as_on_scratch(_PUBLIC):
        return False
    names = created_nowhere(each for each in facts.folder.migrations if each.tag not in due)
    here, there = ({f"{schema}.{each}" for each in names} for schema in (quoted(target.schema), _PUBLIC))
    return here.isdisjoint(target.tables) and not there.isdisjoint(target.tables)
