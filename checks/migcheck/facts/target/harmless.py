"""Which statements are known to do no harm where what migrations make is there before. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, partial
from itertools import pairwise

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.facts.target.sets_back import sets_back
from migcheck.finding import Location
from migcheck.postgres.running.alone import statements_of
from migcheck.postgres.running.statements import EXECUTES, blocks_in, inside, items, tokens
from migcheck.regex import regex
from migcheck.sql_names import NAME, NAMED, bare, full_name, names_at, unquoted

# A DO block may do so as well.
_MOVED = regex(
    rf"\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<full>{NAME}(?:\s*\.\s*{NAME})?)\s+"
    rf"(?:rename\s+to\s+(?P<to>{NAME})|set\s+schema\b)",
    re.IGNORECASE,
)
_LOOKS = regex(r"\bif\s+(?:not\s+)?exists\b|\bexception\s+when\b", re.IGNORECASE)
# Not what a key does ON UPDATE, what a trigger or a policy is of, or what a SELECT locks.
_UPDATES = r'(?<!\bfor\s)(?<!\bon\s)\bupdate\s+(?!(?:on|or|of)\b)[\w"]'
_ROWS = rf"{_UPDATES}|\b(?:insert\s+into|delete\s+from|truncate|merge\s+into)\b"
_CHANGES_ROWS = regex(_ROWS, re.IGNORECASE)
_EXECUTES = regex(EXECUTES, re.IGNORECASE)
_WRITES = regex(rf"{_ROWS}|\bdrop\s+(?:table|column|sequence)\b|{EXECUTES}", re.IGNORECASE)
# Only where there is a key for it: without one, rows would be there twice.
_BY_KEY = regex(r"\bon\s+conflict\s*(?:\(|on\s+constraint\b)", re.IGNORECASE)
_NO_ROW_TWICE = regex(r"\bdo\s+nothing\b", re.IGNORECASE)
_IS_NAME = regex(NAMED)
_LITERAL = regex(r"'(?:[^']|'')*'|\d+")
_SUBJECTS = (("alter", "table"), ("alter", "type"), ("insert", "into"), ("delete", "from"), ("update",))
_BEFORE_NAME = frozenset({"concurrently", "exists", "if", "only"})
_BEFORE_KIND = frozenset({"foreign", "materialized", "recursive", "unique", "unlogged"})
# Where what they make is there, MC513 says so.
_MAKES = frozenset({"domain", "index", "sequence", "table", "type", "view"})
# What holds no rows may be dropped, and be made anew.
_WITHOUT_ROWS = frozenset({"function", "index", "policy", "procedure", "rule", "trigger", "view"})
_DEEPEST = 100
"""Bodies within bodies that are looked into: each is read once more for each that it stands in."""
_NO_MATTER = frozenset({"analyze", "comment", "grant", "revoke", "set", "vacuum"})
_OF_ROWS = frozenset({"call", "delete", "insert", "merge", "truncate", "update"})
# Functions of the server's own that change no row.
_CHANGE_NONE = regex(
    r"array_agg|cast|coalesce|count|current_setting|exists|greatest|max|min|nextval|now|set_config|setval|string_agg|sum"
    r"|to_regclass|unnest|version|generate_series|pg_\w*"
)


class There(Struct, frozen=True, dict=True):
    """What is there before, as `schema.name`."""

    tables: frozenset[str]
    types: frozenset[str] = frozenset()
    sequences: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> Mapping[str, frozenset[str]]:
        """The tables by their names alone."""
        return _by_name(self.tables)

    @cached_property
    def counted(self) -> Mapping[str, frozenset[str]]:
        """The tables and the sequences likewise."""
        return _by_name(self.tables | self.sequences)

    @cached_property
    def type_names(self) -> Mapping[str, frozenset[str]]:
        """The types likewise."""
        return _by_name(self.types)

    def tables_at(self, words: Sequence[str]) -> frozenset[str]:
        """Those that the name that `words` begin with may be."""
        return _meant(words, self.tables, self.names)

    def types_at(self, words: Sequence[str]) -> frozenset[str]:
        """The types likewise."""
        return _meant(words, self.types, self.type_names)


def _by_name(names: Iterable[str]) -> Mapping[str, frozenset[str]]:
    found = dict[str, set[str]]()
    for full in names:
        found.setdefault(bare(full), set()).add(full)
    return {name: frozenset(each) for name, each in found.items()}


def _meant(words: Sequence[str], there: frozenset[str], by_name: Mapping[str, frozenset[str]]) -> frozenset[str]:
    names, _ = names_at(words)
    match names:
        case [name]:
            return by_name.get(name, frozenset())
        case [*_, schema, name]:
            return there & {full_name(schema, name)}
        case _:
            return there


def first_harm(
    migrations: Iterable[Migration], there: There, *, of_rows: bool = False
) -> tuple[Migration, Location] | None:
    """The first statement that is not known to be harmless, and its migration.

    None where each looks first, makes what is new, or is about something else, as a table is that was moved away.
    `of_rows`: only those are meant that may change rows, as a routine may that is called, or set a sequence back.
    """
    dropped = set[str]()
    for migration in migrations:
        for statement in statements_of(migration):
            words = list(tokens(statement.text))
            text = " ".join(words)
            moved = list(_MOVED.finditer(text))
            if away := frozenset().union(*(there.tables_at(list(tokens(each["full"]))) for each in moved)):
                there = There(there.tables - away, there.types, there.sequences)
            takes_place = any(each["to"] and there.tables_at([each["to"]]) for each in moved)
            back = sets_back(words, text)
            about_others = _is_about_others(words, text, there, back=back)
            harms = takes_place or not (about_others or (not back and _is_harmless(words, text, dropped)))
            if of_rows:
                harms = (harms and (back or _changes_rows(words, text))) or (bool(there.tables) and _calls(words))
            if harms:
                return migration, Location(migration.path, statement.line)
    return None


def _changes_rows(words: Sequence[str], text: str) -> bool:
    """Whether it may change rows of what it names."""
    match [each.lower() for each in words[:2]]:
        case ["do" | "with", *_]:
            return _CHANGES_ROWS.search(text) is not None
        case ["copy", second]:
            return second != "(" and "from" in map(str.lower, words)
        case [first, *_]:
            return first in _OF_ROWS
        case _:
            return False


def _calls(words: Sequence[str]) -> bool:
    """Whether it calls a procedure, or selects from a function or what one returns, which may change any row."""
    lower = [each.lower() for each in words]
    if lower[:1] != ["select"]:
        return lower[:1] == ["call"]
    found = (names_at(words, at) for at in (1, *(n for n, each in enumerate(lower, 1) if each == "from")))
    called = (names[-1] for names, behind in found if names and lower[behind : behind + 1] == ["("])
    return not all(map(_CHANGE_NONE.fullmatch, called))


def _is_about_others(words: Sequence[str], text: str, there: There, *, back: bool) -> bool:
    """Whether nothing that is there is what it alters; or is named at all, where that cannot be told."""
    if (lower := [each.lower() for each in words[:2]]) in (["drop", "schema"], ["drop", "owned"]):
        return not there.tables
    for subject in _SUBJECTS:
        if tuple(lower[: len(subject)]) == subject:
            names = _behind(words, len(subject))
            return not (there.types_at(names) if "type" in subject else there.tables_at(names))
    code = [word for block in blocks_in(words) for word in tokens(block)]
    named = _named(code or words, strings=_EXECUTES.search(text) is not None)
    # A sequence matters only where it is dropped, or set back.
    matter = there.counted if back or "drop sequence" in text.lower() else there.names
    return named is not None and matter.keys().isdisjoint(named)


def _is_harmless(words: Sequence[str], text: str, dropped: set[str]) -> bool:
    """Whether one that is about what is there looks first, or does the same a second time.

    `dropped` are names of what was dropped before, and is made anew; it gains those that this one drops.
    """
    lower = [each.lower() for each in words]
    match lower:
        case ["alter", "sequence" | "table" | "type", *_]:
            names = _behind(words, 2)
            return lower[1] == "sequence" or all(
                map(_repeats, items([each.lower() for each in names[names_at(names)[1] :]]))
            )
        case ["insert", *_]:
            by_key = _BY_KEY.search(text)
            repeats_none = by_key is not None and _NO_ROW_TWICE.search(text, by_key.end()) is not None
            return repeats_none or _looks_for_its_row(words)
        case ["do", *_]:
            return _LOOKS.search(text) is not None and _WRITES.search(text) is None
        case ["create", *rest]:
            kind = next((each for each in rest if each not in _BEFORE_KIND), "")
            looks = rest[:2] == ["or", "replace"] or rest[1:4] == ["if", "not", "exists"]
            return looks or kind in _MAKES or not dropped.isdisjoint(_own_name(words))
        case ["drop", *_]:
            dropped.update(_own_name(words))
            return not _WITHOUT_ROWS.isdisjoint(lower[1:3]) and "if" in lower[2:4] and "cascade" not in lower
        case _:
            return "".join(lower[:1]) in _NO_MATTER or _only_sets(lower)


def _only_sets(lower: Sequence[str]) -> bool:
    """Whether a SELECT sets a sequence, and calls nothing else that may do anything."""
    called = [word for word, mark in pairwise(lower) if mark == "(" and _IS_NAME.fullmatch(word)]
    only = "setval" in called and all(map(_CHANGE_NONE.fullmatch, called))
    return only and lower[:1] == ["select"] and "into" not in lower


def _looks_for_its_row(words: Sequence[str]) -> bool:
    """Whether an INSERT … SELECT is of one row that it looks for first, by what it puts into some of the columns.

    `insert into t (a, b) select 1, 'x' where not exists (select from t where a = 1)`; or it looks for any row at all.
    """
    lower = [each.lower() for each in words]
    table, at = names_at(words, 2)
    columns = words[at + 1 : lower.index(")") : 2] if lower[at : at + 1] == ["("] and ")" in lower else []
    at += 2 * len(columns) + 1 if columns else 0
    looks = next((n for n in range(at, len(lower)) if lower[n : n + 4] == ["where", "not", "exists", "("]), len(lower))
    if lower[at : at + 1] != ["select"] or "from" in lower[at:looks] or "from" not in lower[looks:]:
        return False
    looked, behind = names_at(words, lower.index("from", looks) + 1)
    put = {(unquoted(name), *each) for name, each in zip(columns, items(words[at + 1 : looks]), strict=False)}
    match _unqualified([each for each in words[behind:] if each != ";"], looked):
        case [")"]:
            return looked == table
        case [where, *alike, ")"] if where.lower() == "where":
            alike.append("and")
            parts = [alike[n : n + 4] for n in range(0, len(alike), 4)]
            return looked == table and all(map(partial(_is_put, put), parts))
        case _:
            return False


def _unqualified(words: Sequence[str], looked: Sequence[str]) -> list[str]:
    """What stands behind the table that is `looked` at, without its alias and without either in front of a column."""
    alias_at = 1 if "".join(words[:1]).lower() == "as" else 0
    alias, behind = names_at(words, alias_at)
    is_called = len(alias) == 1 and "".join(words[alias_at:behind]).lower() != "where"
    rest, called = (words[behind:], alias) if is_called else (words, tuple(looked[-1:]))
    there = {n for n, (each, dot) in enumerate(pairwise(rest)) if dot == "." and (unquoted(each),) == called}
    return [each for n, each in enumerate(rest) if n not in there and n - 1 not in there]


def _is_put(put: AbstractSet[tuple[str | None, ...]], part: Sequence[str]) -> bool:
    """Whether `column = value and` is of a value that is `put` there, and is the same whenever it is read."""
    match part:
        case [name, "=", value, last] if last.lower() == "and":
            return (unquoted(name), value) in put and _LITERAL.fullmatch(value) is not None
        case _:
            return False


def _repeats(action: Sequence[str]) -> bool:
    """Whether an action of ALTER does the same where it is done."""
    match action:
        case ["add", "if", "not", "exists", *_] | ["add", "column" | "value", "if", "not", "exists", *_]:
            return True
        case ["enable", "row", "level", "security", *_] | ["owner", "to", *_]:
            return True
        case ["alter", "column", _, *does] | ["alter", _, *does]:
            return does[:2] in (["set", "default"], ["drop", "default"]) or does[:3] == ["drop", "not", "null"]
        case _:
            return False


def _own_name(words: Sequence[str]) -> tuple[str, ...]:
    """The name of what holds no rows that a CREATE or a DROP is about."""
    at = next((at for at, each in enumerate(words[:4], 1) if each.lower() in _WITHOUT_ROWS), len(words))
    return names_at(_behind(words, at))[0][-1:]


def _behind(words: Sequence[str], at: int) -> Sequence[str]:
    """`words` from the name on that stands at `at` or behind what may come before it."""
    return words[next((n for n in range(at, len(words)) if words[n].lower() not in _BEFORE_NAME), len(words)) :]


def _named(words: Iterable[str], *, strings: bool) -> set[str] | None:
    """Every name that stands in `words`, and in bodies; None where these are nested too deeply.

    A string is one, as `to_regclass` takes it; or `strings` are bodies as well, as EXECUTE takes them.
    """
    found, left = set[str](), [iter(words)]
    while left:
        each = next(left[-1], None)
        is_string = each is not None and each[-1:] == "'"
        if each is None:
            left.pop()
        elif each[:1] != "$" and not (is_string and strings):
            # A function gets the name of a table or a sequence as a string.
            text = each[each.index("'") :].strip("'") if is_string else each
            found.add(text if is_string and not _IS_NAME.fullmatch(text) else bare(text))
        elif len(left) < _DEEPEST:
            left.append(tokens(each[each.index("'") + 1 : -1] if is_string else inside(each)))
        else:
            return None
    return found
