"""Where the configuration comes from, and what a mistake in it is told as."""

from pathlib import Path

import pytest
from tests.support.configuration import load, paths
from tests.support.files import write
from tests.support.growth import LINEAR, growth

from migcheck.config.config import FolderConfig, LedgerConfig
from migcheck.errors import UsageError
from migcheck.paths import lies_in
from migcheck.wording import waiver_table

DRIZZLE = "export default { dialect: 'postgresql', out: './migrations' }"


def test_a_file_further_up_is_found_and_its_paths_are_its_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "packages/db/migcheck.toml": '[[folder]]\npath = "drizzle"\n[scratch]\nprelude = "prelude.sql"',
            "packages/db/src/x.ts": "",
        },
    )
    loaded = load(tmp_path, "packages/db/src")
    assert loaded.path == "packages/db/migcheck.toml"
    assert paths(loaded) == ["packages/db/drizzle"]
    assert loaded.config.scratch.prelude == "packages/db/prelude.sql"


def test_pyproject_serves_where_it_has_the_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": '[tool.migcheck]\n[[tool.migcheck.folder]]\npath = "a"',
            "app/pyproject.toml": "[project]\nname = 'x'",
        },
    )
    assert paths(load(tmp_path, "app")) == ["a"]


def test_nothing_above_the_root_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"migcheck.toml": "nonsense", "repo/drizzle.config.ts": DRIZZLE})
    assert paths(load(tmp_path / "repo")) == ["migrations"]


def test_two_configurations_in_one_directory_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"migcheck.toml": "", "pyproject.toml": "[tool.migcheck]"})
    with pytest.raises(UsageError, match="both configure migcheck"):
        load(tmp_path)


def test_config_names_any_of_the_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"ci/migcheck.toml": '[[folder]]\npath = "../a"', "db/drizzle.config.ts": DRIZZLE, "pyproject.toml": ""},
    )
    assert paths(load(tmp_path, option="ci/migcheck.toml")) == ["a"]
    assert paths(load(tmp_path, option="db/drizzle.config.ts")) == ["db/migrations"]
    with pytest.raises(UsageError, match=r"pyproject.toml has no \[tool.migcheck\]"):
        load(tmp_path, option="pyproject.toml")
    with pytest.raises(UsageError, match=r"none.toml cannot be read: No such file"):
        load(tmp_path, option="none.toml")


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        (
            'base = "main"\n\n[scratch]\n  kindd = "auto"',
            "migcheck.toml:4: unknown key `scratch.kindd`",
            "did you mean `kind`?",
        ),
        (
            '[[folder]]\npath = "a"\n[[folder]]\npath = "b"\n\nlegder = {}',
            "migcheck.toml:6: unknown key `folder.legder`",
            "did you mean `ledger`?",
        ),
        ('database_url = "A"', "migcheck.toml:1: unknown key `database_url`", "it stands under [[folder]]"),
        ("[apply]\nkind = 1", "migcheck.toml:2: unknown key `apply.kind`", "it stands under [scratch]"),
        ("fodler = 1", "migcheck.toml:1: unknown key `fodler`", "did you mean `folder`?"),
        ('[scratch]\nkind = "podman"', "migcheck.toml:2: scratch.kind: input should be 'auto', 'dsn'", ""),
        ("[[folder]]\n[apply]", "migcheck.toml:1: folder.path: field required", ""),
        ('base = "a\u2028b"\nnope = 1', "migcheck.toml:2: unknown key `nope`", ""),
        ("base = [", "migcheck.toml:1: this is not TOML: Invalid value", ""),
        ('a = 1\nbase = "x\n', "migcheck.toml:2: this is not TOML", "fix the line"),
        (
            '[[waiver]]\ncode = "MC201"\nuntil = YYYY-MM-DD\n',
            "migcheck.toml:3: this is not TOML",
            "write the last day that it is accepted for, such as `until = 2027-01-31`",
        ),
    ],
)
def test_a_mistake_names_its_line_and_the_nearest_word(tmp_path: Path, text: str, problem: str, remedy: str) -> None:
    write(tmp_path, {"migcheck.toml": text})
    with pytest.raises(UsageError) as raised:
        load(tmp_path)
    assert raised.value.problem.startswith(problem)
    assert remedy in raised.value.remedy


@pytest.mark.parametrize("reason", ["never applied: ...", "meant: … ", "...", "…", "ours, see #12..."])
@pytest.mark.parametrize(("name", "table"), [("migcheck.toml", ""), ("pyproject.toml", "tool.migcheck.")])
def test_a_reason_that_is_still_to_be_written_is_refused(tmp_path: Path, reason: str, name: str, table: str) -> None:
    written = f'[[{table}waiver]]\ncode = "MC110"\nmigration = "a"\nreason = "it is ... ours."\nuntil = 2027-01-31\n'
    copied = waiver_table("MC201", "0001_posts", reason).replace("YYYY-MM-DD", "2027-01-31").replace("[[", f"[[{table}")
    write(tmp_path, {name: written + copied})
    with pytest.raises(UsageError) as raised:
        load(tmp_path)
    assert raised.value.problem == f"{name}:9: waiver.reason: it still ends with dots, as it was copied"
    assert raised.value.remedy == "write in their place why MC201 of 0001_posts is accepted"


def test_two_folders_on_one_ledger_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"migcheck.toml": '[[folder]]\npath = "a"\n[[folder]]\npath = "b"'})
    told = r"^migcheck.toml:3: a and b share the ledger drizzle.__drizzle_migrations of DATABASE_URL"
    with pytest.raises(UsageError, match=told):
        load(tmp_path)
    write(tmp_path, {"migcheck.toml": '[[folder]]\npath = "a"\n[[folder]]\npath = "b"\nledger.table = "b"'})
    assert paths(load(tmp_path)) == ["a", "b"]
    write(tmp_path, {"migcheck.toml": 'folder = [\n{ path = "a" },\n{ path = "./a" }]'})
    with pytest.raises(UsageError, match=r"^migcheck.toml:3: the folder a is configured twice"):
        load(tmp_path)


def test_many_folders_are_told_apart_in_linear_time(tmp_path: Path) -> None:
    def read(count: int) -> object:
        folders = (f'[[folder]]\npath = "f{each}"\nledger = {{ table = "t{each}" }}\n' for each in range(count))
        write(tmp_path, {"migcheck.toml": "".join(folders)})
        return load(tmp_path)

    assert growth(read, 8) < LINEAR


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[folder]]\npath = "/abs"', "migcheck.toml:2: the folder /abs lies outside"),
        ('[scratch]\nprelude = "../x.sql"', "migcheck.toml:2: the prelude ../x.sql lies outside"),
        ('base = "x"\nguide = "../x.md"', "migcheck.toml:2: the guide ../x.md lies outside"),
        (
            'waiver = [\n{ code = "MC110", migration = "x", reason = "y", until = 2999-01-01, folder = "../x" }]',
            "migcheck.toml:2: the folder ../x lies outside",
        ),
        ('[[migration]]\ntag = "x"\nfolder = "../x"', "migcheck.toml:3: the folder ../x lies outside"),
        ('[[folder]]\npath = "a\\u0000b"', "migcheck.toml:2: folder.path: it holds a NUL character"),
    ],
)
def test_a_path_that_leads_out_is_told_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path, {"migcheck.toml": text})
    with pytest.raises(UsageError) as raised:
        load(tmp_path)
    assert raised.value.problem.startswith(problem)


def test_two_folders_that_no_file_of_ours_names_may_have_a_database_each(tmp_path: Path) -> None:
    """A waiver, or anything else that is configured, changes nothing of that."""
    configs = {"a/drizzle.config.ts": DRIZZLE, "b/drizzle.config.ts": DRIZZLE}
    waiver = '[[waiver]]\ncode = "MC110"\nmigration = "0000_a"\nreason = "never applied: x"\nuntil = 2099-01-01'
    write(tmp_path, {**configs, "a/migrations/x": "", "b/migrations/x": "", "migcheck.toml": waiver})
    loaded = load(tmp_path, tracked=tuple(configs))
    assert (loaded.path, paths(loaded)) == ("migcheck.toml", ["a/migrations", "b/migrations"])


def test_a_drizzle_config_that_changes_its_out_has_to_be_told_of(tmp_path: Path) -> None:
    text = "const c = { dialect: 'postgresql', out: 'real' };\nc.out = 'sub/real';\nexport default c"
    write(tmp_path, {"drizzle.config.ts": text, "real/x": "", "sub/real/x": ""})
    with pytest.raises(UsageError) as raised:
        load(tmp_path)
    assert raised.value.problem == "drizzle.config.ts:2: `out` cannot be read without running the file: c.out = …"
    assert "[[folder]]" in raised.value.remedy


def test_drizzle_config_is_read_with_its_ledger(tmp_path: Path) -> None:
    entities = "entities: { roles: { provider: 'neon' } }"
    text = f"export default {{ dialect: 'postgresql', migrations: {{ schema: 'ops' }}, {entities} }}"
    write(tmp_path, {"app/drizzle.config.ts": text, "app/src/x": ""})
    loaded = load(tmp_path, "app/src")
    assert loaded.config.folder == (FolderConfig(path="app/drizzle", ledger=LedgerConfig("ops"), provider="neon"),)
    assert loaded.notes == ("app/drizzle is configured by app/drizzle.config.ts, which was read and not run",)


def test_settings_without_a_folder_are_joined_with_drizzle_config(tmp_path: Path) -> None:
    write(tmp_path, {"migcheck.toml": 'base = "origin/trunk"', "drizzle.config.ts": DRIZZLE})
    loaded = load(tmp_path)
    assert (loaded.config.base, paths(loaded), loaded.path) == ("origin/trunk", ["migrations"], "migcheck.toml")


def test_from_the_top_of_a_monorepo_every_tracked_one_counts(tmp_path: Path) -> None:
    tracked = {
        "apps/api/drizzle.config.ts": DRIZZLE,
        "apps/old/drizzle.config.json": '{"dialect": "mysql"}',
        "packages/db/drizzle.config.js": DRIZZLE,
        "packages/db/drizzle.config.ts": "export default { dialect: 'postgresql', out: 'ts' }",
        "node_modules/x/drizzle.config.ts": DRIZZLE,
    }
    write(tmp_path, {**tracked, "untracked/drizzle.config.ts": DRIZZLE})
    loaded = load(tmp_path, tracked=tuple(tracked))
    assert paths(loaded) == ["apps/api/migrations", "packages/db/ts"]
    assert loaded.notes[1] == (
        "apps/old/drizzle.config.json is passed over: its dialect is mysql, migcheck is for postgresql"
    )


def test_out_may_be_meant_from_the_top(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "db/drizzle.config.ts": "export default { dialect: 'postgresql', out: './db/drizzle' }",
            "db/drizzle/meta/_journal.json": "{}",
        },
    )
    assert paths(load(tmp_path, "db")) == ["db/drizzle"]


def test_out_may_be_meant_from_the_package_whose_script_names_the_file(tmp_path: Path) -> None:
    config = "app/server/db/drizzle.config.ts"
    text = "export default { dialect: 'postgresql', out: 'drizzle', migrations: { table: 't' } }"
    write(tmp_path, {config: text, "app/drizzle/meta/_journal.json": "{}"})
    assert paths(load(tmp_path, tracked=(config,))) == ["app/drizzle"]
    assert load(tmp_path, tracked=(config,), folder="app/drizzle").config.folder[0].ledger.table == "t"


def test_what_cannot_be_read_without_running_it_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"drizzle.config.ts": "export default {\ndialect: 'postgresql',\nout: process.env.OUT }"})
    with pytest.raises(UsageError) as raised:
        load(tmp_path)
    assert raised.value.problem == (
        "drizzle.config.ts:3: `out` cannot be read without running the file: process.env.OUT"
    )


def test_only_another_dialect_is_no_folder(tmp_path: Path) -> None:
    write(tmp_path, {"drizzle.config.ts": "export default { dialect: 'sqlite' }"})
    with pytest.raises(UsageError, match="its dialect is sqlite"):
        load(tmp_path)


def test_the_only_folder_there_is_needs_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    loaded = load(tmp_path, "app", tracked=("README.md", "db/drizzle/meta/_journal.json"))
    assert paths(loaded) == ["db/drizzle"]
    assert loaded.notes == ("db/drizzle is the only folder with a journal that git tracks",)


def test_a_journal_beside_a_folder_of_1_0_is_not_taken_for_the_only_one(tmp_path: Path) -> None:
    older, newer = "db/drizzle/meta/_journal.json", "db/new/20240101000000_a/migration.sql"
    with pytest.raises(UsageError, match="no migrations folder is configured") as raised:
        load(tmp_path, tracked=(older, newer))
    assert raised.value.remedy == "there are 2 here: migcheck verify FOLDER, of db/drizzle, db/new"
    with pytest.raises(UsageError) as raised:
        load(tmp_path, tracked=(newer,))
    assert raised.value.remedy == "there is one here: migcheck verify db/new"
    # Without a time it is some other tool's, or an example.
    assert paths(load(tmp_path, tracked=(older, "examples/add-users/migration.sql"))) == ["db/drizzle"]


def test_of_several_folders_that_nothing_configures_all_are_named(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    with pytest.raises(UsageError) as raised:
        load(tmp_path, "app", tracked=("a/meta/_journal.json", "b/meta/_journal.json", "meta/_journal.json"))
    assert raised.value.remedy == "there are 3 here: migcheck verify FOLDER, of ../a, ../b, .."


def test_a_folder_of_our_own_file_that_is_misspelt(tmp_path: Path) -> None:
    write(tmp_path, {"migcheck.toml": '[[folder]]\npath = "drizle"', "drizzle/meta/_journal.json": "{}"})
    tracked = ("drizzle/meta/_journal.json", "db/meta/_journal.json")
    with pytest.raises(UsageError) as raised:
        load(tmp_path, tracked=tracked)
    assert (raised.value.problem, raised.value.remedy) == (
        "migcheck.toml:2: there is no folder drizle",
        "did you mean drizzle?",
    )
    assert paths(load(tmp_path, tracked=tracked[1:])) == ["drizle"]


@pytest.mark.parametrize(
    ("path", "directory", "expected"),
    [
        ("a/b", "a", True),
        ("a", "a", True),
        ("ab/c", "a", False),
        ("a", "a/b", False),
        (".", ".", True),
        (".", "a", False),
        ("a", "", True),
    ],
)
def test_what_lies_in_a_directory(path: str, directory: str, *, expected: bool) -> None:
    assert lies_in(path, directory) is expected
