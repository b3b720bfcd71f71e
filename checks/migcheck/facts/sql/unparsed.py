"""SQL that no parser could read before a rehearsal."""

from msgspec import Struct

from migcheck.finding import Location


class Unparsed(Struct, frozen=True):
    """The first place of `migration` where the parser did not go on, and the line that stands there.

    `rest`: all behind it is unread as well, for it leaves a quote, a comment or a parenthesis open.
    """

    migration: str
    at: Location
    line: str
    rest: bool = False
