"""Options and plain arguments of a command line, where nobody told which options take a value."""

import shlex
from collections.abc import Container, Iterator, Sequence


def options_of(words: Sequence[str]) -> dict[str, str]:
    """Each option with its value, by its name without dashes: `--name=value`, `--name value`, `-n value`."""
    found = {}
    for at, word in enumerate(words):
        if word == "--":
            break
        if word.startswith("-"):
            name, told, value = word.lstrip("-").partition("=")
            after = words[at + 1] if at + 1 < len(words) else ""
            found[name] = value if told else "" if after.startswith("-") else after
    return found


def plain(words: Sequence[str], valued: Container[str] = ()) -> tuple[str, ...]:
    """The arguments that are no options, nor the value of one of the options `valued`."""
    return tuple(words[at] for at in plain_places(words, valued))


def plain_places(words: Sequence[str], valued: Container[str] = ()) -> Iterator[int]:
    """Where those stand."""
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word.lstrip("-") in valued
        else:
            yield at


def split(text: str) -> Sequence[str]:
    """The words of a text, as a shell would split it; at blanks where its quotes do not close."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
