"""What migrations alter or drop by statements that nobody but its owner may send. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.postgres.running.alone import statements_of
from migcheck.postgres.running.statements import EXECUTES, blocks_in, come_to, items, outside, tokens
from migcheck.regex import regex
from migcheck.sql_names import full_name, names_at, quoted

# More than any statement has up to the end of the name.
_MOST_TOKENS = 16
_TABLE = "table"
_TYPE = "type"
_ROUTINE = "routine"
_KINDS = frozenset({_TABLE, "index", "sequence", _TYPE, "view", _ROUTINE})
_DOMAIN = "domain"
_ALSO_CALLED = {_DOMAIN: _TYPE, **dict.fromkeys(("function", "procedure", "aggregate"), _ROUTINE)}
_COLUMN = "column"
_OF_OWNERS = (["alter"], ["comment"], ["drop"])
_KEEPS = (["refresh", "materialized", "view"], ["cluster"])
_RULE = "rule"
_STATISTICS = "statistics"
# What is of a table: it stands behind ON.
_OF_TABLES = {
    "create": frozenset({"index", "policy", _RULE, _STATISTICS}),
    "alter": frozenset({"policy", "trigger", _RULE}),
    # Those of a trigger may be of a view, and the constraint of a domain.
    "comment": frozenset({"constraint", "policy"}),
    "drop": frozenset({"policy", "trigger", _RULE}),
}
# Or behind another word.
_BEFORE_TABLE = {("create", _RULE): "to", ("create", _STATISTICS): "from"}
# What supautils, which Supabase has, lets others do to tables that it is told (policy_grants, drop_trigger_grants).
_LENT = {("create", "policy"), ("alter", "policy"), ("comment", "policy"), ("drop", "policy"), ("drop", "trigger")}
_BEFORE_KIND = frozenset({"materialized", "on", "or", "replace", "unique"})
_BEFORE_NAME = frozenset({"concurrently", "exists", "if", "only"})
# The owner of a schema may drop what is another's, and make one by its name.
_DROPS = regex(
    r"\bdrop\s+(?:materialized\s+)?(table|index|sequence|type|domain|view|function|procedure|aggregate|routine)\b"
)
# What else may have dropped any, and how a role comes to have the rights of another.
_ANYTHING = (
    regex(rf"\b(?:drop\s+(?:schema|owned)|reassign\s+owned)\b|{EXECUTES}"),
    regex(r"\bset_config\s*\(\s*'(?:role|session_auth)"),
)
# A block that goes on without what it may not do.
_TAKES_IT = regex(r"\b(?:others|sqlstate|syntax_error_or_access_rule_violation|insufficient_privilege)\b")
# A right ON something gives no role.
_ENDS_GRANT = regex(r";|\bon\b")
_GRANTS, _TO = regex(r"\bgrant\b"), regex(r"\bto\b")


class Altered(Struct, frozen=True):
    """A relation, type or routine by its name as the server folds it; no `schema` where none is written.

    `kind` is one of table, index, sequence, type, view and routine, or rule: that has one, be it a table or a view.
    `dropped`: the owner of its schema may do that as well.
    `lent`: on Supabase whoever runs migrations may do that on some tables of its admin roles.
    `kept`: it is refreshed or clustered, and from Postgres 17 on MAINTAIN will do.
    """

    name: str
    schema: str = ""
    kind: str = _TABLE
    dropped: bool = False
    lent: bool = False
    kept: bool = False

    def may_be(self, full: str) -> bool:
        """Whether that, as `schema.name`, is meant or may be; of routines of one name, any."""
        full = full[: full.index("(")] if full.endswith(")") else full
        return full == full_name(self.schema, self.name) if self.schema else full.endswith(f".{quoted(self.name)}")


def altered_plainly(migrations: Iterable[Migration]) -> frozenset[Altered]:
    """What statements of `migrations`, in their order, alter or drop by its name, of several dropped the first.

    Nothing that an earlier statement may have dropped, and nothing behind one that may give the role another's rights.
    """
    altered, dropped = set[Altered](), list[tuple[Collection[str], str]]()
    for migration in migrations:
        for statement in statements_of(migration):
            text = statement.text.lower()
            if any(each.search(text) for each in _ANYTHING) or _grants_role(text):
                return frozenset(altered)
            for words, part in _statements(statement.text, text):
                found = filter(None, (_altered(words), _joined(words), *_inherited(words)))
                altered.update(one for one in found if not any(_may_be_gone(one, *each) for each in dropped))
                if kinds := _DROPS.findall(part):
                    dropped.append(([_ALSO_CALLED.get(each, each) for each in kinds], part))
    return frozenset(altered)


def _statements(text: str, lower: str) -> Iterator[tuple[list[str], str]]:
    """The words of the statement that matter, and its text in lower case.

    Before a DO block, whose own words do not matter, those of each statement in it that it comes to and that has to
    get through.
    """
    words = list(islice(tokens(text), None if "inherits" in lower else _MOST_TOKENS))
    blocks = list(blocks_in(words))
    if not blocks:
        yield words, lower
        return
    for code in blocks if not _TAKES_IT.search(lower) else ():
        yield from ((each, " ".join(each).lower()) for each in come_to(code))
    yield [], lower


def _grants_role(text: str) -> bool:
    granted = ((part, _GRANTS.search(part)) for part in _ENDS_GRANT.split(text) if "grant" in part)
    return any(found and _TO.search(part, found.end()) for part, found in granted)


def _may_be_gone(what: Altered, kinds: Collection[str], text: str) -> bool:
    """Whether a statement of that text, which drops such kinds, may have dropped it."""
    if what.kind != _TABLE and "cascade" in text:
        return True
    return (what.kind in kinds or what.kind == _RULE) and what.name.lower() in text


def _altered(words: Sequence[str]) -> Altered | None:
    lower = [each.lower() for each in words]
    if keeps := next((each for each in _KEEPS if lower[: len(each)] == each), None):
        names, _ = names_at(words, _behind(lower, len(keeps), {"concurrently", "verbose"}))
        return Altered(names[-1], "".join(names[-2:-1]), "view" if keeps[1:] else _TABLE, kept=True) if names else None
    verb, at = lower[:1], _behind(lower, 1, _BEFORE_KIND)
    kind = "".join(lower[at : at + 1])
    kind = _ALSO_CALLED.get(kind, kind)
    lent = ("".join(verb), kind) in _LENT
    if kind in _OF_TABLES.get("".join(verb), ()):
        # Where there is none, IF EXISTS asks for nobody.
        places = _places(_BEFORE_TABLE.get(("".join(verb), kind), "on"), lower, at)
        if not places or (verb == ["drop"] and lower[at + 1 : at + 2] == ["if"]):
            return None
        # An expression may have a FROM of its own.
        at = places[-1 if kind == _STATISTICS else 0]
        of_domain = kind == "constraint" and lower[at + 1 : at + 2] == [_DOMAIN] and lower[at + 2 : at + 3] != ["is"]
        kind, at = (_TYPE, at + 1) if of_domain else (_RULE if kind == _RULE else _TABLE, at)
        verb = ["alter"]
    elif parent := _partitioned(words, lower, at):
        at = parent - 1
    elif verb == ["comment"] and kind == "column":
        kind = _COLUMN
    elif kind not in _KINDS or not (verb in _OF_OWNERS or (verb == ["create"] and "replace" in lower[:at])):
        return None
    names, _ = names_at(words, _behind(lower, at + 1, _BEFORE_NAME))
    if kind == _COLUMN:
        kind, names = _TABLE, names[:-1]
    return Altered(names[-1], "".join(names[-2:-1]), kind, verb == ["drop"], lent) if names else None


def _joined(words: Sequence[str]) -> Altered | None:
    """The table that becomes a partition or a parent of the one that is altered, whose owner that takes as well."""
    lower = [each.lower() for each in words]
    if lower[:2] != ["alter", _TABLE]:
        return None
    _, at = names_at(words, _behind(lower, 2, _BEFORE_NAME))
    behind = {("attach", "partition"): at + 2, ("inherit",): at + 1}
    end = next((end for joins, end in behind.items() if tuple(lower[at : at + len(joins)]) == joins), len(words))
    names, _ = names_at(words, end)
    return Altered(names[-1], "".join(names[-2:-1])) if names else None


def _inherited(words: Sequence[str]) -> Iterator[Altered]:
    """The parents of a new table, whose owner that takes; not behind IF NOT EXISTS, likewise."""
    lower = [each.lower() for each in words]
    at = _behind(lower, 1, {"unlogged"}) + 1
    if lower[:1] != ["create"] or lower[at - 1 : at] != [_TABLE] or lower[at : at + 1] == ["if"]:
        return
    for place in (place for place, _ in outside(lower) if lower[place - 1 : place + 2] == [")", "inherits", "("]):
        for each in items(words[place + 2 : [*_places(")", lower, place), len(words)][0]]):
            names, _ = names_at(each)
            if names:
                yield Altered(names[-1], "".join(names[-2:-1]))


def _partitioned(words: Sequence[str], lower: Sequence[str], at: int) -> int:
    """Where `create table … partition of` names the table, whose owner that takes; 0 where it does not.

    Not behind IF NOT EXISTS, which asks for nobody where there is one.
    """
    if [*lower[:1], *lower[at : at + 1]] != ["create", _TABLE]:
        return 0
    _, end = names_at(words, at + 1)
    return end + 2 if lower[end : end + 2] == ["partition", "of"] else 0


def _places(word: str, words: Sequence[str], at: int) -> list[int]:
    return [number for number in range(at, len(words)) if words[number] == word]


def _behind(words: Sequence[str], at: int, these: Collection[str]) -> int:
    """The position of the first of `words` from `at` on that is none of `these`."""
    return next((number for number in range(at, len(words)) if words[number] not in these), len(words))
