"""MC510."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import pending
from migcheck.facts.target.altering import Altered, altered_plainly
from migcheck.facts.target.another_role import goes_on_as_another
from migcheck.facts.target.astray import led_astray, led_to_ledger
from migcheck.facts.target.judged import Target, TargetFacts
from migcheck.facts.target.made import Made, altered_in, made_in, named_in, referenced_in
from migcheck.finding import Location, Severity, Violation
from migcheck.regex import regex
from migcheck.rule import rule
from migcheck.sql_names import full_name, quoted
from migcheck.wording import listed

_READS = "Nothing, where another role deploys: to look, this one has what it takes. Else"
_DEPLOYS = "Deploy as the owner of the database and of the ledger, or"
_OWNER = "Deploy as the owner of what is altered ({})"

# They own what Supabase makes: storage.objects, realtime.messages, auth.users.
_OF_SUPABASE = regex(r"supabase_\w+_admin")
_LOOKS = "USAGE on schema "
_MAINTAIN_SINCE = 17


@rule("MC510")
def role_may_not_deploy(facts: TargetFacts) -> Iterator[Violation]:
    """The role of the URL may keep the ledger, create objects, alter what is there, and point keys at it.

    ## Why it matters
    Without these privileges the deploy fails at its first statement. A role that may create nothing where unqualified
    names go is only a warning: migrations may name a schema of their own. Where its `search_path` (by ALTER ROLE, say)
    leads to no schema that is there, names without one are refused (3F000, 42P01); where it leads to another than the
    one in which the target has what was made by such names before, new things would go astray. So they would where
    `"$user"` means the schema that the deploy makes for the ledger. Where the rehearsal saw in which schemas things
    are made that a migration names, and to which tables new keys point, CREATE, USAGE and REFERENCES there are asked
    for; USAGE alone only warns. No right that is granted lets a role alter a table, a view, a sequence, a type, a
    domain or a function, or make a policy, a rule or extended statistics on one or a partition or child of it: it has
    to own it, or be a member of the role that does; to drop it, the schema will do. Supabase lets its role `postgres`
    make policies on tables of its own, as `storage.objects`, and drop triggers there: of these nothing is asked where
    a `supabase_…_admin` owns the table. Where a migration goes on as another role (SET ROLE), nothing of this is asked
    for. `verify` only warns, so that it can look with a role that may write nothing.

    Not asked for is the owner that comments on triggers take, what functions do, what a DO block does by EXECUTE,
    behind an IF, a CASE or a LOOP, or where it catches any error, nor, from Postgres 17 on, the owner of REFRESH
    MATERIALIZED VIEW and CLUSTER, which a granted MAINTAIN replaces.

    ## How to fix
    Deploy as the owner of the database, of the ledger and of the tables, or grant what is missing. From Postgres 15 on
    nobody but the database's owner may create in `public`: `grant create on schema public to the_role`.
    """
    target = facts.target
    if facts.writes is None or target.read_only:
        return
    needed, owners = _needed(facts), _owners(facts)
    lacking = {**target.lacking, **needed}
    told = [f"lacks {listed(list(lacking))}"] if lacking else []
    told += [f"is not the owner of {listed(list(owners))}, which pending migrations alter or drop"] if owners else []
    if told:
        fails = target.lacking or owners or any(not right.startswith(_LOOKS) for right in needed)
        cures = [*lacking.values(), *_create(target), *_handed_over(target, owners)]
        yield Violation(
            Location(facts.folder.path),
            f"role {target.role} on {target.name} {' and '.join(told)}",
            severity=facts.writes if fails else Severity.WARNING,
            fix=_fix(facts, list(dict.fromkeys(cures)), owners),
        )
    elif astray := led_astray(facts):
        leads, fix = _led(target)
        yield Violation(
            Location(facts.folder.path),
            f"the search_path of role {target.role} on {target.name} ({target.search_path}) leads to {leads}, and "
            f"pending migrations name none: {listed(astray)}",
            severity=facts.writes,
            fix=fix if facts.writes is Severity.ERROR else f"{_READS} {fix[0].lower()}{fix[1:]}",
        )
    elif not target.may_create:
        yield Violation(
            Location(facts.folder.path),
            f"role {target.role} on {target.name} may create nothing where unqualified names go",
            severity=Severity.WARNING,
            fix=_fix(facts, _create(target), {}),
        )


def _led(target: Target) -> tuple[str, str]:
    """Where the search_path leads, and what to do about it."""
    sets = f"alter role {quoted(target.role)} in database {quoted(target.identity.name)} set search_path ="
    if not target.schema:
        return "no schema", f'Make a schema that it names, or have it lead to one: `{sets} "$user", public;`'
    if led_to_ledger(target):
        there = quoted(target.ledger.name.schema)
        before = f"Where new things belong into {there}, make it before: `create schema {there};`"
        leads = f"schema {there} once the deploy has made that for the ledger"
        return leads, f"Have it lead to public: `{sets} public;`. {before}"
    there = quoted(target.schema)
    return (
        f"schema {there}, where nothing is of what was made in public by such names before",
        f"Have it lead to public: `{sets} public;`. Where new things belong into {there}, name that in the migrations",
    )


def _needed(facts: TargetFacts) -> dict[str, str]:
    """What the role lacks where the rehearsal saw things made or pointed to: in words, with what grants it."""
    target, migrations = facts.target, pending(facts.folder, facts.target.ledger)
    keys = [each for each in referenced_in(facts.change) if target.is_as_on_scratch(each.partition(".")[0])]
    made = named_in(migrations, [each for each in made_in(facts.change) if each.schema in target.closed])
    lacks = _closed(target, made, {each.partition(".")[0] for each in keys})
    lacks += [("REFERENCES", each) for each in sorted(target.unreferable.intersection(keys))]
    if not lacks or goes_on_as_another(migrations):
        return {}
    return {f"{right} on {on}": f"grant {right.lower()} on {on} to {quoted(target.role)};" for right, on in lacks}


def _closed(target: Target, made: Iterable[Made], keyed: Collection[str]) -> list[tuple[str, str]]:
    """Each right that the role lacks on a schema in which something is made, or a table that a key points to."""
    schemas = {each.schema for each in made if target.is_as_on_scratch(each.schema)}
    rights = ((each, right) for each in sorted({*schemas, *keyed}) for right in target.closed.get(each, ()))
    return [(right, f"schema {each}") for each, right in rights if each in schemas or right == "USAGE"]


def _owners(facts: TargetFacts) -> dict[str, str]:
    """What plain statements alter or drop, as the rehearsal saw, and what is another's: each with its owner."""
    target, migrations = facts.target, pending(facts.folder, facts.target.ledger)
    if not target.owners or goes_on_as_another(migrations):
        return {}
    plain = [each for each in altered_plainly(migrations) if not each.kept or target.major < _MAINTAIN_SINCE]
    others = sorted((altered_in(facts.change) | _kept(target, migrations, plain)).intersection(target.owners))
    others = [each for each in others if target.is_as_on_scratch(each.partition(".")[0])]
    refused = {each: [one for one in plain if one.may_be(each)] for each in others}
    return {
        each: target.owners[each]
        for each, found in refused.items()
        if any(_takes_the_owner(one, each, target) for one in found)
    }


def _kept(target: Target, migrations: Iterable[Migration], plain: Iterable[Altered]) -> set[str]:
    """What is refreshed or clustered, as `schema.name`: of that no catalogue tells."""
    kept = [each for each in plain if each.kept]
    elsewhere = kept and any(b"search_path" in each.sql.lower() for each in migrations)
    return {full_name(each.schema or target.schema, each.name) for each in kept if each.schema or not elsewhere}


def _takes_the_owner(what: Altered, full: str, target: Target) -> bool:
    if what.dropped and full in target.droppable:
        return False
    return not (what.lent and _OF_SUPABASE.fullmatch(target.owners[full]))


def _handed_over(target: Target, owners: Mapping[str, str]) -> list[str]:
    """What hands them over; an index goes with its table."""
    to = quoted(target.role)
    handed = (each for each in owners if "index" not in target.relations.get(each, ""))
    return [f"alter {_kind(target, each)} {each} owner to {to};" for each in handed]


def _kind(target: Target, full: str) -> str:
    if full.endswith(")"):
        return "routine"
    return "type" if full in target.types or target.relations.get(full) == "type" else "table"


def _fix(facts: TargetFacts, cures: list[str], owners: Mapping[str, str]) -> str:
    others = listed(list(dict.fromkeys(owners.values())))
    if not cures:
        return f"{_OWNER.format(others)}." if owners else ""
    deploys = f"{_OWNER.format(others)}, or" if owners else _DEPLOYS
    begins = _READS if facts.writes is Severity.WARNING else deploys
    return f"{begins} have the owner run `{' '.join(cures)}`"


def _create(target: Target) -> list[str]:
    """What lets the role make what has no schema in its name, where it may not."""
    if target.may_create or not target.schema:
        return []
    return [f"grant create on schema {quoted(target.schema)} to {quoted(target.role)};"]
