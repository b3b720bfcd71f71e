"""What a target resembles: which of a folder's migrations built what it is. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from migcheck.drizzle.folder import Migration
from migcheck.facts.course import Course, Stand
from migcheck.postgres.catalogue import Catalogue, Key, difference
from migcheck.postgres.catalogue.likeness import Likeness, likeness
from migcheck.postgres.reversal.step import Step, parent_of
from migcheck.postgres.reversal.steps import steps_to
from migcheck.postgres.running.alone import statements_of
from migcheck.postgres.running.statements import EXECUTES, inside, tokens
from migcheck.postgres.sql_calls import calls_others
from migcheck.regex import regex
from migcheck.wording import counted, listed

# `select` as well: of functions, nobody knows what they do.
_CHANGE_ROWS = ("insert", "update", "delete", "merge", "copy", "truncate", "with", "call", "select", "(")
# In a block: what a foreign key does, a trigger is for, or a lock is taken for, begins nothing.
_WRITES = regex(
    rf"\b(?:insert into|merge into|copy|truncate|call)\b|{EXECUTES}"
    r"|(?<!\bon )(?<!\bfor )(?<!\bor )(?<!\bbefore )(?<!\bafter )\b(?:update|delete)\b",
    re.IGNORECASE,
)
_SETS_ONLY = {"set_config"}
_COMMENT = "comment on "
_INDEX_ON = regex(r" ON (?:ONLY )?(?P<name>.+?) USING ")
# A column with a sequence of its own.
_MORE = regex(r"(?i)\bas identity\b|\bnextval\(")


def resemblance(course: Course, to: int, target: Catalogue) -> Likeness:
    """How `target` stands to what there is after the migration at the position `to`."""
    return likeness(course.blank, course.stands[to].catalogue, _made(course), target)


def resembled(course: Course, target: Catalogue) -> Iterator[int]:
    """The positions after which `target` would be equal, from the last; -1 where it has nothing of any migration."""
    builds = [course.blank, *(each.catalogue for each in course.stands)]
    made = _made(course)
    for position in range(len(builds) - 1, -1, -1):
        if not likeness(course.blank, builds[position], made, target).lines:
            yield position - 1


def _made(course: Course) -> set[Key]:
    """All that is there after any of the migrations."""
    return set[Key]().union(*(each.catalogue.things for each in course.stands))


def filled(stand: Stand, target: Catalogue) -> Mapping[str, int]:
    """How many rows each table holds that migrations fill and that `target` has as well."""
    counts = {key.identity: int(parts[0]) for key, parts in stand.rows.things.items()}
    return {name: count for name, count in counts.items() if count and Key(name, "table") in target.things}


def lacking_rows(filled: Mapping[str, int], held: Mapping[str, int]) -> tuple[str, ...]:
    """A line for each table that migrations fill and that is empty on the target."""
    return tuple(f"- rows of {name}: {counted(filled[name], 'row')} -> none" for name in filled if not held[name])


def proposed(stand: Stand, target: Catalogue, lines: Collection[str]) -> tuple[str, ...]:
    """The statements that would each bring what one of `lines` tells of `target` to what `stand` has, in their order.

    Only where one plain statement says all of it, which drops nothing that is there.
    """
    steps = {
        key: step
        for key, built in sorted(stand.catalogue.things.items())
        if _is_on(key, built, target.things)
        for step in _plainly(key, built, target.things, lines)
    }
    absent = [key for key in stand.catalogue.things if key.kind == "column" and key not in {*target.things, *steps}]
    done = [step for step in steps.values() if not any(_asks_for(each, step.statements[0]) for each in absent)]
    return tuple(each.statements[0] for each in sorted(done, key=lambda each: each.phase))


def _is_on(key: Key, built: tuple[str, ...], there: Mapping[Key, tuple[str, ...]]) -> bool:
    """Whether it is of a kind that is said plainly, and what it is of is there."""
    if key.kind.startswith(_COMMENT):
        return Key(key.identity, key.kind.removeprefix(_COMMENT)) in there
    if key.kind in {"column", "constraint"}:
        return Key(parent_of(key.identity), "table") in there
    table = _INDEX_ON.search(built[0]) if key.kind == "index" else None
    return table is not None and any(Key(table["name"], kind) in there for kind in ("table", "materialized view"))


def _asks_for(column: Key, statement: str) -> bool:
    """Whether a statement speaks of a column that is not there."""
    table = parent_of(column.identity)
    name = column.identity.removeprefix(f"{table}.")
    return f" {table} " in statement and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", statement) is not None


def _plainly(
    key: Key, built: tuple[str, ...], there: Mapping[Key, tuple[str, ...]], lines: Collection[str]
) -> Iterator[Step]:
    now = {each: there[each] for each in [key] if each in there}
    told = difference(Catalogue({key: built}), Catalogue(now))
    if len(told) != 1 or told[0] not in lines:
        return
    whole = {each: there[each] for each in [Key(parent_of(key.identity), "table")] if each in there}
    steps = steps_to(Catalogue({**whole, **now}), Catalogue({**whole, key: built}))
    if len(steps) == 1 and len(steps[0].statements) == 1:
        (statement,) = steps[0].statements
        says_all = now or all(part.lower() in statement.lower() for part in built)
        if says_all and "\n" not in statement and not _MORE.search(statement):
            yield steps[0]


def other_major(scratch: int, target: int) -> tuple[str, ...]:
    """A remark where the two are of different majors, which tell of some things in other words."""
    if scratch == target:
        return ()
    told = f"the folder was built on PostgreSQL {scratch}, and the target is {target}: a difference may come of that"
    return (f"{told} alone; `major = {target}` under [scratch] asks for the same",)


def remarks(
    migrations: tuple[Migration, ...], like: Likeness, filled: Mapping[str, int], held: Mapping[str, int]
) -> Iterator[str]:
    """What was not compared, and what a person should know of the target. `migrations` are the ones to record."""
    if changing := [each.tag for each in migrations if changes_rows(each)]:
        they = "it has" if len(changing) == 1 else "they have"
        what = "may change rows, which are not compared: see that the target is as"
        yield f"{listed(changing)} {what} {they} left it"
    for name, count in filled.items():
        if 0 < held[name] < count:
            yield f"{name} has {counted(held[name], 'row')} on the target, and {count} where the folder was built"
    if like.alone:
        yield f"no migration makes {listed(like.alone)}: not compared"
    if like.owners:
        yield (
            f"part of it belongs to {listed(like.owners)}, and only an owner may change it: deploy as that role, or "
            "make the deploying role a member"
        )


def changes_rows(migration: Migration) -> bool:
    """Whether one of its statements is of a kind that can change rows."""
    return any(_may_change_rows(each.text) for each in statements_of(migration))


def _may_change_rows(statement: str) -> bool:
    # "(" begins a query, and what it calls nobody knows.
    first = next(tokens(statement)).lower()
    if first == "do":
        return any(_writes_rows(each) for each in tokens(statement) if each[0] in "$'")
    return first in _CHANGE_ROWS and not (first == "select" and _only_looks(statement))


def _writes_rows(quoted: str) -> bool:
    """Whether a block may: one in a string, which nobody writes, is not read."""
    body = inside(quoted)
    # Of a text alone, such as a value of an enum, something is only run by EXECUTE or a function.
    words = " ".join(each for each in tokens(body) if not each.lower().startswith(("'", "e'")))
    return not words or _WRITES.search(words) is not None or calls_others(body)


def _only_looks(statement: str) -> bool:
    """Whether a SELECT reads nothing, as `select 1;` does, or only sets what a session is told."""
    words = list(tokens(statement.lower()))
    called = {one for one, other in pairwise(words) if other == "("}
    return called == _SETS_ONLY or not (called or {"from", "table", "into"} & {*words})
