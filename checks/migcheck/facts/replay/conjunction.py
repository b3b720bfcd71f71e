"""What a check says in each of its terms."""

from collections.abc import Iterator, Sequence

from migcheck.postgres.statements import tokens


def terms(says: str) -> Iterator[list[str]]:
    """The words of each term that all rows hold, of a check as `pg_get_constraintdef` has it: `CHECK ((a AND b))`."""
    words = list(tokens(says))[1:]
    return _terms(words[: _closing(words) + 1])


def _terms(words: list[str]) -> Iterator[list[str]]:
    while words[:1] == ["("] and _closing(words) == len(words) - 1:
        words = words[1:-1]
    depth = begin = 0
    for at, word in enumerate(words):
        depth += _deeper(word)
        if not depth and word == "AND":
            yield from _terms(words[begin:at])
            begin = at + 1
    yield from _terms(words[begin:]) if begin else [words]


def _closing(words: Sequence[str]) -> int:
    """Where the parenthesis ends that `words` begin with."""
    depth = 0
    for at, word in enumerate(words):
        depth += _deeper(word)
        if not depth:
            return at
    return len(words)


def _deeper(word: str) -> int:
    return (word == "(") - (word == ")")
