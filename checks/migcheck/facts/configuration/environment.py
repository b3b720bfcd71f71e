"""Environment variables, a `.env` file where one is asked for, and the target's URL in them."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from migcheck.errors import UsageError
from migcheck.redact import learn
from migcheck.regex import regex

# A quoted value may hold its own quote behind a backslash, and lines. Where nothing but a comment follows it, it is the
# value; otherwise, as without quotes, the value goes on to the first `#`, or to the end of the line.
_LINE = regex(
    r"""
    ^\s*(?:export\s+)?(?P<key>[\w.-]+)(?:\s*=|:\s)
    (?:
        \s*(?P<quoted>(?P<quote>['"`])(?:\\(?P=quote)|(?!(?P=quote)).)*(?P=quote))[^\S\n]*(?:\#[^\n]*)?$
      | (?P<bare>[^\#\n]*)
    )
    """,
    re.MULTILINE | re.VERBOSE | re.DOTALL | re.ASCII,
)
_QUOTES = ("'", '"', "`")


class Environment(Struct, frozen=True):
    """The variables of the process over those of the file that `--env-file` names (`file` is its path, for people)."""

    process: Mapping[str, str]
    from_file: Mapping[str, str]
    file: str = ""

    def get(self, name: str) -> str | None:
        """The value of `name`; None where it is unset or empty.

        Raises UsageError where the process and the file disagree: a deploy must not pick one of two databases.
        """
        ours, theirs = self.process.get(name), self.from_file.get(name)
        if ours and theirs and ours != theirs:
            raise UsageError(
                f"{name} is set in the environment and has another value in {self.file}",
                f"unset one: `env -u {name} migcheck …`, or leave out --env-file",
            )
        return ours or theirs or None

    def secret_url(self, name: str) -> str | None:
        """The URL that `name` holds, known to `redact` from now on; None where it is unset. It is not parsed here."""
        url = self.get(name)
        if url is not None:
            learn(url)
        return url


def read_environment(process: Mapping[str, str], file: Path | None) -> Environment:
    """Read the environment and, where it is asked for, a `.env` file. Raises UsageError where that cannot be read."""
    if file is None:
        return Environment(process, {})
    try:
        text = file.read_bytes().decode()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "check the path of --env-file") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text", "check the path of --env-file") from error
    return Environment(process, parse_env(text), str(file))


def parse_env(text: str) -> dict[str, str]:
    """The variables of a `.env` file, as dotenv 16 reads them; a later line wins."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return {found["key"]: _value((found["quoted"] or found["bare"] or "").strip()) for found in _LINE.finditer(text)}


def _value(written: str) -> str:
    r"""The value without its quotes. Double ones, even one that is never closed, let `\n` and `\r` be line ends."""
    whole = len(written) > 1 and written[0] in _QUOTES and written[-1] == written[0]
    value = written[1:-1] if whole else written
    return value.replace("\\n", "\n").replace("\\r", "\r") if written.startswith('"') else value
