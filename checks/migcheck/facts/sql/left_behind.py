"""What new migrations leave behind them around the tables, and in the session that ran them."""

from msgspec import Struct

from migcheck.postgres.running.session_left import Held


class DefinerLeftOpen(Struct, frozen=True):
    """A function that runs with its owner's rights, and looks names up where its caller says: `schema.name`."""

    function: str


class GrantedToAll(Struct, frozen=True):
    """Everybody may do this with what is called `on`: a right of PUBLIC's, told as `SELECT` or `SELECT (name)`."""

    on: str
    rights: tuple[str, ...]


class TriggerDisabled(Struct, frozen=True):
    """A trigger that fired does not any more."""

    trigger: str


class TakenAlong(Struct, frozen=True):
    """Something went with what was dropped, by CASCADE, and nothing in the migration names it.

    `to` is the table that a foreign key pointed to, where it went with that.
    """

    kind: str
    name: str
    to: str = ""


class NameCut(Struct, frozen=True):
    """Something was given a name that the server cut to the 63 bytes that it keeps."""

    name: str
    kept: str


class SettingKept(Struct, frozen=True):
    """A setting stays as the migration left it when `next` begins, which says nothing of it."""

    setting: str
    value: str
    next: str


class SettingLeft(Struct, frozen=True):
    """A setting is another for the rest of the session, when everything has run and the transaction has ended."""

    setting: str
    value: str


class SessionHolds(Struct, frozen=True):
    """The session still holds something when everything has run and the transaction has ended.

    `name` is that of a lock's key, as it is given to `pg_advisory_lock`, of a channel, or of a thing, without quotes.
    """

    kind: Held
    name: str
