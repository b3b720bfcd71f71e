"""Each setting that a rule has people write is one of the configuration, in the table that it is said to be of."""

import re
from collections.abc import Iterator
from pathlib import Path

import migcheck.rules
from migcheck.config.mistakes import keys_at

(ROOT,) = map(Path, migcheck.rules.__path__)
NAMED = re.compile(r"`(?P<key>\w+)(?: = [^`]*)?`(?: for it)? under (?P<table>\[+\w+\]+)")


def _keys_of(table: str) -> tuple[str, ...]:
    """The keys of the table that is written so; none where it is written otherwise."""
    name = table.strip("[]")
    alone = keys_at((name,))
    return alone if not table.startswith("[[") else keys_at((name, 0)) if not alone else ()


def _named() -> Iterator[tuple[str, str, str]]:
    """The rule, the setting and its table."""
    for path in sorted(ROOT.glob("*/[!_]*.py")):
        # A text is put together of strings, over the ends of lines.
        text = re.sub(r"[\"']?\s*\n\s*(?:f?[\"'])?", " ", path.read_text())
        yield from ((path.stem, found["key"], found["table"]) for found in NAMED.finditer(text))


def test_a_setting_that_a_rule_names_is_there() -> None:
    named = list(_named())
    assert ("worked_through_under_lock", "transaction", "[[folder]]") in named
    assert [each for each in named if each[1] not in _keys_of(each[2])] == []
