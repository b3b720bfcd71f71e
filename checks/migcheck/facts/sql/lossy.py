"""Which types keep less of a value than others: by a cast from the one to the other, something is gone for good. Pure.

Source: PostgreSQL's manual, 8.1 "Numeric Types" and 8.5 "Date/Time Types"; `real_numeric` and `float8_numeric` in
numeric.c, `dtof` and `dtoi4` in float.c.
"""

import re

from msgspec import Struct

from migcheck.facts.sql.types import NUMBER, TEXT, WHOLE_BITS
from migcheck.regex import regex

_MOMENT = regex(r"(?P<kind>timestamp|time)(?:\((?P<digits>\d)\))? (?P<zone>with|without) time zone")
_SPAN = regex(r"interval(?: (?:[a-z]+ to )?(?P<least>[a-z]+))?(?:\((?P<digits>\d)\))?")
# How many digits they keep for sure, and between which numbers lies what they take: up to half of the least one that is
# not 0, it is refused, and so is what rounds to one more than the greatest.
_FLOATING = {
    "real": (6, "7.006492321624086e-46", "3.4028235677973366e38"),
    "double precision": (15, "2.4703282292062329e-324", "1.797693134862315807e308"),
}
_PLACES = {6: "sixth", 15: "fifteenth"}
# What has no more than 15 digits by then is read as a `double precision` again below it, and nothing above it is.
_READ_BACK = "1.797693134862315e308"
_MOST_DIGITS = "6"
_FRACTION = "each fraction of a second that has more digits"
# From the least on: what is less than the least that an interval is said to have is cut off, and nothing else is.
_UNITS = ("second", "minute", "hour", "day", "month", "year")


class Lessened(Struct, frozen=True):
    """A column has a type, `now`, of which a value keeps less: `what` it had of that is lost. `every`: each value."""

    column: str
    now: str
    what: str
    every: bool = False


class Loss(Struct, frozen=True):
    """What of a value is lost, and `how`; `asked` is the condition that it is, of the column `{0}`.

    `said`: by a cast in so many words alone (PostgreSQL's manual, 8.3 "Character Types"), without which it fails.
    """

    what: str
    how: str
    asked: str
    said: bool = False


EVERY = Loss("each value", "a USING that does not read it", "{0} is not null")


def loss(was: str, now: str) -> Loss | None:
    """What a value of the type `was` may lose as one of the type `now`, both as the server calls them; None if nothing.

    What it does not take at all, and fails at, is no such.
    """
    if was.endswith("[]") and now.endswith("[]"):
        each = loss(was.removesuffix("[]"), now.removesuffix("[]"))
        return None if each is None else _of_elements(each)
    if (number := NUMBER.fullmatch(was)) and (other := NUMBER.fullmatch(now)):
        return _of_number(number, other, now)
    if (text := TEXT.fullmatch(was)) and (shorter := TEXT.fullmatch(now)) and shorter["most"] is not None:
        most = int(shorter["most"])
        cut = text["most"] is None or int(text["most"]) > most
        asked = f"char_length(rtrim({{0}}::text)) > {most}"
        return Loss(f"each character behind the first {most}", f"the cast to {now}", asked, said=True) if cut else None
    if moment := _MOMENT.fullmatch(was):
        return _of_moment((moment["kind"], moment["digits"], moment["zone"]), was, now)
    if span := _SPAN.fullmatch(was):
        shorter, time = _SPAN.fullmatch(now), _MOMENT.fullmatch(now)
        least = span["least"] or _UNITS[0]
        return _of_span(least, span["digits"], shorter, now) if shorter else _of_days(span, time, now)
    return None


def _of_elements(each: Loss) -> Loss:
    """What an array may lose, of whose elements each may lose that."""
    asked = f"exists (select from unnest({{0}}) element where {each.asked.format('element')})"
    return Loss(f"{each.what} of each element", f"{each.how}[]", asked, said=each.said)


def _of_number(was: re.Match[str], then: re.Match[str], now: str) -> Loss | None:
    kind, other, how = was["kind"], then["kind"], f"rounding to {now}"
    if other in _FLOATING:
        return _of_digits(was, other, how)
    keeps = None if other == "numeric" and then["scale"] is None else int(then["scale"] or 0)
    if kind in _FLOATING:
        return _of_floating(kind, other, keeps, how)
    scale = "0" if kind in WHOLE_BITS else was["scale"]
    if keeps is None or (scale is not None and int(scale) <= keeps):
        return None
    return Loss(_behind(keeps), how, f"round({{0}}::numeric, {keeps}) <> {{0}}")


def _of_digits(was: re.Match[str], other: str, how: str) -> Loss | None:
    """What a number may lose as one of the floating type `other`."""
    kind, (kept, least, most) = was["kind"], _FLOATING[other]
    digits = len(str(2 ** WHOLE_BITS[kind])) if kind in WHOLE_BITS else was["digits"]
    if kind in {other, "real"} or (digits is not None and int(digits) <= kept):
        return None
    if kind in WHOLE_BITS:
        # The greatest are rounded to one more than bigint takes.
        asked = f"case when {{0}}::{other} < {2**63} then {{0}}::{other}::bigint <> {{0}} else {{0}} is not null end"
    else:
        # The cast back to numeric keeps six or fifteen digits of a number that has more, and is whole.
        back = "text::numeric" if kind == "numeric" else kind
        asked = f"case when abs({{0}}) > {least} and abs({{0}}) < {most} then {{0}}::{other}::{back} <> {{0}} end"
    return Loss(f"each digit behind the {_PLACES[kept]}", how, asked)


def _of_floating(kind: str, other: str, keeps: int | None, how: str) -> Loss:
    """The same of one of the floating type `kind` with so many digits behind the point, or all; NaN loses nothing."""
    if other in WHOLE_BITS:
        bits = WHOLE_BITS[other]
        room = f"{{0}} >= -{2**bits}.5 and {{0}} < {2**bits - 1}.5"
        return Loss(_behind(0), how, f"case when {room} then {{0}}::{other}::{kind} <> {{0}} end")
    # The cast to numeric itself keeps no more digits than a number of that type is sure to have.
    digits = f"each digit behind the {_PLACES[_FLOATING[kind][0]]}"
    what, then = digits, "{0}::numeric"
    if keeps is not None:
        what, then = f"{digits}, and {_behind(keeps)}", f"round({then}, {keeps})"
    back = f"case when abs({{0}}) < {_READ_BACK} then {then}::{kind} <> {{0}} else abs({{0}}) < 'infinity' end"
    return Loss(what, how, back)


def _behind(keeps: int) -> str:
    """What a number of so many digits behind the point has not."""
    if keeps < 0:
        return f"the last {-keeps} digits before the point"
    return f"each digit behind the point{f' from place {keeps + 1} on' if keeps else ''}"


def _of_moment(was: tuple[str, str | None, str], whole: str, now: str) -> Loss | None:
    kind, digits, zone = was
    if kind == "timestamp" and now == "date":
        return Loss("the time of day", "the cast to date", f"{{0}}::date::{whole} <> {{0}}")
    if (kind, zone) == ("time", "without") and (span := _SPAN.fullmatch(now)):
        return _of_span(_UNITS[0], digits, span, now, "{0}::interval")
    other = _MOMENT.fullmatch(now)
    if other is None:
        return None
    if kind == "timestamp" and other["kind"] == "time":
        return Loss("the date", f"the cast to {now}", "{0} is not null")
    fewer = kind == other["kind"] and _has_fewer(digits, other["digits"])
    if kind == "time" and (zone, other["zone"]) == ("with", "without"):
        # To compare the two would be to give the one the offset of the session.
        shorter = f" or {{0}}::time::{now} <> {{0}}::time" if fewer else ""
        what = f"the offset from UTC{f', and {_FRACTION}' if fewer else ''}"
        return Loss(what, f"the cast to {now}", f"(extract(timezone from {{0}}) <> 0{shorter})")
    return Loss(_FRACTION, f"rounding to {now}", f"{{0}}::{now} <> {{0}}") if fewer else None


def _of_span(least: str, digits: str | None, then: re.Match[str], now: str, whole: str = "{0}") -> Loss | None:
    """What may be lost of one with so many digits of its `least` unit, which as an interval is `whole`."""
    other, asked = then["least"] or _UNITS[0], f"{{0}}::{now} <> {whole}"
    if _UNITS.index(least) < _UNITS.index(other):
        return Loss(f"each part that is less than a whole {other}", f"the cast to {now}", asked)
    fewer = least == other == _UNITS[0] and _has_fewer(digits, then["digits"])
    return Loss(_FRACTION, f"rounding to {now}", asked) if fewer else None


def _of_days(was: re.Match[str], then: re.Match[str] | None, now: str) -> Loss | None:
    """What an interval may lose as a time; nothing else takes one."""
    if then is None or (then["kind"], then["zone"]) != ("time", "without"):
        return None
    fewer = (was["least"] or _UNITS[0]) == _UNITS[0] and _has_fewer(was["digits"], then["digits"])
    what = f"each whole day{f', and {_FRACTION}' if fewer else ''}"
    # An infinite one it does not take.
    return Loss(what, f"the cast to {now}", f"case when isfinite({{0}}) then {{0}}::{now}::interval <> {{0}} end")


def _has_fewer(was: str | None, then: str | None) -> bool:
    """Whether of digits of a second fewer are kept `then`."""
    return int(then or _MOST_DIGITS) < int(was or _MOST_DIGITS)
