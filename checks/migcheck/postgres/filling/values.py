"""Values of a type, as text that its input function takes: such as break things, and any number that differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from migcheck.postgres.filling.shape import Kind

_HEADER = 4
"""How much larger the modifier of a type with a length is than that (VARHDRSZ)."""
_LONG = 1000
# Of what has to be unique each other row is drawn from the first ones: `text` with `Text`, or `a` with `A`.
_TEXTS = (
    *(
        "Text",
        "a",
        "",
        "A",
        "1",
        "12",
        "123",
        "1234",
        "00000",
        "abc",
        "ABC",
        "abc123",
        "a-b",
        "a_b",
        "en",
        "en-US",
    ),
    *("USD", "user@example.org", "https://example.org/", "#aabbcc", "+4912345678", "2020-01-01", "12:00", "1.0"),
    "127.0.0.1",
)
_SHAPED: Mapping[str, Sequence[str]] = {
    "bool": ("t", "f"),
    "uuid": ("7f1c9a3e-5b2d-4c68-9e0f-1a2b3c4d5e6f", "00000000-0000-0000-0000-000000000000"),
    "date": ("2024-02-29", "1970-01-01", "2100-12-31"),
    "time": ("12:00", "00:00", "23:59:59.999"),
    "timetz": ("12:00+00", "23:59:59+02"),
    "timestamp": ("2024-02-29 12:00", "1970-01-01 00:00", "2100-12-31 23:59:59.999"),
    "timestamptz": ("2024-02-29 12:00+00", "1970-01-01 00:00+00", "2100-12-31 23:59:59.999+00"),
    "interval": ("1 day", "0", "-1 month"),
    "json": ("{}", "[]", '{"a": 1}', '"text"', "null"),
    "jsonb": ("{}", "[]", '{"a": 1}', '"text"', "null"),
    "bytea": ("\\x00ff", "\\x"),
    "money": ("1", "0", "-1"),
    "float4": ("1.5", "0", "-1", "1e30"),
    "float8": ("1.5", "0", "-1", "1e300"),
    "inet": ("192.0.2.1", "2001:db8::1", "10.0.0.0/8"),
    "cidr": ("192.0.2.0/24", "2001:db8::/32"),
    "macaddr": ("08:00:2b:01:02:03",),
    "macaddr8": ("08:00:2b:01:02:03:04:05",),
    "point": ("(0,0)", "(1,2)"),
    "line": ("{1,-1,0}",),
    "lseg": ("[(0,0),(1,1)]",),
    "box": ("(1,1),(0,0)",),
    "path": ("((0,0),(1,1))",),
    "polygon": ("((0,0),(1,1),(1,0))",),
    "circle": ("<(0,0),1>",),
    "tsvector": ("a b",),
    "tsquery": ("a & b",),
    "xml": ("<a/>",),
    "pg_lsn": ("0/0", "1/0"),
    "jsonpath": ("$",),
    "hstore": ("", "a=>1"),
    "ltree": ("a.b", "a"),
    "geometry": ("POINT(0 0)",),
    "geography": ("POINT(0 0)",),
    "daterange": ("[2024-01-01,2024-02-01)", "empty"),
    "tsrange": ("[2024-01-01,2024-02-01)", "empty"),
    "tstzrange": ("[2024-01-01 00:00+00,2024-02-01 00:00+00)", "empty"),
}
_INTEGERS = {"int2": 15, "int4": 31, "int8": 63}
_DAY = datetime(2001, 1, 1, tzinfo=UTC)
# Where a number that is new begins: away from what people write, and what is of a larger type fits no smaller one.
_FAR = {"int2": 30_000, "int4": 700_000_000, "int8": 7_000_000_000}
_NUMERIC_SCALE = 0x7FF
_MOST_DIGITS = 20
_ANYTHING = ("0", "1", "text", "{}", "(0,0)", "[0]")
_FORMS = ("row-{}", "user{}@example.org", "{}", "https://example.org/{}", "A{}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def ends_of(kind: Kind) -> frozenset[str]:
    """The least and the greatest integer of that type."""
    most = 2 ** _INTEGERS[kind.name] if kind.name in _INTEGERS else 0
    return frozenset({str(most - 1), str(-most)}) if most else frozenset()


def values_of(kind: Kind) -> tuple[str, ...]:
    """Some values of that type, the usual ones first."""
    if kind.labels:
        return kind.labels
    if kind.element is not None:
        inner = [_quoted(each) for each in values_of(kind.element)[:2]]
        return tuple(f"{{{','.join(inner[:number])}}}" for number in range(len(inner), -1, -1))
    if kind.parts:
        return (f"({',' * (kind.parts - 1)})",)
    if kind.name in _INTEGERS:
        most = 2 ** _INTEGERS[kind.name]
        return ("1", str(most - 1), "0", "-1", str(-most), "2", "100")
    return tuple(_by_name(kind))


def _by_name(kind: Kind) -> Iterator[str]:
    match kind.name:
        case "numeric":
            yield from _numerics(kind.modifier)
        case "bit" | "varbit":
            yield "1" * (kind.modifier if kind.modifier > 0 else 1)
        case "vector" | "halfvec":
            yield f"[{','.join('1' * max(kind.modifier, 3 if kind.modifier < 0 else 1))}]"
        case "sparsevec":
            yield f"{{1:1}}/{max(kind.modifier, 3 if kind.modifier < 0 else 1)}"
        case name if kind.category == "R":
            yield from _SHAPED.get(name, ("{}",) if name.endswith("multirange") else ("[1,10)", "empty"))
        case name if name in _SHAPED:
            yield from _SHAPED[name]
        case _ if is_text(kind):
            yield from _texts(_length(kind))
        case _:
            yield from _ANYTHING


def _texts(length: int) -> Iterator[str]:
    told = ("text", "x" * min(length, _LONG), *_TEXTS)
    yield from dict.fromkeys(each[:length] for each in told)


def _length(kind: Kind) -> int:
    """How many characters it may have."""
    if kind.name == "name":
        return 63
    return kind.modifier - _HEADER if kind.modifier > _HEADER else _LONG


def _numerics(modifier: int) -> Iterator[str]:
    digits, scale = _precision(modifier)
    yield from ("1", "0", "-1") if digits > scale else ("0",)
    yield "0." + "0" * max(scale - 1, 0) + "1" if scale else "100"
    yield "9" * (digits - scale) + ("." + "9" * scale if scale else "") if digits > scale else "0"


def _precision(modifier: int) -> tuple[int, int]:
    if modifier < 0:
        return _MOST_DIGITS, 4
    told = modifier - _HEADER
    scale = told & _NUMERIC_SCALE
    return (told >> 16) & 0xFFFF, scale if scale < _NUMERIC_SCALE // 2 else 0


def another(kind: Kind, number: int, form: int = 0) -> str | None:
    """The value that is `number`th of those that are all different; one of a few, where there are no more.

    Texts come in several forms.
    """
    if kind.labels:
        return kind.labels[number % len(kind.labels)]
    if kind.element is not None:
        inner = another(kind.element, number, form)
        return None if inner is None else f"{{{_quoted(inner)}}}"
    if kind.name in _FAR:
        return str(_FAR[kind.name] + number)
    if is_text(kind):
        return _word(number, _length(kind), form)
    make = _OTHERS.get(kind.name)
    told = values_of(kind)
    return make(number) if make is not None else told[number % len(told)]


def is_text(kind: Kind) -> bool:
    """Whether it takes any text, but for its length."""
    return kind.category == "S" or kind.name == "citext"


def _word(number: int, length: int, form: int) -> str:
    """`row-17`, or what fits of it."""
    word = _FORMS[form % len(_FORMS)].format(number)
    if len(word) <= length:
        return word
    letters = ""
    while number or not letters:
        number, left = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[left] + letters
    return letters[-length:].rjust(length, "a")


def _day(number: int) -> str:
    return f"{_DAY + timedelta(days=number):%Y-%m-%d}"


_OTHERS: Mapping[str, Callable[[int], str]] = {
    "numeric": lambda number: str(number + 3),
    "float4": lambda number: str(number + 3),
    "float8": lambda number: str(number + 3),
    "money": lambda number: str(number + 3),
    "uuid": lambda number: str(UUID(int=0x6D6967636865636B << 64 | number)),
    "date": _day,
    "timestamp": lambda number: f"{_day(number)} 00:00",
    "timestamptz": lambda number: f"{_day(number)} 00:00+00",
    "time": lambda number: f"{_DAY + timedelta(seconds=number):%H:%M:%S}",
    "interval": lambda number: f"{number} hours",
    "json": lambda number: f'{{"row": {number}}}',
    "jsonb": lambda number: f'{{"row": {number}}}',
    "bytea": lambda number: f"\\x{number:08x}",
    "inet": lambda number: f"198.18.{number // 256}.{number % 256}",
    "oid": lambda number: str(number + 3),
    "xid8": lambda number: str(number + 3),
    "pg_lsn": lambda number: f"0/{number + 1:X}",
    "tsvector": lambda number: f"row{number}",
    "cidr": lambda number: f"198.18.{number % 256}.0/24",
    "macaddr8": lambda number: f"08:00:2b:01:00:00:{number // 256:02x}:{number % 256:02x}",
    "macaddr": lambda number: f"08:00:2b:01:{number // 256:02x}:{number % 256:02x}",
    "point": lambda number: f"({number},0)",
    "ltree": lambda number: f"row.{number}",
    "int4range": lambda number: f"[{number * 10},{number * 10 + 5})",
    "int8range": lambda number: f"[{number * 10},{number * 10 + 5})",
    "numrange": lambda number: f"[{number * 10},{number * 10 + 5})",
    "daterange": lambda number: f"[{_day(2 * number)},{_day(2 * number + 1)})",
    "tsrange": lambda number: f"[{_day(2 * number)},{_day(2 * number + 1)})",
    "tstzrange": lambda number: f"[{_day(2 * number)} 00:00+00,{_day(2 * number + 1)} 00:00+00)",
}


def _quoted(value: str) -> str:
    """As an element of an array."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
