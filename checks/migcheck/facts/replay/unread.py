"""Which text is read as no value of a type, by servers that cannot be asked: below PostgreSQL 16. No I/O.

Each condition is exact there. A newer server takes more text for an integer: of such it calls none bad.
"""

from collections.abc import Callable, Mapping

# Patterns without a backslash: what that means in a literal is up to a setting of the server.
_SPACE = "[[:space:]]*"
# bool.c `parse_bool_with_len` takes what a word begins with, where only that one does, between blanks.
_BOOLEAN = "t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|1|0"
# uuid.c `string_to_uuid`: a hyphen behind any four digits, in braces or not, and no blanks.
_UUID = "([0-9a-f]{4}-?){7}[0-9a-f]{4}"
_DIGITS = {15: 5, 31: 10, 63: 19}
# Since 16 an integer may be hexadecimal, octal or binary, and have underscores between its digits (its release notes).
_SINCE_16 = "[0-9]_|0[box]"


def unread(value: str, type_: str) -> str:
    """A condition that holds where the text `value` is read as no value of that type; empty where none is known."""
    return _CONDITIONS[type_](value) if type_ in _CONDITIONS else ""


def _boolean(value: str) -> str:
    return f"{value} !~* '^{_SPACE}({_BOOLEAN}){_SPACE}$'"


def _uuid(value: str) -> str:
    return f"{value} !~* '^({_UUID}|[{{]{_UUID}[}}])$'"


def _integer(value: str, bits: int) -> str:
    # Only what is short enough is made a number: that fails with none.
    number = f"{value} ~ '^{_SPACE}[+-]?0*[0-9]{{1,{_DIGITS[bits]}}}{_SPACE}$'"
    range_ = f"substring({value} from '[+-]?[0-9]+')::numeric not between {-(2**bits)} and {2**bits - 1}"
    newer = f"{value} ~* '{_SINCE_16}' then current_setting('server_version_num')::integer < 160000"
    return f"case when {number} then {range_} when {newer} else {value} is not null end"


_CONDITIONS: Mapping[str, Callable[[str], str]] = {
    "boolean": _boolean,
    "uuid": _uuid,
    "smallint": lambda value: _integer(value, 15),
    "integer": lambda value: _integer(value, 31),
    "bigint": lambda value: _integer(value, 63),
}
