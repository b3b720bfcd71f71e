"""What is wrong in a configuration that its model refuses: where, and in the words of TOML.

A value is never repeated: it may be a URL with a password.
"""

from collections.abc import Iterator, Mapping
from functools import reduce
from math import isfinite

from msgspec.inspect import (
    BoolType,
    DateType,
    EnumType,
    FloatType,
    IntType,
    LiteralType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from migcheck.config.config import CODE, DURATION, KINDS, VARIABLE, Config
from migcheck.config.lines import Keys
from migcheck.regex import regex

_PLACE = regex(r" - at `\$(?P<steps>.*)`$")
_STEP = regex(r"\.(?P<key>[^.\[]+)|\[(?P<number>\d+)\]")
_MISSING = regex(r"Object missing required field `(?P<key>\w+)`")
_OF_PATTERN = {
    VARIABLE: "it is the name of an environment variable, such as DATABASE_URL, not its value",
    CODE: "it is the code of a rule, such as MC201",
    DURATION: 'it is a number of hours or days, such as "36h" or "2d"',
}


def place_of(complaint: str) -> Keys:
    """Where the value is that msgspec complains of; of a key that is missing, where it would be."""
    steps = _STEP.finditer(found["steps"]) if (found := _PLACE.search(complaint)) else ()
    place = tuple(int(each["number"]) if each["number"] else each["key"] for each in steps)
    missing = _MISSING.match(complaint)
    return (*place, missing["key"]) if missing else place


def unknown_keys(data: object, kind: Type | None = None, place: Keys = ()) -> Iterator[Keys]:
    """The keys of `data` that a configuration does not have."""
    match _said(kind or type_info(Config)), data:
        case StructType() as table, dict():
            known = _fields(table)
            for key, value in data.items():
                if key not in known:
                    yield (*place, key)
                else:
                    yield from unknown_keys(value, known[key], (*place, key))
        case VarTupleType(item_type=kind), list():
            for number, value in enumerate(data):
                yield from unknown_keys(value, kind, (*place, number))
        case _:
            pass


def keys_at(place: Keys) -> tuple[str, ...]:
    """The keys that the table at `place` may have, sorted."""
    match _type_at(place):
        case StructType() as table:
            return tuple(sorted(_fields(table)))
        case _:
            return ()


def homes_of(key: str) -> Iterator[str]:
    """The tables of a configuration that have `key`, in their order and as TOML heads them."""
    for name in keys_at(()):
        match _type_at((name,)):
            case StructType() as table if key in _fields(table):
                yield f"[{name}]"
            case VarTupleType(item_type=StructType() as table) if key in _fields(table):
                yield f"[[{name}]]"
            case _:
                pass


def value_at(data: object, place: Keys) -> object:
    """The value at `place`, None where nothing is."""
    for step in place:
        match data, step:
            case dict(), str():
                data = data.get(step)
            case list(), int():
                data = data[step]
            case _:
                return None
    return data


def told(data: object, place: Keys, header: str) -> str:
    """What is wrong with the value at `place`, which as a table begins with `header`."""
    value = value_at(data, place)
    if value is None:
        return "field required"
    match _type_at(place):
        case VarTupleType() | StructType() as kind:
            return _of_tables(kind, place, header)
        case IntType() | FloatType() as kind:
            return _of_number(kind, value)
        case BoolType():
            return "it is true or false, without quotes"
        case DateType():
            return "it is a day, such as 2027-01-31"
        case kind:
            return _of_text(kind, value)


def _of_tables(kind: VarTupleType | StructType, place: Keys, header: str) -> str:
    match kind, place:
        case (StructType(), (*_, int())) | (VarTupleType(item_type=StructType()), _):
            return f"it is a list of tables: write [[{header}]]"
        case StructType(), (*_, key):
            return f"it is a table: write [{header}] or {key} = {{ ... }}"
        case StructType(), _:
            return f"it is a table: write [{header}]"
        case _:
            return "it is a list: write [...]"


def _of_number(kind: IntType | FloatType, value: object) -> str:
    whole = isinstance(kind, IntType)
    match value:
        case float() if not whole and not isfinite(value):
            return "input should be a finite number"
        case bool():
            pass
        case int() | float() if not (whole and isinstance(value, float)):
            return f"input should be {_bound(kind, value)}"
        case _:
            pass
    return f"it is a {'whole ' if whole else ''}number, without quotes"


def _bound(kind: IntType | FloatType, value: float) -> str:
    if kind.gt is not None and value <= kind.gt:
        return f"greater than {kind.gt}"
    if kind.ge is not None and value < kind.ge:
        return f"greater than or equal to {kind.ge}"
    return f"less than or equal to {kind.le}"


def _of_text(kind: Type, value: object) -> str:
    match kind, value:
        case StrType(pattern=str(pattern)), str():
            return _OF_PATTERN[pattern]
        case StrType(), "":
            return "string should have at least 1 character"
        case LiteralType(values=values), str():
            # msgspec sorts them; servers stand in the order in which they are tried.
            return _one_of(KINDS if set(values) == set(KINDS) else tuple(map(str, values)))
        case EnumType(cls=choices), str():
            return _one_of(tuple(str(each.value) for each in choices))
        case _:
            return "it is text, in quotes"


def _one_of(values: tuple[str, ...]) -> str:
    *others, last = map(repr, values)
    return f"input should be {', '.join(others)} or {last}" if others else f"input should be {last}"


def _type_at(place: Keys) -> Type:
    return reduce(_inner, place, type_info(Config))


def _inner(kind: Type, step: str | int) -> Type:
    match kind, step:
        case StructType() as table, str():
            return _fields(table)[step]
        case VarTupleType(item_type=inner), int():
            return _said(inner)
        case _:
            return kind


def _fields(table: StructType) -> Mapping[str, Type]:
    return {each.encode_name: _said(each.type) for each in table.fields}


def _said(kind: Type) -> Type:
    """What a value is where there is one: TOML cannot say None."""
    if isinstance(kind, UnionType):
        return next(each for each in kind.types if not isinstance(each, NoneType))
    return kind
