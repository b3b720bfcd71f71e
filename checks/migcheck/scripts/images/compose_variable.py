"""COMPOSE_FILE, the variable that names the files of Compose where no `-f` does.

Facts: docs.docker.com "Pre-defined environment variables": `:` stands between names, `;` on Windows or where
COMPOSE_PATH_SEPARATOR says so.
"""

import re

from migcheck.regex import regex

COMPOSE_FILE = "COMPOSE_FILE"
_NAME = COMPOSE_FILE.encode()
_COMMENT = regex(rb"(?<!\S)#[^\n]*")
_NO_MORE = rb"(?![\w$./:{-])"
# A comma ends it in braces of YAML alone; a quote may be one that stands around the name as well.
_ENDS = (
    rb"(?(open)(?P=open)" + _NO_MORE + rb"|"
    rb"(?:\\?[\"']" + _NO_MORE + rb"|(?=[\s}]|\\n|\Z)|(?(yaml)(?=,\s)|(?!))))"
)
# As an environment, a shell, a Makefile (`?=`), YAML and JSON write it.
_SAID = regex(
    rb"(?<!\w)COMPOSE_FILE(?!\w)(?:[\"']?[ \t]{0,5}(?:[:?]{0,2}=|(?P<yaml>:)(?=\s))[ \t]{0,5}"
    rb"(?P<open>\\?[\"'])?(?P<value>[^\s\"'\\,}]{0,500})(?P<end>" + _ENDS + rb")?)?",
    re.ASCII,
)
_PLAIN = regex(r"[\w@+./:;-]+", re.ASCII)


def values_in(content: bytes) -> list[str] | None:
    """What `content` gives the variable, outside of comments, in order; None where it does not name it.

    Empty where it goes on behind what can be read of it.
    """
    found = [*_SAID.finditer(_COMMENT.sub(b"", content))] if _NAME in content else []
    values = [each["value"] if each["end"] is not None else b"" for each in found if each["value"] is not None]
    told = [each.decode("utf-8", "replace") for each in values]
    return told if found else None


def files_of(value: str) -> tuple[str, ...]:
    """The files that it names where it is `value`; none where only running tells."""
    return tuple(filter(None, value.replace(";", ":").split(":"))) if _PLAIN.fullmatch(value) else ()
