"""Comparing two catalogues, told in lines for people."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from migcheck.postgres.catalogue.thing import Catalogue, Key

ORDER = "column order"


def difference(before: Catalogue, after: Catalogue) -> tuple[str, ...]:
    """What `after` has (`+`), lacks (`-`) and has otherwise (`~`), by name; empty where the two are equal.

    `+ column public.users.email text not null`, `~ column public.users.email: text -> character varying(20)`. Each line
    stands for itself, so the lines of two changes can be compared as sets.
    """
    if before == after:
        return ()
    lines: list[str] = []
    for key in sorted(before.things.keys() | after.things.keys()):
        lines.extend(_thing(key, before.things.get(key), after.things.get(key)))
    return tuple(lines)


def _thing(key: Key, before: tuple[str, ...] | None, after: tuple[str, ...] | None) -> Iterator[str]:
    if key.kind == ORDER:
        yield from _order(key, before or (), after or ())
    elif before is None:
        yield _line("+", key, *(after or ()))
    elif after is None:
        yield _line("-", key, *before)
    else:
        yield from (_line("~", key) + ": " + change for change in _changes(before, after))


def _order(key: Key, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Columns that come and go are told as columns; only those that are in both can change places."""
    common = set(before) & set(after)
    was, now = (", ".join(name for name in names if name in common) for names in (before, after))
    if was != now:
        yield _line("~", key) + f": {_plain(was)} -> {_plain(now)}"


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for tag, low, high, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        lost, gained = before[low:high], after[start:end]
        if tag == "equal":
            continue
        if len(lost) == len(gained):
            yield from (f"{_plain(old)} -> {_plain(new)}" for old, new in zip(lost, gained, strict=True))
        else:
            yield from (f"- {_plain(part)}" for part in lost)
            yield from (f"+ {_plain(part)}" for part in gained)


def _line(sign: str, key: Key, *parts: str) -> str:
    return " ".join(_plain(word) for word in (sign, key.kind, key.identity, *parts) if word)


def _plain(text: str) -> str:
    """One line without control characters: names and bodies come from SQL that nobody has judged yet."""
    folded = " ".join(text.split())
    return folded if folded.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in folded)
