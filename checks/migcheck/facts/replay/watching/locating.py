"""Where in a migration stands what left something behind, for all that its text tells."""

from collections.abc import Sequence

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.placing import ROW_VERBS, speaks_of, stated
from migcheck.finding import Location
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.running.statements import tokens
from migcheck.regex import regex

Words = tuple[str, ...]
_OTHER_WORDS = {
    "search_path": [("set", "schema")],
    # SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY.
    "default_transaction_read_only": [("characteristics", "only"), ("characteristics", "write")],
    "default_transaction_isolation": [("characteristics", "isolation")],
}
"""How a setting is set without its name."""
# By its words alone each `SET DATA TYPE timestamp with time zone` would be one.
_TIME_ZONE = regex(r"(?i)\bset\s+(?:(?:local|session)\s+)?time\s+zone\b")


def locate(migration: Migration, sure: Words, *else_: Words, defining: bool = True) -> tuple[Location, str]:
    """The place of the first statement that has all the words of `sure`, and the statement.

    Where none has, that of the only one with the words of the next in `else_`. Without any, the file and nothing.
    `defining`: what reads or writes rows defines nothing, where anything else has the words.
    """
    statements = list(stated(migration))
    for number, words in enumerate((sure, *else_)):
        found = [each for each in statements if words and each.says(*words)]
        others = [each for each in found if not each.folded.startswith(ROW_VERBS)] if defining else ()
        meant = others or found
        if meant and (number == 0 or len(meant) == 1):
            return meant[0].at, shorten(meant[0].text.strip())
    return Location(migration.path), ""


def locate_setting(migration: Migration, setting: str) -> tuple[Location, str]:
    """The place of what sets `setting`, by whatever name, and the statement: of several the last, for that holds."""
    named = [each for each in stated(migration) if each.says(setting) or _sets_zone(each.text, setting)]
    for each in reversed(named):
        words = [word.casefold() for word in tokens(each.text)]
        if words[:1] == ["set"] or (words[:1] == ["select"] and "set_config" in words):
            return each.at, shorten(each.text.strip())
    return locate(migration, (setting,), *_OTHER_WORDS.get(setting, ()))


def says(migration: Migration, *words: Sequence[str]) -> bool:
    """Whether the migration says any of `words` anywhere, in a comment or in quotes too."""
    text = migration.sql.decode("utf-8", "replace")
    return any(all(speaks_of(text, word) for word in each) for each in words)


def names_setting(migration: Migration, setting: str) -> bool:
    """Whether the migration says anything of a setting, and so may set it itself."""
    text = migration.sql.decode("utf-8", "replace")
    return says(migration, (setting,), *_OTHER_WORDS.get(setting, ())) or _sets_zone(text, setting)


def _sets_zone(text: str, setting: str) -> bool:
    return setting == "timezone" and _TIME_ZONE.search(text) is not None
