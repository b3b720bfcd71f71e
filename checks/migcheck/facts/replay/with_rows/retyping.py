"""Which values a column's new type does not take, and what a target is asked of them. No I/O."""

from collections.abc import Iterable, Iterator, Sequence

from psycopg import sql

from migcheck.facts.replay.watching.casting import OF_ANY_LENGTH, Retyped
from migcheck.facts.replay.watching.retyped import Altered, lost_by, names_of, retyped_of
from migcheck.facts.replay.with_rows.selecting import rows_of
from migcheck.facts.replay.with_rows.suspicion import Change
from migcheck.facts.replay.with_rows.unread import too_great, unread
from migcheck.facts.sql.lossy import EVERY
from migcheck.facts.sql.misfit import Lessens, Unfit
from migcheck.facts.sql.rows import Question
from migcheck.facts.sql.types import NUMBER, TEXT, WHOLE_BITS
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.table import Column, Table
from migcheck.regex import regex
from migcheck.sql_names import quoted_always

# What the server's own input of text reads. How a floating point number is rounded, or a domain checked, is no such.
_READ = regex(
    r"(?:uuid|jsonb?|boolean|smallint|integer|bigint|numeric(?:\(\d+,\d+\))?|real|double precision|date|interval"
    r"|inet|cidr|bytea|(?:time|timestamp)(?:\(\d\))? with(?:out)? time zone)(?:\[\])*"
)


def questions_of_types(change: Change) -> Iterator[Question]:
    """Whether a target has values that their column's new type does not take, or not whole, at what gives it that."""
    pairs = list(_pairs(change))
    # Most migrations retype nothing, and one may have tens of thousands of statements.
    altered = list(_altered(change)) if pairs else []
    for was, now, number, then in pairs:
        column = was.columns[number]
        made, lost = _made(altered, was, now, number), lost_by(altered, was, now, number)
        casts = _are_casts(made)
        if not casts and (lost is not EVERY or not made):
            continue
        by, by_text = made[-1].by, len(made) > 1 or made[-1].retyped.by_text
        refused = _surely_refuses(column, then, change, made[-1].retyped, by_text=by_text) if casts else ""
        told = shorten(by.text.strip())
        lessens = lost.asked.format(quoted_always(column.name)) if lost else ""
        for misfit, condition in ((Unfit(column.name), refused), (Lessens(column.name), lessens)):
            if condition and not change.until(by.at, told).is_changed(was, [number]):
                yield Question(by.migration, by.at, told, was.name, misfit, rows_of(was, condition))


def is_cast(change: Change, was: Table, now: Table, number: int) -> bool:
    """Whether nothing but casts gave the column its type: to that type, and to text in between at most."""
    return _are_casts(_made(_altered(change), was, now, number))


def takes_all(was: Column, then: Column) -> bool:
    """Whether the new type takes each value of the old one, and changes none."""
    if then.type in {"text", "character varying"}:
        return OF_ANY_LENGTH.fullmatch(was.type) is not None
    return was.type != then.type and _has_room(was, then)


def _pairs(change: Change) -> Iterator[tuple[Table, Table, int, Column]]:
    for oid, was in change.before.items():
        if (now := change.after.get(oid)) is not None:
            for number, column in sorted(was.columns.items()):
                then = now.columns.get(number)
                if then is not None and then.kind != column.kind:
                    yield was, now, number, then


def _made(altered: Iterable[Altered], was: Table, now: Table, number: int) -> Sequence[Altered]:
    """What gave the column its type."""
    return [each for each in altered if each.table in names_of(was, now) and each.is_of(was, now, number)]


def _are_casts(made: Sequence[Altered]) -> bool:
    """Whether there is anything, and it does nothing but cast: to the type, and to text in between at most."""
    return bool(made) and made[-1].retyped.plain and all(_is_kept(each.retyped) for each in made[:-1])


def _altered(change: Change) -> Iterator[Altered]:
    return (altered for each in change.statements for altered in retyped_of(each))


def _is_kept(retyped: Retyped) -> bool:
    """Whether a column is text in between, as one of an enum is that is made anew: no value is another by that."""
    return retyped.plain and retyped.to_text


def _surely_refuses(was: Column, then: Column, change: Change, by: Retyped, *, by_text: bool) -> str:
    """The same as `refuses`, where nothing has failed yet: empty where one may be taken in some way, or all are.

    `by_text`: what has the type `was`, as an enum of before, is text before it gets the last one.
    """
    exact = _is_exact(was.type)
    known = exact or _is_text(was.type)
    if _is_of_enums(was, then, change):
        # Only a USING makes one of an enum. Where there is none, something else has changed the type before.
        return refuses(was, then, change) if by.using and (known or by_text) else ""
    if _length(then.type) is not None:
        # A cast in so many words cuts what is too long (PostgreSQL's manual, 8.3).
        return refuses(was, then, change) if known and not by.using and not _has_room(was, then) else ""
    if exact:
        counts = then.type in WHOLE_BITS or _precision(then.type)
        return refuses(was, then, change) if counts and not _has_room(was, then) else ""
    # So it is of what text is read as.
    return refuses(was, then, change) if by.using and known and _READ.fullmatch(then.type) else ""


def _is_of_enums(was: Column, then: Column, change: Change) -> bool:
    """Whether the new type is an enum, or an array of one where the old one is an array: text may be none at all."""
    return then.kind in change.labels and _is_array(was) >= _is_array(then)


def _is_array(column: Column) -> bool:
    return column.type.endswith("[]")


def _has_room(was: Column, then: Column) -> bool:
    """Whether the new type takes each value of the old one."""
    length, other = _length(was.type), _length(then.type)
    if length is not None and other is not None:
        return length <= other
    if was.type in WHOLE_BITS and then.type in WHOLE_BITS:
        return WHOLE_BITS[was.type] <= WHOLE_BITS[then.type]
    had, has = _precision(was.type), _precision(then.type)
    return had is not None and has is not None and had[0] - had[1] <= has[0] - has[1] and had[1] <= has[1]


def _is_text(type_: str) -> bool:
    """Whether it is of text, that of the extension citext among them."""
    return type_ == "citext" or TEXT.fullmatch(type_) is not None


def _length(type_: str) -> int | None:
    """How many characters a type of text takes at most; None where that is not said."""
    text = TEXT.fullmatch(type_)
    return int(text["most"]) if text and text["most"] else None


def _precision(type_: str) -> tuple[int, int] | None:
    """How many digits a `numeric` takes, and how many of them behind the point; None where that is not said."""
    number = NUMBER.fullmatch(type_)
    return (int(number["digits"]), int(number["scale"])) if number and number["digits"] else None


def _is_exact(type_: str) -> bool:
    """Whether it is of numbers that are not rounded when they are written."""
    number = NUMBER.fullmatch(type_)
    return number is not None and number["kind"] not in {"real", "double precision"}


def refuses(was: Column, then: Column, change: Change) -> str:
    """A condition that holds for values of the column `was` which the type of `then` does not take.

    Empty where none is known.
    """
    name = quoted_always(was.name)
    if _is_of_enums(was, then, change):
        told = ", ".join(sql.Literal(each).as_string() for each in change.labels[then.kind])
        within = f"exists (select from unnest({name}::text[]) each where each <> all (array[{told}]))"
        return within if _is_array(then) else f"{name}::text <> all (array[{told}])"
    if (length := _length(then.type)) is not None:
        # Blanks behind the last character that fits are cut off without a word (PostgreSQL's manual, 8.3).
        return f"char_length(rtrim({name}::text)) > {length}"
    # Text may be no number at all, and what makes it one fails then.
    is_number = NUMBER.match(was.type) is not None
    if is_number and (precision := _precision(then.type)):
        return too_great(f"{name}::numeric", *precision)
    if is_number and then.type in WHOLE_BITS:
        most = 2 ** WHOLE_BITS[then.type]
        return f"round({name}::numeric) not between {-most} and {most - 1}"
    if not _is_text(was.type):
        # There a cast is a function of its own, which need not read what the one writes.
        return ""
    asking = f"not pg_input_is_valid({name}::text, {sql.Literal(then.type).as_string()})" if change.asks_input else ""
    # What the target cannot answer is told as such.
    return (asking if not change.older_target else "") or unread(f"{name}::text", then.type) or asking
