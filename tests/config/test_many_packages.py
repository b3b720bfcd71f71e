"""A monorepo of many packages, each with a file of ours: whoever looks at one asks for those of all others."""

from collections import Counter
from pathlib import Path

from msgspec import field
from tests.support.files import write

from migcheck.facts.configuration.config import load_config
from migcheck.facts.configuration.place import Place

MANY = 12


class CountedPlace(Place, frozen=True):
    """It counts what is read of the disk."""

    counted: Counter[str] = field(default_factory=Counter)

    def read(self, path: Path) -> bytes:
        self.counted[self.relative(path)] += 1
        return super().read(path)


def packages(top: Path) -> CountedPlace:
    files = {}
    for number in range(MANY):
        at = f"packages/p{number}"
        files[f"{at}/migcheck.toml"] = f'[[folder]]\npath = "drizzle"\ndatabase_url = "URL_{number}"\n'
        files[f"{at}/drizzle.config.ts"] = "export default { dialect: 'postgresql', out: './drizzle' }"
        files[f"{at}/drizzle/meta/_journal.json"] = '{"dialect": "postgresql"}'
    write(top, files)
    return CountedPlace(top.resolve(), top.resolve(), dict.fromkeys(files))


def test_each_file_of_ours_is_read_once(tmp_path: Path) -> None:
    place = packages(tmp_path)
    assert len(load_config(place).folders) == MANY
    assert {place.counted[f"packages/p{number}/migcheck.toml"] for number in range(MANY)} == {1}


def test_what_was_read_is_kept_for_one_run_alone(tmp_path: Path) -> None:
    place = packages(tmp_path)
    load_config(place)
    write(tmp_path, {"packages/p0/migcheck.toml": '[[folder]]\npath = "drizzle"\ndatabase_url = "OTHER"\n'})
    assert load_config(place).folders[0].database_url == "OTHER"


def test_nothing_is_said_of_a_folder_that_another_file_configures(tmp_path: Path) -> None:
    config = "export default {{ dialect: 'postgresql', out: './drizzle', migrations: {{ table: {} }} }}"
    files = {
        "ops/migcheck.toml": '[[folder]]\npath = "../x/drizzle"\nledger.table = "t"\ndatabase_url = "OPS_URL"\n',
        "x/drizzle.config.ts": config.format("process.env.T"),
        "y/drizzle.config.ts": config.format("process.env.T"),
        **{f"{each}/drizzle/meta/_journal.json": '{"dialect": "postgresql"}' for each in "xy"},
    }
    write(tmp_path, files)
    top = tmp_path.resolve()
    of_ops = load_config(Place(top, top, dict.fromkeys(files)))
    (of_others,) = of_ops.others
    assert of_ops.notes == ("ops/migcheck.toml configures x/drizzle",)
    unread = "y/drizzle.config.ts:1: `migrations.table` cannot be read without running the file: process.env.T"
    assert of_others.notes == (
        "y/drizzle is configured by y/drizzle.config.ts, which was read and not run",
        f"{unread}; the default ledger drizzle.__drizzle_migrations is assumed",
    )
