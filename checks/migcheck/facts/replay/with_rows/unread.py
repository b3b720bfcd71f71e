"""Which text is read as no value of a type, by servers that cannot be asked: below PostgreSQL 16. No I/O.

Each condition is exact there. A newer server takes more text for a number: of such it calls none bad. A number that no
numeric holds, such as 1e200000, it fails with, as the migration would.
"""

from collections.abc import Callable, Mapping
from functools import partial

from migcheck.facts.sql.types import NUMBER, WHOLE_BITS

# Patterns without a backslash: what that means in a literal is up to a setting of the server.
_SPACE = "[[:space:]]*"
# bool.c `parse_bool_with_len` takes what a word begins with, where only that one does, between blanks.
_BOOLEAN = "t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|1|0"
# uuid.c `string_to_uuid`: a hyphen behind any four digits, in braces or not, and no blanks.
_UUID = "([0-9a-f]{4}-?){7}[0-9a-f]{4}"
# numeric.c `set_var_from_str`: strtol reads the exponent, and passes over blanks.
_NUMBER = f"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e{_SPACE}[+-]?[0-9]+)?"
# Since 16 a number may be hexadecimal, octal or binary, and have underscores between its digits (its release notes).
_SINCE_16 = "[0-9]_|0[box]"


def unread(value: str, type_: str) -> str:
    """A condition that holds where the text `value` is read as no value of that type; empty where none is known."""
    if (number := NUMBER.fullmatch(type_)) and number["kind"] == "numeric":
        return _numeric(value, None if number["digits"] is None else (int(number["digits"]), int(number["scale"])))
    return _CONDITIONS[type_](value) if type_ in _CONDITIONS else ""


def too_great(number: str, precision: int, scale: int) -> str:
    """A condition that holds where the numeric `number` has more digits than a `numeric(precision,scale)`."""
    # NaN is more than any number, and any numeric takes it.
    return f"abs(round(nullif({number}, 'NaN'), {scale})) >= 1e{precision - scale}"


def _boolean(value: str) -> str:
    return f"{value} !~* '^{_SPACE}({_BOOLEAN}){_SPACE}$'"


def _uuid(value: str) -> str:
    return f"{value} !~* '^({_UUID}|[{{]{_UUID}[}}])$'"


def _integer(value: str, bits: int) -> str:
    # Only what is short enough is made a number: that fails with none.
    number = f"{value} ~ '^{_SPACE}[+-]?0*[0-9]{{1,{len(str(2**bits))}}}{_SPACE}$'"
    range_ = f"substring({value} from '[+-]?[0-9]+')::numeric not between {-(2**bits)} and {2**bits - 1}"
    return f"case when {number} then {range_} when {_newer(value)} else {value} is not null end"


def _numeric(value: str, bounds: tuple[int, int] | None) -> str:
    number = f"{value} ~* '^{_SPACE}({_NUMBER}|nan){_SPACE}$'"
    # What is a blank to a pattern, the cast need not take for one.
    cast = f"substring({value} from '[^[:space:]](?:.*[^[:space:]])?')::numeric"
    if bounds is not None:
        refused = too_great(cast, *bounds)
        return f"case when {number} then {refused} when {_newer(value)} else {value} is not null end"
    # Since 14 one without bounds may be infinite (its release notes).
    infinite = f"{value} ~* '^{_SPACE}[+-]?inf(inity)?{_SPACE}$' then {_older_than(140_000)}"
    # Whether any numeric holds it, the cast says.
    taken = f"{number} then {cast} is null"
    return f"case when {taken} when {infinite} when {_newer(value)} else {value} is not null end"


def _newer(value: str) -> str:
    return f"{value} ~* '{_SINCE_16}' then {_older_than(160_000)}"


def _older_than(version: int) -> str:
    return f"current_setting('server_version_num')::integer < {version}"


_CONDITIONS: Mapping[str, Callable[[str], str]] = {
    "boolean": _boolean,
    "uuid": _uuid,
    **{kind: partial(_integer, bits=bits) for kind, bits in WHOLE_BITS.items()},
}
