"""What a change alters in its own judge: configuration, waivers, prelude."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from msgspec import to_builtins

from migcheck.config.config import Config, FolderConfig
from migcheck.config.text import read_toml, table_of
from migcheck.errors import UsageError

Settings = dict[str, object]
# Of a folder these alone: without `ledger` and `provider`, drizzle.config says them.
_OF_A_FOLDER = ("database_url", "transaction")


def judge_changes(path: str, before: bytes | None, after: bytes | None) -> Iterator[str]:
    """Lines for the top of the report: how the file at `path` differs between base and head. None: it is not there.

    Of TOML only migcheck's own settings are compared, so that a reformatted file is not a change.
    """
    if before == after:
        return
    if before is None:
        yield f"{path}: new in this change"
    if after is None:
        yield f"{path}: removed by this change"
    if not path.endswith(".toml"):
        if before is not None and after is not None:
            yield f"{path}: changed"
        return
    then, now = _settings(path, before), _settings(path, after)
    if then is None or now is None:
        yield f"{path}: changed"
        return
    yield from (f"{path}: {line}" for line in _waivers(then.pop("waiver", ()), now.pop("waiver", ())))
    yield from (f"{path}: {line}" for line in _differences(then, now))


def _settings(path: str, content: bytes | None) -> Settings | None:
    """Our own table; None where the file cannot be read as TOML."""
    try:
        settings: object = read_toml((content or b"").decode(), path)
    except (UnicodeDecodeError, UsageError):
        return None
    for key in table_of(path):
        settings = settings.get(key, {}) if isinstance(settings, dict) else {}
    return dict(settings) if isinstance(settings, dict) else None


def _waivers(before: object, after: object) -> Iterator[str]:
    # In their order, and each found at once: there may be thousands.
    then, now = (
        dict.fromkeys(_waiver(each) for each in found) if isinstance(found, list) else {} for found in (before, after)
    )
    yield from (f"waiver added: {each}" for each in now if each not in then)
    yield from (f"waiver removed: {each}" for each in then if each not in now)


def _waiver(waiver: object) -> str:
    if not isinstance(waiver, dict):
        return repr(waiver)
    told = {key: _shown(value) for key, value in waiver.items()}
    where = f" in {told['folder']}" if "folder" in told else ""
    code, migration, until, reason = (told.get(key, "?") for key in ("code", "migration", "until", "reason"))
    return f"{code} of {migration}{where} until {until}: {reason}"


def _differences(before: Settings, after: Settings) -> Iterator[str]:
    then, now = dict(_flat("", before)), dict(_flat("", after))
    for key in dict.fromkeys((*then, *now)):
        if (was := then.get(key)) != (becomes := now.get(key)) and not _is_default(key, was, becomes):
            yield f"{key}: {_shown(was)} -> {_shown(becomes)}"


def _is_default(key: str, *values: object) -> bool:
    """Whether `key` was only written down, or left out, with the value that it has unsaid."""
    if None not in values:
        return False
    default = _defaults().get(f"folder.{key.rpartition('.')[2]}" if key.startswith("folder[") else key)
    said = next(each for each in values if each is not None)
    return default is not None and (tuple(said) if isinstance(said, list) else said) == default


@cache
def _defaults() -> Settings:
    """The value of each setting that is not said, where it has one."""
    folder = to_builtins(FolderConfig(path=""))
    return dict(_flat("", to_builtins(Config()))) | {f"folder.{name}": folder[name] for name in _OF_A_FOLDER}


def _flat(prefix: str, settings: Settings) -> Iterator[tuple[str, object]]:
    """Every setting that is no table, by the keys that lead to it. A list's tables go by path, tag or number."""
    for key, value in settings.items():
        match value:
            case dict():
                yield from _flat(f"{prefix}{key}.", value)
            case [dict(), *_]:
                for number, each in enumerate(value, 1):
                    table = each if isinstance(each, dict) else {"": each}
                    # What the keys to the others say already.
                    said = {k: v for k, v in table.items() if "tag" not in table or k not in ("tag", "folder")}
                    yield from _flat(f"{prefix}{key}[{_named(table, number)}].", said)
            case _:
                yield f"{prefix}{key}", value


def _named(table: Settings, number: int) -> str:
    where = f" in {table['folder']}" if "tag" in table and "folder" in table else ""
    return f"{table.get('path', table.get('tag', number))}{where}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "(not set)"
        case str() | date():
            return str(value)
        case bool():
            return str(value).lower()
        case list():
            return ", ".join(_shown(each) for each in value) or "(none)"
        case _:
            return repr(value)
