"""Waivers as text: put at the end of a configuration that people wrote, of which nothing else is changed."""

import tomllib
from collections.abc import Sequence
from json import dumps

from migcheck.config.config import Config, WaiverConfig
from migcheck.config.text import parse_config
from migcheck.errors import UsageError

_KEYS = ("code", "migration", "folder", "reason", "until")


def add_waivers(text: str, path: str, table: tuple[str, ...], waivers: Sequence[WaiverConfig]) -> str:
    """`text`, a configuration in TOML, with `waivers` at its end.

    `table` is where in it the configuration is, `path` is for messages. Raises UsageError for what is not TOML, and
    where they cannot be added without changing anything else: behind `waiver = [...]` a table more would be no TOML.
    """
    before = parse_config(text, path, table)
    old = before.waiver if before is not None else ()
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    new = gap + "\n".join(_as_table(each, table) for each in waivers)
    added = text + (new.replace("\n", "\r\n") if "\r\n" in text else new)
    if not _says(added, path, table, (*old, *waivers)) or _rest(added, table) != _rest(text, table):
        raise UsageError(
            f"{path}: waivers cannot be added without changing the rest of it",
            "write them by hand: `migcheck waive --landed --dry-run` shows them",
        )
    return added


def _as_table(waiver: WaiverConfig, table: tuple[str, ...]) -> str:
    said = {key: value for key in _KEYS if (value := getattr(waiver, key)) is not None}
    lines = (f"{key} = {_quoted(value) if isinstance(value, str) else value}\n" for key, value in said.items())
    return f"[[{'.'.join((*table, 'waiver'))}]]\n{''.join(lines)}"


def _quoted(text: str) -> str:
    """`text` as JSON has it, and so TOML, save DEL."""
    return dumps(text, ensure_ascii=False).replace("\x7f", r"\u007f")


def _says(text: str, path: str, table: tuple[str, ...], waivers: tuple[WaiverConfig, ...]) -> bool:
    try:
        config = parse_config(text, path, table)
    except UsageError:
        return False
    return (config or Config()).waiver == waivers


def _rest(text: str, table: tuple[str, ...]) -> object:
    """Everything that `text` says but the waivers."""
    return _without(tomllib.loads(text), (*table, "waiver"))


def _without(settings: dict[str, object], names: tuple[str, ...]) -> dict[str, object]:
    first, *rest = names
    kept = {key: value for key, value in settings.items() if key != first}
    inner = settings.get(first)
    below = _without(inner, tuple(rest)) if rest and isinstance(inner, dict) else {}
    return kept | ({first: below} if below else {})
