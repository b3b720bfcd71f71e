"""Configuration as text: parsed once, at the edge; a mistake is told with its line and the nearest known word."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from posixpath import basename
from typing import get_args

import msgspec

from migcheck.config.config import Config, Opinion
from migcheck.config.lines import Keys, line_of, lines_of
from migcheck.errors import UsageError
from migcheck.regex import regex
from migcheck.wording import is_unwritten

# As a fix writes it.
_TEMPLATE = "until = YYYY-MM-DD"
_WRITE_A_DAY = "write the last day that it is accepted for, such as `until = 2027-01-31`"
_TOML_PLACE = regex(r"^(?P<problem>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
OWN_FILE = "migcheck.toml"
PROJECT_FILE = "pyproject.toml"
# Far beyond any configuration. Of a key with many parts tomllib takes quadratic time.
_LARGEST = 1024 * 1024
_LONG_KEY = regex(r"""(?<![\w"'.-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){100}""")
# Editors on Windows write it, and none shows it.
_BOM = "\ufeff"
_OPINIONS = ("sql", "opinions")
_WORDS = regex(r"[\w-]{1,63}", re.ASCII)


def table_of(path: str) -> tuple[str, ...]:
    """Where in the TOML file at `path` the configuration is: the names of the tables that lead to it."""
    return ("tool", "migcheck") if basename(path) == PROJECT_FILE else ()


class Written(msgspec.Struct, frozen=True):
    """A file that was parsed: its text, its path for messages, and where in it the configuration is."""

    text: str = ""
    path: str = ""
    table: tuple[str, ...] = ()

    def at(self, place: Keys) -> str:
        """The file and the line of what is at `place`."""
        line = self.line(place)
        return self.path if line is None else f"{self.path}:{line}"

    def line(self, place: Keys) -> int | None:
        """The 1-based line of what is at `place`, else of what is around it; None where there is neither."""
        return line_of(self.text, (*self.table, *place))

    def lines(self, place: Keys) -> tuple[int, ...]:
        """The 1-based lines of the members of the list at `place`."""
        return lines_of(self.text, (*self.table, *place))


def parse_config(text: str, path: str, table: tuple[str, ...]) -> Config | None:
    """Parse a TOML file; `table` is where in it the configuration is, `path` is for messages.

    None where the file has no such table. Raises UsageError for what is not TOML, an unknown key and a wrong value.
    """
    said = parse_own(text, path, table)
    return None if said is None else said[0]


def parse_own(text: str, path: str, table: tuple[str, ...]) -> tuple[Config, frozenset[int]] | None:
    """As `parse_config`, with the positions of the folders of whose ledger it says nothing."""
    data = table_in(read_toml(text, path), table)
    if data is None:
        return None
    data = _stripped(data)
    written = Written(text, path, table)
    # TOML takes it in an escape alone.
    if "\\" in text and (odd := next(_with_nul(data), None)) is not None:
        raise UsageError(f"{written.at(odd)}: {_names_of(odd)}: it holds a NUL character", "take it out")
    try:
        return msgspec.convert(data, Config), _silent_of_ledger(data)
    except msgspec.ValidationError as error:
        raise _usage_error(str(error), data, written) from None


def refuse_unwritten_reasons(config: Config, text: str, path: str, table: tuple[str, ...]) -> None:
    """Raise UsageError where a waiver of `config`, which is read from `text`, has the reason of a fix as it was copied.

    What has landed is not asked: it could not be mended any more.
    """
    for number, waiver in enumerate(config.waiver):
        if is_unwritten(waiver.reason):
            at = Written(text, path, table).at(("waiver", number, "reason"))
            raise UsageError(
                f"{at}: waiver.reason: it still ends with dots, as it was copied",
                f"write in their place why {waiver.code} of {waiver.migration} is accepted",
            )


def _silent_of_ledger(data: object) -> frozenset[int]:
    folders = data.get("folder", ()) if isinstance(data, dict) else ()
    return frozenset(at for at, each in enumerate(folders) if "ledger" not in each)


def table_in(data: object, names: tuple[str, ...]) -> object:
    """What is in `data` at the end of `names`, None where nothing is."""
    for name in names:
        if not isinstance(data, dict) or name not in data:
            return None
        data = data[name]
    return data


def read_toml(text: str, path: str) -> dict[str, object]:
    """Parse TOML; `path` is for messages. Raises UsageError for what is none, and for what would exhaust a machine."""
    if len(text) > _LARGEST:
        raise UsageError(f"{path} is larger than {_LARGEST // 1024} KiB", "leave only configuration in it")
    if text.startswith(_BOM):
        raise UsageError(f"{path}:1: the file begins with a byte order mark (BOM)", "save it as UTF-8 without one")
    if long := _LONG_KEY.search(text):
        at = text.count("\n", 0, long.start()) + 1
        raise UsageError(f"{path}:{at}: a key of more than 100 parts", "fix the line")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.match(str(error))
        line = (found and found["line"]) or str(text.count("\n") + 1)
        problem = found["problem"] if found else str(error)
        broken = text.splitlines()[int(line) - 1 : int(line)]
        remedy = _WRITE_A_DAY if broken == [_TEMPLATE] else "fix the line"
        raise UsageError(f"{path}:{line}: this is not TOML: {problem}", remedy) from None
    except RecursionError:
        raise UsageError(f"{path} is nested too deeply to be read", "leave only configuration in it") from None
    except ValueError as error:  # a number of thousands of digits, a day that no month has
        raise UsageError(f"{path} holds a value that cannot be read: {error}", "correct the value") from None


def _stripped(data: object) -> object:
    """`data` without what is around a text in it: a text of several lines ends with one."""
    match data:
        case str():
            return data.strip()
        case dict():
            return {key: _stripped(value) for key, value in data.items()}
        case list():
            return [_stripped(each) for each in data]
        case _:
            return data


def _with_nul(data: object, place: Keys = ()) -> Iterator[Keys]:
    match data:
        case str() if "\0" in data:
            yield place
        case dict():
            for key, value in data.items():
                yield from _with_nul(value, (*place, key))
        case list():
            for number, each in enumerate(data):
                yield from _with_nul(each, (*place, number))
        case _:
            pass


def _usage_error(complaint: str, data: object, written: Written) -> UsageError:
    # Few make a mistake, and to look at the model takes a while.
    from migcheck.config.mistakes import homes_of, keys_at, place_of, told, unknown_keys, value_at  # noqa: PLC0415

    if unknown := next(unknown_keys(data), None):
        problem = f"{written.at(unknown)}: unknown key `{_names_of(unknown)}`"
        key = str(unknown[-1])
        homes = " or ".join(homes_of(key))
        return UsageError(problem, f"it stands under {homes}" if homes else _nearest(key, keys_at(unknown[:-1])))
    place = place_of(complaint)
    at, names, value = written.at(place), _names_of(place), str(value_at(data, place))
    if place[:2] == _OPINIONS and len(place) > len(_OPINIONS) and _WORDS.fullmatch(value):
        # What is spelt like this is no URL.
        problem = f"{at}: {names}: `{value}` is none of the values that are known"
        return UsageError(problem, _nearest(value, sorted(get_args(Opinion))))
    remedy = "docs/configuration.md of migcheck has every key, with an example"
    header = _names_of((*written.table, *place))
    return UsageError(f"{at}: {names or header}: {told(data, place, header)}", remedy)


def _names_of(place: Keys) -> str:
    names = (part for part in place if isinstance(part, str))
    return ".".join(each if each.isprintable() else ascii(each)[1:-1] for each in names)


def _nearest(written: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(written, known, n=1, cutoff=0.0)
    return f"did you mean `{near[0]}`? Known here: {', '.join(known)}" if near else f"known here: {', '.join(known)}"
