"""What migrations leave of their session: settings to the next of them, and what outlives the transaction."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.locating import Words, locate, locate_setting, names_setting, says
from migcheck.facts.sql.left_behind import SessionHolds, SettingKept, SettingLeft
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.zones import is_without_offset
from migcheck.postgres.running.session_left import OF_TRANSACTIONS, SETTINGS, Held, Holding

# An application makes no functions: of all others its SQL feels something.
_FELT = frozenset({*SETTINGS, *OF_TRANSACTIONS}) - {"check_function_bodies"}
_TEMPORARY = ("temp", "temporary", "pg_temp")
_WORDS: Mapping[Held, Sequence[str]] = {
    "lock": ("pg_advisory_lock", "pg_try_advisory_lock"),
    "shared lock": ("pg_advisory_lock_shared", "pg_try_advisory_lock_shared"),
    "channel": ("listen",),
    "cursor": ("declare",),
    "statement": ("prepare",),
    "table": _TEMPORARY,
    "view": _TEMPORARY,
    "sequence": _TEMPORARY,
}


class Session(Struct):
    """What becomes of a session that is new, holds nothing and has the settings `outset`.

    `settings` are those with which the migration began that runs, and `held` is what was seen last. `kept` are those
    with which one began that says nothing of them. `_by` has who left what there is.
    """

    outset: Mapping[str, str]
    settings: Mapping[str, str]
    held: frozenset[Holding] = frozenset()
    kept: list[Seen] = field(default_factory=list)
    _by: dict[Holding | str, Migration] = field(default_factory=dict)

    def pass_on(self, before: Migration, migration: Migration, now: Mapping[str, str]) -> None:
        """See what `before` hands on to `migration` of its settings."""
        for name, value in now.items():
            if not _is_same(value, self.settings[name]):
                self._by[name] = before
            # Drizzle begins no other transaction for the next one.
            kept = name in SETTINGS and self._is_left(name, value, self.settings)
            if kept and not names_setting(migration, name):
                at, statement = locate_setting(before, name)
                self.kept.append(Seen(before.tag, at, statement, "", SettingKept(name, value, migration.tag)))
        self.settings = now

    def hold(self, before: Migration, now: frozenset[Holding]) -> None:
        """See what the session holds behind `before`, be it until the transaction ends."""
        self._by |= dict.fromkeys(now - self.held, before)
        self.held = now

    def left(self, ran: Sequence[Migration], settings: Mapping[str, str], held: frozenset[Holding]) -> Iterator[Seen]:
        """What outlives the transactions of all that `ran`, and was not told as handed on."""
        told = {(each.change.setting, each.change.value) for each in self.kept if isinstance(each.change, SettingKept)}
        for name, value in settings.items():
            if name in _FELT and (name, value) not in told and self._is_left(name, value):
                by = self._by.get(name, ran[-1]) if _is_same(value, self.settings[name]) else ran[-1]
                at, statement = locate_setting(by, name)
                yield Seen(by.tag, at, statement, "", SettingLeft(name, value))
        for each in sorted(held, key=lambda each: (each.kind, each.name)):
            named, alone = _words(each)
            by = self._by.get(each) or _who_says((*named, *alone), ran)
            said = [one for one in alone if says(by, one)]
            # A key may be computed: of two calls nobody knows which it was.
            at, statement = locate(by, *named, *(said if len(said) == 1 else ()), defining=False)
            yield Seen(by.tag, at, statement, "", SessionHolds(each.kind, each.name))

    def _is_left(self, name: str, value: str, *others: Mapping[str, str]) -> bool:
        return not any(_is_same(value, each[name]) for each in (self.outset, *others))


def _words(held: Holding) -> tuple[list[Words], list[Words]]:
    """What tells of it with its name, and without. Of a key of two numbers the second follows a blank."""
    name = held.name.rpartition(" ")[2] if held.kind.endswith("lock") else held.name
    return [(verb, name) for verb in _WORDS[held.kind]], [(verb,) for verb in _WORDS[held.kind]]


def _who_says(words: Sequence[Words], ran: Sequence[Migration]) -> Migration:
    """Who it was of those that `ran`, where nobody looked behind each: LISTEN shows when the transaction has ended."""
    found = (migration for each in words for migration in reversed(ran) if says(migration, each))
    return next(found, ran[-1])


def _is_same(one: str, other: str) -> bool:
    """Whether both are equal but for the schema that is called as the user is, for nobody has one.

    A time zone without an offset has many names.
    """
    if is_without_offset(one) and is_without_offset(other):
        return True
    return one.replace('"$user", ', "") == other.replace('"$user", ', "")
