"""Which types keep less of a value than others: by a cast from the one to the other, something is gone for good. Pure.

Source: PostgreSQL's manual, 8.1 "Numeric Types" and 8.5 "Date/Time Types".
"""

from msgspec import Struct

from migcheck.regex import regex

_NUMBER = regex(r"(?P<kind>smallint|integer|bigint|numeric|real|double precision)(?:\(\d+,(?P<scale>-?\d+)\))?")
_MOMENT = regex(r"(?P<kind>timestamp|time)(?:\((?P<digits>\d)\))? (?P<zone>with|without) time zone")
_TEXT = regex(r"text|(?:character varying|character)(?:\((?P<most>\d+)\))?")
_WHOLE = frozenset({"smallint", "integer", "bigint"})
# How many digits they keep, and in which powers of ten they have room for what they keep.
_FLOATING = {"real": ("sixth", 37), "double precision": ("fifteenth", 300)}
_MOST_DIGITS = "6"


class Lessened(Struct, frozen=True):
    """A column has a type, `now`, of which a value keeps less: `what` it had of that is lost.

    `said`: by a cast in so many words alone, without which it fails.
    """

    column: str
    now: str
    what: str
    said: bool = False


class Loss(Struct, frozen=True):
    """What of a value is lost, and `how`; `asked` is the condition that it is, of the column `{0}`.

    `said`: by a cast in so many words alone (PostgreSQL's manual, 8.3 "Character Types"), without which it fails.
    """

    what: str
    how: str
    asked: str
    said: bool = False


def loss(was: str, now: str) -> Loss | None:
    """What a value of the type `was` may lose as one of the type `now`, both as the server calls them; None if nothing.

    What it does not take at all, and fails at, is no such.
    """
    if (number := _NUMBER.fullmatch(was)) and (other := _NUMBER.fullmatch(now)):
        return _of_number((number["kind"], number["scale"]), (other["kind"], other["scale"]), now)
    if (text := _TEXT.fullmatch(was)) and (shorter := _TEXT.fullmatch(now)) and shorter["most"] is not None:
        most = int(shorter["most"])
        cut = text["most"] is None or int(text["most"]) > most
        asked = f"char_length(rtrim({{0}}::text)) > {most}"
        return Loss(f"each character behind the first {most}", f"the cast to {now}", asked, said=True) if cut else None
    if moment := _MOMENT.fullmatch(was):
        return _of_moment((moment["kind"], moment["digits"], moment["zone"]), was, now)
    return None


def _of_number(was: tuple[str, str | None], then: tuple[str, str | None], now: str) -> Loss | None:
    (kind, scale), (other, digits) = was, then
    if kind in _WHOLE or (kind == "real" and other in _FLOATING) or kind == other in _FLOATING:
        return None
    how = f"rounding to {now}"
    if other in _FLOATING:
        kept, most = _FLOATING[other]
        room = f"abs({{0}}) < 1e{most} and ({{0}} = 0 or abs({{0}}) > 1e-{most})"
        return Loss(f"each digit behind the {kept}", how, f"case when {room} then {{0}}::{other}::{kind} <> {{0}} end")
    if other == "numeric" and digits is None:
        return None
    keeps = int(digits or 0)
    if kind == "numeric" and scale is not None and int(scale) <= keeps:
        return None
    behind = f"each digit behind the point{f' from place {keeps + 1} on' if keeps > 0 else ''}"
    return Loss(behind, how, f"round({{0}}::numeric, {keeps}) <> {{0}}::numeric")


def _of_moment(was: tuple[str, str | None, str], whole: str, now: str) -> Loss | None:
    kind, digits, _ = was
    if kind == "timestamp" and now == "date":
        return Loss("the time of day", "the cast to date", f"{{0}}::date::{whole} <> {{0}}")
    other = _MOMENT.fullmatch(now)
    if other is None:
        return None
    if kind == "timestamp" and other["kind"] == "time":
        return Loss("the date", f"the cast to {now}", "{0} is not null")
    if kind == other["kind"] and int(other["digits"] or _MOST_DIGITS) < int(digits or _MOST_DIGITS):
        return Loss("each fraction of a second that has more digits", f"rounding to {now}", f"{{0}}::{now} <> {{0}}")
    return None
