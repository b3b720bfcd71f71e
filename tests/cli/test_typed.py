"""What comes next is typed with what was asked this time."""

from pathlib import Path

import pytest
from typer.main import get_command

from migcheck.cli import app
from migcheck.commands.options import Format, Options
from migcheck.commands.typed import next_apply, next_baseline, next_clearance, next_verify
from migcheck.route import Transport


@pytest.mark.parametrize(
    ("options", "command"),
    [
        (Options(), "migcheck apply"),
        (Options(folder="db/drizzle", base="origin/main"), "migcheck apply db/drizzle --base origin/main"),
        (Options(config="a b.toml", env_file=Path(".env")), "migcheck apply --env-file .env --config 'a b.toml'"),
        (Options(scratch="docker", trust_prelude=True), "migcheck apply --scratch docker --trust-prelude"),
        (Options(scratch="postgres://u:secret@h/d"), "migcheck apply --scratch URL"),
        (Options(transport=Transport.WEBSOCKET, wait=30), "migcheck apply --transport websocket --wait 30"),
        (Options(clearance=Path("c.json"), base="main", scratch="docker"), "migcheck apply --clearance c.json"),
        (Options(dry_run=True, verbose=True, ledger=[Path("a.json")]), "migcheck apply"),
    ],
)
def test_what_deploys(options: Options, command: str) -> None:
    assert next_apply(options) == command


def test_what_landed_is_deployed_from_where_it_landed() -> None:
    asked = Options(base="main", trust_prelude=True, folder="drizzle")
    assert next_apply(asked, landed=True) == "migcheck apply drizzle"


def test_what_judges_the_same_ledgers() -> None:
    asked = Options(base="main", staged=True, ledger=[Path("a.json"), Path("b.json")], scratch="docker")
    assert next_verify(asked) == "migcheck verify --base main --staged --ledger a.json --ledger b.json"


def test_what_clears_the_same_again() -> None:
    asked = Options(clearance=Path("c.json"), base="main", scratch="docker")
    assert next_clearance(asked) == "migcheck verify --base main --scratch docker --clearance c.json"
    assert not next_clearance(Options())


def test_what_records_the_same_or_another_migration() -> None:
    asked = Options(command="baseline", folder="drizzle", to="3", base="main", dry_run=True, scratch="docker")
    assert next_baseline(asked, None) == "migcheck baseline drizzle --to 3 --base main --scratch docker"
    assert next_baseline(asked, "0001_a") == "migcheck baseline drizzle --to 0001_a --base main --scratch docker"
    assert next_baseline(Options(command="baseline"), None) == "migcheck baseline"


def test_what_is_told_is_of_the_types_of_its_options() -> None:
    told = ["verify", "db", "--format", "json", "--transport", "websocket", "--ledger", "a.json", "--wait", "3"]
    asked = get_command(app)(told, standalone_mode=False)
    ledgers = [Path("a.json")]
    assert asked == Options(
        folder="db", output_format=Format.JSON, transport=Transport.WEBSOCKET, ledger=ledgers, wait=3
    )
    assert asked.output_format is Format.JSON
