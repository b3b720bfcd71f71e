"""Waivers as text: put into a configuration that people wrote, of which nothing else is changed."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from migcheck.config import Config, WaiverConfig
from migcheck.config_text import parse_config
from migcheck.errors import UsageError

if TYPE_CHECKING:
    from tomlkit.items import Table

_KEYS = ("code", "migration", "folder", "reason", "until")


def add_waivers(text: str, path: str, table: tuple[str, ...], waivers: Sequence[WaiverConfig]) -> str:
    """`text`, a configuration in TOML, with `waivers` at its end; in its list of waivers, where it has one in brackets.

    `table` is where in it the configuration is, `path` is for messages. Raises UsageError for what is not TOML, and
    where they cannot be added without changing anything else.
    """
    before = parse_config(text, path, table)
    old = before.waiver if before is not None else ()
    added = _into_list(text, table, waivers) or _at_end(text, table, waivers)
    if not _says(added, path, table, (*old, *waivers)) or _rest(added, table) != _rest(text, table):
        raise UsageError(
            f"{path}: waivers cannot be added without changing the rest of it",
            "write them by hand: `migcheck waive --landed --dry-run` shows them",
        )
    return added


def as_tables(waivers: Sequence[WaiverConfig], table: tuple[str, ...]) -> str:
    """`waivers` as tables `[[waiver]]`, below `table`."""
    import tomlkit  # noqa: PLC0415 - few commands write TOML, and it takes as long to load as git to answer

    listed = tomlkit.aot()
    for waiver in waivers:
        one = tomlkit.table()
        one.update(_said(waiver))
        listed.append(one)
    document = tomlkit.document()
    where: tomlkit.TOMLDocument | Table = document
    for name in table:
        inner = tomlkit.table(is_super_table=True)
        where[name] = inner
        where = inner
    where["waiver"] = listed
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _said(waiver: WaiverConfig) -> dict[str, str | date]:
    return {key: value for key in _KEYS if (value := getattr(waiver, key)) is not None}


def _at_end(text: str, table: tuple[str, ...], waivers: Sequence[WaiverConfig]) -> str:
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return text + _ended_alike(text, gap + as_tables(waivers, table))


def _into_list(text: str, table: tuple[str, ...], waivers: Sequence[WaiverConfig]) -> str:
    """Empty where the waivers are no list in brackets; with one, a header more would be no TOML."""
    import tomlkit  # noqa: PLC0415
    from tomlkit.items import Array  # noqa: PLC0415

    document = tomlkit.parse(text)
    found: object = document
    for name in (*table, "waiver"):
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, Array):
        return ""
    for waiver in waivers:
        one = tomlkit.inline_table()
        one.update(_said(waiver))
        found.append(one)
    return _ended_alike(text, tomlkit.dumps(document).replace("\r\n", "\n"))


def _ended_alike(text: str, new: str) -> str:
    """`new` with the line ends that `text` has."""
    return new.replace("\n", "\r\n") if "\r\n" in text else new


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
