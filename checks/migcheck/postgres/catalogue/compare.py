"""Comparing two catalogues, told in lines for people."""

import hashlib
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from migcheck.postgres.catalogue.thing import Catalogue, Key
from migcheck.regex import regex

ORDER = "column order"

# Line by line comparison takes time by the product of both lengths, and hostile SQL chooses them.
_COMPARABLE = 4_000_000
_OF_A_LONG_ONE = regex(r"\d+ lines -> (\d+ lines, [0-9a-f]{32}), the first that changed is ")


def difference(before: Catalogue, after: Catalogue) -> tuple[str, ...]:
    """What `after` has (`+`), lacks (`-`) and has otherwise (`~`), by name; empty where the two are equal.

    `+ column public.users.email text not null`, `~ column public.users.email: text -> character varying(20)`. Each line
    stands for itself, so the lines of two changes can be compared as sets.
    """
    was, now = before.things, after.things
    changed = (key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
    return tuple(line for key in sorted(changed) for line in _thing(key, was.get(key), now.get(key)))


def head(key: Key) -> str:
    """How the lines of one thing begin behind their sign: `column public.users.email`."""
    return _line("", key)


def stands(line: str, key: Key, parts: tuple[str, ...] | None) -> bool:
    """Whether the thing `key`, with these parts now (None: it is not there), is as `line` of a change left it."""
    sign = line[:1]
    if parts is None or sign == "-":
        return parts is None and sign == "-"
    if sign == "+":
        return line == _line("+", key, *parts)
    return _is_so(line.removeprefix(_line("~", key) + ": "), key, parts)


def _is_so(change: str, key: Key, parts: tuple[str, ...]) -> bool:
    """Whether a thing with these parts is as one `change` of it says."""
    if key.kind == ORDER:
        # Of those that were there before and after; others may have come between them.
        columns = iter([_plain(name) for name in parts])
        return all(name in columns for name in change.rpartition(" -> ")[2].split(", "))
    if whole := _OF_A_LONG_ONE.match(change):
        return whole[1] == _whole(parts)
    plain = [_plain(part) for part in parts]
    if change.endswith(tuple(f" -> {each}" for each in (*plain, *map(repr, parts), ""))):
        return True
    if change.startswith("+ "):
        return change[2:] in plain
    return change.startswith("- ") and change[2:] not in plain


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
    if len(before) * len(after) > _COMPARABLE:
        yield _first_change(before, after)
        return
    for tag, low, high, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from _replaced(list(before[low:high]), list(after[start:end]))


def _replaced(lost: list[str], gained: list[str]) -> Iterator[str]:
    """`cache 1` gave way to `cache 10`, `integer` to `bigint`; what has no counterpart went or came."""
    for old in tuple(lost):
        if new := next((part for part in gained if part.split()[:1] == old.split()[:1]), None):
            lost.remove(old)
            gained.remove(new)
            yield _became(old, new)
    if len(lost) == len(gained):
        yield from map(_became, lost, gained)
    else:
        yield from (f"- {_plain(part)}" for part in lost)
        yield from (f"+ {_plain(part)}" for part in gained)


def _first_change(before: Sequence[str], after: Sequence[str]) -> str:
    pairs = enumerate(zip_longest(before, after, fillvalue=""), start=1)
    line, (old, new) = next(pair for pair in pairs if pair[1][0] != pair[1][1])
    return f"{len(before)} lines -> {_whole(after)}, the first that changed is {line}: {_became(old, new)}"


def _whole(parts: Sequence[str]) -> str:
    """What stands for all the lines of a long body, where one alone is shown."""
    digest = hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]
    return f"{len(parts)} lines, {digest}"


def _became(old: str, new: str) -> str:
    was, now = _plain(old), _plain(new)
    return f"{was} -> {now}" if was != now else f"{old!r} -> {new!r}"


def _line(sign: str, key: Key, *parts: str) -> str:
    return " ".join(_plain(word) for word in (sign, key.kind, key.identity, *parts) if word)


def _plain(text: str) -> str:
    """One line without control characters: names and bodies come from SQL that nobody has judged yet."""
    folded = " ".join(text.split())
    return folded if folded.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in folded)
