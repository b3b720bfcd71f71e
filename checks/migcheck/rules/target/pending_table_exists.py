"""MC513."""

import re
from collections.abc import Iterator

from migcheck.drizzle.ledger import pending
from migcheck.drizzle.pieces import decode
from migcheck.facts.lint.names import full_name, quoted
from migcheck.facts.target import TargetFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.regex import regex
from migcheck.rule import rule

# What a line of the change begins with, and what it is called.
_KINDS = {
    "+ table ": "tables",
    "+ enum ": "types",
    "+ domain ": "types",
    "+ range ": "types",
    "+ composite type ": "types",
    "+ sequence ": "sequences",
    "+ view ": "views",
    "+ materialized view ": "views",
}
# Words by which a migration may get past a table that is there.
_GUARD = regex(r"\bif\s+(?:not\s+)?exists\b|\bexception\s+when\b|\bdrop\s+table\b", re.IGNORECASE)


@rule("MC513")
def pending_table_exists(facts: TargetFacts) -> Iterator[Violation]:
    """What is pending makes nothing that the target has already.

    ## Why it matters
    The ledger says that these migrations never ran here, the database says that what they make is there: it was made
    by `drizzle-kit push`, by hand, by another tool, or by a deploy that stopped half way. The deploy would fail with
    42P07. It only warns where a migration looks first (IF NOT EXISTS): then it runs, and the old table stays as it is.
    A type, a sequence or a view that is there is told where a plain CREATE of it would fail.

    ## How to fix
    Where the database already is what the folder builds, `migcheck baseline` proves that and writes the rows of its
    ledger, without running anything; where it is not, it lists the differences. Else drop or rename what is in the way,
    or point the URL at the right database.
    """
    told, plain = dict[str, list[str]](), False
    for name, kind in _there(facts):
        fails = _fails(facts, name)
        plain = plain or fails or (kind == "tables" and not _guarded(facts, name))
        if fails or kind == "tables":
            told.setdefault(kind, []).append(name)
    if told:
        counts = " and ".join(f"{len(names)} of the {kind}" for kind, names in told.items())
        yield Violation(
            Location(facts.folder.path),
            f"{facts.target.name} already has {counts} that pending migrations make",
            evidence=", ".join(name for names in told.values() for name in names),
            severity=Severity.ERROR if plain else Severity.WARNING,
        )


def _there(facts: TargetFacts) -> Iterator[tuple[str, str]]:
    """What the rehearsal saw made and the target has, each with what it is called."""
    for begins, kind in _KINDS.items():
        made = [line.removeprefix(begins) for line in facts.change if line.startswith(begins)]
        known = facts.target.tables if kind == "tables" else facts.target.others
        for name in known if made else ():
            if any(each == name or each.startswith(f"{name} ") for each in made):
                yield name, kind


def _fails(facts: TargetFacts, name: str) -> bool:
    """Whether a plain CREATE of it is pending."""
    plain = [each for each in facts.created_plainly if name.endswith(f".{quoted(each.name)}")]
    exact = any(each.schema and full_name(each.schema, each.name) == name for each in plain)
    # Where it is made without a schema, it is the only one that is made by that name.
    return exact or any(not each.schema and _alone(facts, quoted(each.name)) for each in plain)


def _alone(facts: TargetFacts, name: str) -> bool:
    """Whether no two schemas get something of that name."""
    lines = (line.removeprefix(begins) for begins in _KINDS for line in facts.change if line.startswith(begins))
    parts = (line.partition(f".{name}") for line in lines)
    return len({schema for schema, found, rest in parts if found and rest[:1] in {"", " "} and " " not in schema}) == 1


def _guarded(facts: TargetFacts, name: str) -> bool:
    plain = name.rpartition(".")[2].strip('"')
    texts = (decode(each.sql) for each in pending(facts.folder, facts.target.ledger))
    return any(plain in text and _GUARD.search(text) for text in texts)
