"""What is for development or for tests, by how it is called: files, stages of images, variables."""

import re
from posixpath import basename

from migcheck.regex import regex

_WORDS = r"dev(?:el|elop|elopment|container)?|tests?|testing|local|e2e|examples?|playground"
_NAME = regex(rf"(?<![a-z])(?:{_WORDS}|ci)(?![a-z])", re.IGNORECASE)
# The whole name: `apps/local-first` is an app.
_DIRECTORY = regex(rf"(?:.*/)?\.?(?:{_WORDS})/.*", re.IGNORECASE)
_VARIABLE = regex(
    r"(?<![A-Z])(?:(?:UNIT)?TEST(?:S|ING|DB)?|E2E|LOCAL(?:HOST|DB)?|CI(?:DB)?)(?![A-Z])", re.ASCII | re.IGNORECASE
)


def is_named_at_hand(name: str) -> bool:
    """Whether the file, or the stage of an image, that is called `name` is a person's own."""
    return _NAME.search(name) is not None


def is_image_at_hand(path: str) -> bool:
    """Whether the Dockerfile at `path` is, by its name or by what it lies in."""
    return is_named_at_hand(basename(path)) or _DIRECTORY.fullmatch(path) is not None


def is_variable_of_tests(variable: str) -> bool:
    """Whether the variable called so holds what is a test's: the address of its database."""
    return _VARIABLE.search(variable) is not None
