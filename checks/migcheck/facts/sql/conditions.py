"""What the condition of a check says of columns."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from migcheck.postgres.running.statements import outside, tokens
from migcheck.sql_names import unquoted

_DEEPEST = 25
"""Parentheses in parentheses that are looked into: what stands deeper is no proof."""


def columns_with_value(check: str) -> Iterator[str]:
    """The columns that have a value in each row by a `CHECK (…)`: by one of the terms that it joins with AND.

    Anywhere else, under NOT or in a comparison, `x IS NOT NULL` is no proof to the server, which looks at the rows
    (optimizer/util/predtest.c).
    """
    words = list(tokens(check))[1:]
    for term in _terms(words[: _closing(words) + 1]):
        match [*term[:-3], *(each.lower() for each in term[-3:])]:
            case [name, "is", "not", "null"] | [_, ".", name, "is", "not", "null"]:
                yield from filter(None, [unquoted(name)])
            case _:
                pass


def _terms(words: Sequence[str], depth: int = 0) -> Iterator[Sequence[str]]:
    while depth < _DEEPEST and words[:1] == ["("] and _closing(words) == len(words) - 1:
        words, depth = words[1:-1], depth + 1
    if depth >= _DEEPEST:
        return
    ands = list(_joints(words))
    # OR joins what AND has joined, and of that no term is sure.
    if not ands or any(word.lower() == "or" for _, word in outside(words)):
        yield words
        return
    for before, at in pairwise([-1, *ands, len(words)]):
        yield from _terms(words[before + 1 : at], depth)


def _joints(words: Sequence[str]) -> Iterator[int]:
    """Where an AND joins terms: not that of a BETWEEN, nor one in a CASE."""
    cases = betweens = 0
    for at, word in outside(words):
        lower = word.lower()
        cases += (lower == "case") - (lower == "end")
        if lower == "between":
            betweens += 1
        elif lower == "and" and betweens:
            betweens -= 1
        elif lower == "and" and not cases:
            yield at


def _closing(words: Sequence[str]) -> int:
    """Where the parenthesis ends that `words` begin with."""
    return next((at for at, word in outside(words) if word == ")"), len(words))
