"""Whether psql goes to a database of this machine.

Facts: postgresql.org "psql" (options; the first argument is `-d`), libpq "Connection Strings" (what the name of the
database says holds before `-h`, and that before PGHOST).
"""

from collections.abc import Iterator, Sequence
from posixpath import basename

from migcheck.regex import regex
from migcheck.scripts.databases import HOST, is_local, is_local_address, is_local_url, names_a_database
from migcheck.scripts.shell.command import Command

_VALUED = regex(r"-[A-Za-z0-9]*[cdfvoFRTPLUph]|--(?:command|file|set|variable|output|username|port|host|dbname|pset)")
_JOINED = regex(r"(?P<name>-[hd]|--(?:host|dbname)=)(?P<value>.+)")
_KEYWORD = regex(r"(?<!\S)host(?:addr)?\s*=\s*'?(?P<host>[^\s']+)")
_VARIABLE = regex(r"\$\{?(?P<name>\w+)")
_HOSTS, _NAMES = ("-h", "--host"), ("-d", "--dbname")
_AWAY = frozenset({"kubectl", "oc", "fly", "flyctl", "heroku", "gcloud", "aws", "railway", "render"})


def is_here(command: Command) -> bool:
    """Whether `command`, which runs psql, is told an address of this machine, word for word."""
    if command.elsewhere:
        return False
    settings = dict(command.settings)
    host = settings.get(HOST, "")
    if any(is_local_url(each, host) for each in command.words) or is_local(command):
        return True
    at = next((number for number, word in enumerate(command.words) if basename(word) == "psql"), None)
    if at is None or basename(command.words[0]) in _AWAY:
        return False
    told = list(_told(command.words[at + 1 :]))
    hosts = [value for name, value in told if name in _HOSTS] or [host]
    database = next((value for name, value in told if name in _NAMES), "")
    in_name = [each["host"] for each in _KEYWORD.finditer(database)]
    if "://" in database or any(names_a_database(each["name"]) for each in _VARIABLE.finditer(database)):
        return False
    return all(map(is_local_address, in_name or hosts[-1:]))


def _told(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The options of psql with a value; its first argument is the name of the database."""
    option = ""
    for word in words:
        joined = _JOINED.fullmatch(word)
        if option:
            yield (option if option.startswith("--") else f"-{option[-1]}"), word
            option = ""
        elif _VALUED.fullmatch(word):
            option = word
        elif joined:
            yield joined["name"].rstrip("="), joined["value"]
        elif not word.startswith("-"):
            yield "-d", word
