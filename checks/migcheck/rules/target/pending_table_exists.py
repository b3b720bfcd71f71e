"""MC513."""

import re
from collections.abc import Collection, Iterator, Sequence

from migcheck.drizzle.ledger import pending
from migcheck.drizzle.pieces import decode
from migcheck.facts.target.judged import Target, TargetFacts
from migcheck.facts.target.made import Made, made_in, named_in
from migcheck.facts.target.over_rows import first_over_rows
from migcheck.finding import Location, Severity, Violation
from migcheck.regex import regex
from migcheck.rule import Trait, rule
from migcheck.rules.target.rows_in_another_ledger import held_elsewhere
from migcheck.sql_names import quoted
from migcheck.wording import listed

# The kinds of the catalogue, and what each is called.
_KINDS = {
    "table": "table",
    "foreign table": "table",
    "enum": "type",
    "domain": "type",
    "range": "type",
    "composite type": "type",
    "sequence": "sequence",
    "view": "view",
    "materialized view": "view",
    "index": "index",
}
_MANY = {"index": "indexes"}
_INVALID = "invalid index"
# What a type without columns may share its name with.
_TYPELESS = frozenset({"index", _INVALID, "sequence"})
_TYPES = frozenset({"enum", "domain", "range"})
# Words by which a migration may get past a table that is there.
_GUARD = regex(
    r"\bif\s+(?:not\s+)?exists\b|\bexception\s+when\b|\bdrop\s+table\b|\brename\s+to\b|\bset\s+schema\b", re.IGNORECASE
)

_RECORDED = (
    "First what MC514 says: another ledger has rows of what is pending, which may have made what is in the way. "
    "Where it is not, `migcheck explain MC513` tells what to do."
)
_RAN_BEFORE = (
    "Where that ran here before, `migcheck baseline` proves that the database is what the folder builds, and writes "
    "the rows of its ledger without running anything. A deploy runs it over the rows that are there, and no rehearsal "
    "has those."
)


@rule("MC513", Trait.MEETS_A_DEPLOY)
def pending_table_exists(facts: TargetFacts) -> Iterator[Violation]:
    """What is pending makes nothing that the target has already.

    ## Why it matters
    The ledger says that these migrations never ran here, the database says that what they make is there: it was made by
    `drizzle-kit push`, by hand, by another tool, or by a deploy that stopped half way. The deploy would fail with
    42P07. It only warns where a migration looks first (IF NOT EXISTS) or moves it away (RENAME TO), and the ledger has
    a row: then it runs. Without one, words prove nothing: an UPDATE behind it would change rows once more. Where the
    first of them runs outside of a transaction and names all that is there, it may have been cut off; it was proven to
    begin anew, and this only warns.
    A type, a sequence, a view or an index that is there is told where a plain CREATE of it would fail, and so is
    anything else that has its name. A name without a schema is not looked for in `public` where the target's
    `search_path` leads elsewhere, and an invalid index is not in the way of CREATE INDEX CONCURRENTLY: a deploy drops
    it.

    ## How to fix
    Where the database already is what the folder builds, `migcheck baseline` proves that and writes the rows of its
    ledger, without running anything; where it is not, it lists the differences. Else drop or rename what is in the way,
    or point the URL at the right database. Where the migrations are meant to run over what is there,
    `--start-from target` rehearses that, and this only warns.
    """
    made = sorted(made_in(facts.change), key=lambda each: tuple(_KINDS).index(each.kind))
    there, plain = _there(facts.target, made), _plain(facts, made)
    guarded = _guarded(facts, there)
    told, others, fails = dict[str, list[str]](), list[str](), False
    for each, held in there.items():
        kind = _KINDS[each.kind]
        if held == kind and (each in plain or (kind == "table" and facts.target.is_as_on_scratch(each.schema))):
            told.setdefault(_MANY.get(kind, f"{kind}s"), []).append(each.full)
            fails = fails or each in plain or each not in guarded
        elif each in plain:
            others.append(f"{each.full} (a{'n' if held[0] == 'i' else ''} {held})")
    blind = bool(told) and not facts.target.ledger.rows and not _begins_anew(facts, there)
    counts = " and ".join(f"{len(names)} of the {kind}" for kind, names in told.items())
    has = [f"already has {counts} that pending migrations make"] if told else []
    has += ["has something else by the name of what pending migrations make"] if others else []
    has += ["has no row in its ledger"] if blind and not fails else []
    if has:
        yield Violation(
            Location(facts.folder.path),
            f"{facts.target.name} {' and '.join(has)}",
            evidence=listed([*(name for names in told.values() for name in names), *others]),
            severity=Severity.ERROR if fails or others or blind else Severity.WARNING,
            fix=_RECORDED if any(held.again for held in held_elsewhere(facts)) else "",
        )
    elif facts.copied and not facts.target.ledger.rows:
        yield from _over_rows(facts)


def _over_rows(facts: TargetFacts) -> Iterator[Violation]:
    """What would change rows that are there: a rehearsal on a copy of the schema has shown all else, and has none."""
    target = facts.target
    sequences = (name for name, kind in target.relations.items() if kind == "sequence")
    due = [each for each in pending(facts.folder, target.ledger) if each.tag not in facts.outside]
    if found := first_over_rows(due, (*target.tables, *sequences)):
        yield Violation(
            Location(facts.folder.path),
            f"{target.name} has no row in its ledger: {found[0].tag} would run over what is there",
            evidence=str(found[1]),
            severity=Severity.WARNING,
            fix=_RAN_BEFORE,
        )


def _begins_anew(facts: TargetFacts, there: Collection[Made]) -> bool:
    """Whether all that is there may be of the first one, cut off outside of a transaction: behind it is a row."""
    first = [each for each in pending(facts.folder, facts.target.ledger)[:1] if each.tag in facts.outside]
    return len(named_in(first, there)) == len(there)


def _there(target: Target, made: Sequence[Made]) -> dict[Made, str]:
    """What the target has by the name of each, which leaves no room for it."""
    relations, types = {**target.relations, **dict.fromkeys(target.tables, "table")}, frozenset(target.types)
    there = dict[Made, str]()
    for each in made:
        relation = relations.get(each.full, "")
        if relation and not (relation in _TYPELESS and each.kind in _TYPES):
            there[each] = relation
        elif each.full in types and each.kind != "index":
            there[each] = "type"
    return there


def _plain(facts: TargetFacts, made: Sequence[Made]) -> frozenset[Made]:
    """Those of `made` of which a plain CREATE is pending."""
    schemas = dict[str, set[str]]()
    for each in made:
        schemas.setdefault(each.name, set()).add(each.schema)
    places = set[tuple[str, str, str]]()
    for created in facts.created_plainly:
        name = quoted(created.name)
        # Where it is made without a schema, it is the only one that is made by that name.
        known = {quoted(created.schema)} if created.schema else schemas.get(name, set())
        for schema in known if len(known) == 1 else ():
            # A deploy drops one that an earlier run left so, and begins anew.
            gives_way = created.concurrently and facts.target.relations.get(f"{schema}.{name}") == _INVALID
            if not gives_way and (created.schema or facts.target.is_as_on_scratch(schema)):
                places.add((created.kind, schema, name))
    return frozenset(each for each in made if (_KINDS[each.kind], each.schema, each.name) in places)


def _guarded(facts: TargetFacts, there: Collection[Made]) -> frozenset[Made]:
    """Those of `there` that a pending migration names which may get past what is there."""
    due = pending(facts.folder, facts.target.ledger) if there else ()
    return frozenset(named_in([each for each in due if _GUARD.search(decode(each.sql))], there))
