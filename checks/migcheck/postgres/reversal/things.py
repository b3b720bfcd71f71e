"""Everything that is made and dropped whole, from its parts in the catalogue."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from migcheck.postgres.catalogue import Catalogue, Key
from migcheck.postgres.reversal.step import Phase, Step, last_of, parent_of, step
from migcheck.regex import regex
from migcheck.sql_names import NAME

_OWNED = "owned by "
FOREIGN = "FOREIGN KEY"
"""How a foreign key begins."""
_OWNER = "owner "
_IDENTITY = "identity of "
_OPTION = " with grant option"
_PARTITION = "partition of "
_TO_COME = "future "
_FUTURE = regex(rf"of (?P<role>{NAME})(?: in (?P<schema>.+))?")
_INVALID = "invalid"


def created(key: Key, told: Sequence[str]) -> Iterator[Step]:
    """What makes it; nothing where nobody knows how."""
    if key.kind.startswith("comment on "):
        yield step(Phase.FINISH, _comment(key, "\n".join(told)))
    elif key.kind.startswith("grant on "):
        yield step(Phase.FINISH, _granted(key, " to ", told))
    elif key.kind.startswith("revoke on "):
        yield step(Phase.FINISH, _revoked(key, " from ", told))
    elif make := _MADE.get(key.kind):
        yield from make(key, told)


def dropped(key: Key, told: Sequence[str]) -> Iterator[Step]:
    """What takes it away; nothing where nobody knows how."""
    if key.kind.startswith("comment on "):
        yield step(Phase.FINISH, _comment(key, "NULL"))
    elif key.kind.startswith("grant on "):
        yield step(Phase.FINISH, _revoked(key, " to ", told))
    elif key.kind.startswith("revoke on "):
        yield step(Phase.FINISH, _granted(key, " from ", told))
    elif key.kind in _DROPPED_FROM_TABLES:
        verb = _DROPPED_FROM_TABLES[key.kind].format(name=last_of(key.identity), table=parent_of(key.identity))
        yield step(Phase.TAKE_OFF, verb)
    elif key.kind in _DROPPED:
        yield step(_DROPPED[key.kind], f"DROP {key.kind.upper()} {key.identity}")


def changed(key: Key, now: Sequence[str], then: Sequence[str]) -> Iterator[Step]:
    """What makes it as it was `then`: in place where there is a way, else anew."""
    if key.kind == "sequence":
        yield _sequence_changed(key, now, then)
    elif key.kind.startswith("comment on "):
        yield from created(key, then)
    elif key.kind == "index" and _own(now) == _own(then):
        # The index of the whole takes it in, or gives it up.
        return
    elif key.kind not in {"schema", "extension"}:
        if key.kind in {"function", "procedure"}:
            # CREATE OR REPLACE, which what stands on it outlives, save where the result is another.
            yield step(Phase.CHANGE, _body(then))
        gone, made = list(dropped(key, now)), list(created(key, then))
        if gone and made:
            # One step: half of it would be a loss.
            yield step(Phase.PUT_ON, *(statement for each in (*gone, *made) for statement in each.statements))


def _comment(key: Key, text: str) -> str:
    return f"COMMENT ON {key.kind.removeprefix('comment on ').upper()} {key.identity} IS {text}"


def _granted(key: Key, preposition: str, told: Sequence[str]) -> str:
    option = " WITH GRANT OPTION" if any(_OPTION in each for each in told) else ""
    what, role = _right(key, preposition, told)
    return f"{_by_default(key, preposition)}GRANT {what} TO {role}{option}"


def _revoked(key: Key, preposition: str, told: Sequence[str]) -> str:
    what, role = _right(key, preposition, told)
    return f"{_by_default(key, preposition)}REVOKE {what} FROM {role}"


def _by_default(key: Key, preposition: str) -> str:
    """How a right begins that is one on what is to come: `of app in shop`; empty of any other."""
    found = _FUTURE.fullmatch(key.identity.rpartition(preposition)[0]) if " on future " in key.kind else None
    if found is None:
        return ""
    of = "" if found["role"] == "$owner" else f"FOR ROLE {found['role']} "
    within = f"IN SCHEMA {found['schema']} " if found["schema"] else ""
    return f"ALTER DEFAULT PRIVILEGES {of}{within}"


def _right(key: Key, preposition: str, told: Sequence[str]) -> tuple[str, str]:
    """`select, insert ON TABLE public.users`, and whose right that is."""
    thing, _, role = key.identity.rpartition(preposition)
    rights, kind = [each.replace(_OPTION, "") for each in ", ".join(told).split(", ")], key.kind.partition(" on ")[2]
    if kind.startswith(_TO_COME):
        kind, thing = kind.removeprefix(_TO_COME), ""
    if kind == "column":
        rights, kind, thing = [f"{each} ({last_of(thing)})" for each in rights], "table", parent_of(thing)
    return f"{', '.join(rights)} ON {kind.upper()} {thing}".strip(), "CURRENT_USER" if role == "$owner" else role


def _constraint(key: Key, told: Sequence[str]) -> Iterator[Step]:
    # A foreign key wants the key that it names.
    phase = Phase.FINISH if told[0].startswith(FOREIGN) else Phase.PUT_ON
    yield step(phase, f"ALTER TABLE {parent_of(key.identity)} ADD CONSTRAINT {last_of(key.identity)} {_text(told)}")


def _domain_constraint(key: Key, told: Sequence[str]) -> Iterator[Step]:
    domain, name = parent_of(key.identity), last_of(key.identity)
    yield step(Phase.PUT_ON, f"ALTER DOMAIN {domain} ADD CONSTRAINT {name} {_text(told)}")


def _domain(key: Key, told: Sequence[str]) -> Iterator[Step]:
    yield step(Phase.MAKE, f"CREATE DOMAIN {key.identity} AS {' '.join(_unowned(told))}")


def _defined(_key: Key, told: Sequence[str]) -> Iterator[Step]:
    """What Postgres writes whole: triggers, rules, statistics."""
    yield step(Phase.PUT_ON, _text(told))


def _index(key: Key, told: Sequence[str]) -> Iterator[Step]:
    # Whether it is valid is no word of SQL: ON ONLY makes one that waits for its parts.
    text, name = _text([each for each in _own(told) if each != _INVALID]), last_of(key.identity)
    only = f" INDEX {name} ON ONLY "
    if only in text and _INVALID not in told:
        # That of a partitioned table takes in those of the partitions, which have names of their own.
        yield step(Phase.FINISH, text.replace(only, f" INDEX {name} ON ", 1))
    else:
        yield step(Phase.PUT_ON, text)


def wholes(key: Key, then: Catalogue) -> Iterator[Key]:
    """The indexes that an index is a part of, one in the other."""
    for each in then.things.get(key, ()) if key.kind == "index" else ():
        if each.startswith(_PARTITION):
            whole = Key(each.removeprefix(_PARTITION), key.kind)
            yield whole
            yield from wholes(whole, then)


def _own(told: Sequence[str]) -> list[str]:
    """Of an index what is its own, and not that of the index which it is a part of."""
    return [each for each in told if not each.startswith(_PARTITION)]


def _routine(_key: Key, told: Sequence[str]) -> Iterator[Step]:
    yield step(Phase.PUT_ON, _body(told))


def _body(told: Sequence[str]) -> str:
    """A routine as Postgres writes it: in front of that may stand whose it is."""
    return _text(told[1:] if told[0].startswith(_OWNER) else told)


def _schema(key: Key, _told: Sequence[str]) -> Iterator[Step]:
    yield step(Phase.MAKE, f"CREATE SCHEMA {key.identity}")


def _extension(key: Key, _told: Sequence[str]) -> Iterator[Step]:
    yield step(Phase.MAKE, f"CREATE EXTENSION {key.identity}")


def _view(key: Key, told: Sequence[str]) -> Iterator[Step]:
    first = next(number for number, each in enumerate(told) if each.startswith("as "))
    head = _unowned(told[:first])
    options = " ".join(each for each in head if each != "not populated")
    query = _text([told[first].removeprefix("as "), *told[first + 1 :]])
    unfilled = " WITH NO DATA" if "not populated" in head else ""
    made = " ".join(filter(None, (f"CREATE {key.kind.upper()} {key.identity}", options, "AS")))
    yield step(Phase.PUT_ON, f"{made}\n{query}{unfilled}")


def _policy(key: Key, told: Sequence[str]) -> Iterator[Step]:
    restrictive = told[0] == "restrictive"
    command, roles, *rest = told[1:] if restrictive else told
    roles = ", ".join("CURRENT_USER" if each == "$owner" else each for each in roles.removeprefix("to ").split(", "))
    kind = "AS RESTRICTIVE " if restrictive else ""
    made = f"CREATE POLICY {last_of(key.identity)} ON {parent_of(key.identity)} {kind}{command} to {roles}"
    yield step(Phase.FINISH, _text([made, *rest]))


def _sequence(key: Key, told: Sequence[str]) -> Iterator[Step]:
    # That of an identity comes with its column.
    if not any(each.startswith(_IDENTITY) for each in told):
        options = " ".join(each for each in _unowned(told) if not each.startswith(_OWNED))
        yield step(Phase.MAKE, f"CREATE SEQUENCE {key.identity} {options}")
        yield from (step(Phase.CHANGE, f"ALTER SEQUENCE {key.identity} {each}") for each in _owned_by(told))


def _sequence_changed(key: Key, now: Sequence[str], then: Sequence[str]) -> Step:
    options = [each for each in then if not each.startswith((_OWNED, _IDENTITY, _OWNER))]
    options += [] if "cycle" in then else ["no cycle"]
    if _owned_by(now) != _owned_by(then):
        options += _owned_by(then) or ["owned by none"]
    return step(Phase.CHANGE, f"ALTER SEQUENCE {key.identity} {' '.join(options)}")


def _owned_by(told: Sequence[str]) -> list[str]:
    return [each for each in told if each.startswith(_OWNED)]


def _unowned(told: Sequence[str]) -> list[str]:
    return [each for each in told if not each.startswith(_OWNER)]


def _text(told: Sequence[str]) -> str:
    return "\n".join(told).strip().removesuffix(";")


_MADE: Mapping[str, Callable[[Key, Sequence[str]], Iterator[Step]]] = {
    "constraint": _constraint,
    "domain": _domain,
    "domain constraint": _domain_constraint,
    "extension": _extension,
    "function": _routine,
    "index": _index,
    "materialized view": _view,
    "policy": _policy,
    "procedure": _routine,
    "rule": _defined,
    "schema": _schema,
    "sequence": _sequence,
    "statistics": _defined,
    "trigger": _defined,
    "view": _view,
}
_DROPPED = {
    "domain": Phase.DROP,
    "extension": Phase.FINISH,
    "function": Phase.DROP,
    "index": Phase.TAKE_OFF,
    "materialized view": Phase.TAKE_OFF,
    "procedure": Phase.DROP,
    "schema": Phase.FINISH,
    "sequence": Phase.DROP,
    "statistics": Phase.TAKE_OFF,
    "view": Phase.TAKE_OFF,
}
_DROPPED_FROM_TABLES = {
    "constraint": "ALTER TABLE {table} DROP CONSTRAINT {name}",
    "domain constraint": "ALTER DOMAIN {table} DROP CONSTRAINT {name}",
    "policy": "DROP POLICY {name} ON {table}",
    "rule": "DROP RULE {name} ON {table}",
    "trigger": "DROP TRIGGER {name} ON {table}",
}
