"""A glance at a file, before anything is parsed: whether a script could go on where it fails, or do what others ask."""

import re
from posixpath import basename

from migcheck.drizzle.config_file import is_config_name
from migcheck.regex import regex
from migcheck.scripts.file_names import PACKAGE

# What a script needs to go on after a failure. In a package.json nothing but a script has these.
_IN_PACKAGE = regex(rb"\|\||;|\\n|(?<!&)&(?!&)|(?<!\|)\|(?!\|)")
_IN_YAML = regex(
    rb"\|\||;|&|\|[ \t]*\w|continue-on-error|(?:always|cancelled)\(\)|allow_failure|set \+"
    rb"|<<|\bssh\b|\b(?:ba|da|z)?sh -"
    rb"|shell|after_script"
)
_ENDS_IN_DRIZZLE_KIT = regex(rb"drizzle-kit(?:@[^\"\s]{0,100})?(?:\s+-[^\"]{0,500})?\s*\"(?!\s*:)")
_ANYWHERE = regex(rb"")
_NOWHERE = regex(rb"(?!)")


def may_go_on(path: str, content: bytes) -> bool:
    """Whether the file at `path` has any sign of that."""
    return _sign_in(basename(path)).search(content) is not None


def may_be_asked(path: str, content: bytes) -> bool:
    """Whether a script of the file at `path` ends in drizzle-kit, and leaves it to who calls it what that does."""
    return basename(path) == PACKAGE and _ENDS_IN_DRIZZLE_KIT.search(content) is not None


def _sign_in(name: str) -> re.Pattern[bytes]:
    if is_config_name(name):
        return _NOWHERE
    return _IN_PACKAGE if name == PACKAGE else _IN_YAML if name.endswith((".yml", ".yaml")) else _ANYWHERE
