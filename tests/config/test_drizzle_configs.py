"""What several drizzle.configs say together, and what is known of a ledger that none of them tells."""

from pathlib import Path

import pytest
from tests.support.configuration import paths
from tests.support.files import write

from migcheck.config.config import AssumedLedger, FolderConfig, LedgerConfig
from migcheck.errors import UsageError
from migcheck.facts.configuration.config import Loaded, load_config
from migcheck.facts.configuration.place import Place

JOURNAL = '{"version": "7", "dialect": "postgresql", "entries": []}'
SQLITE = '{"version": "6", "dialect": "sqlite", "entries": []}'
HIDDEN = "`migrations.table` cannot be read without running the file: process.env.T"
ASSUMED = "the default ledger drizzle.__drizzle_migrations is assumed"


def load(
    root: Path, files: dict[str, str], start: str = "", *, folder: str | None = None, option: str | None = None
) -> Loaded:
    """Load from a directory where all of `files` are tracked."""
    write(root, files)
    return load_config(Place((root / start).resolve(), root.resolve(), tuple(files)), folder=folder, option=option)


def config(out: str = "'./drizzle'", more: str = "") -> str:
    return f"export default {{\ndialect: 'postgresql',\nout: {out},\n{more}}}"


def ledger(table: str) -> str:
    return f"migrations: {{ table: {table} }}"


def only(loaded: Loaded) -> FolderConfig:
    (found,) = loaded.config.folder
    return found


class TestTheLedgerOfANamedFolder:
    def test_one_that_cannot_be_read_is_assumed_and_said(self, tmp_path: Path) -> None:
        files = {"drizzle.config.ts": config(more=ledger("process.env.T")), "drizzle/meta/_journal.json": JOURNAL}
        expected = FolderConfig(path="drizzle", ledger=AssumedLedger(why=f"drizzle.config.ts:4: {HIDDEN}"))
        for folder in ("drizzle", None):
            loaded = load(tmp_path, files, folder=folder)
            assert only(loaded) == expected
            assert loaded.notes == (
                "drizzle is configured by drizzle.config.ts, which was read and not run",
                f"drizzle.config.ts:4: {HIDDEN}; {ASSUMED}",
            )

    def test_one_that_migcheck_toml_names_is_known(self, tmp_path: Path) -> None:
        own = '[[folder]]\npath = "drizzle"\nledger = { table = "t" }'
        files = {"drizzle.config.ts": config(more=ledger("process.env.T")), "drizzle/x": "", "migcheck.toml": own}
        loaded = load(tmp_path, files, folder="drizzle")
        assert (only(loaded).ledger, loaded.notes) == (LedgerConfig(table="t"), ())

    def test_a_folder_that_migcheck_toml_does_not_have_is_looked_up(self, tmp_path: Path) -> None:
        files = {"drizzle.config.ts": config(more=ledger("'t'")), "drizzle/x": "", "a/x": ""}
        loaded = load(tmp_path, {**files, "migcheck.toml": '[[folder]]\npath = "a"'}, folder="drizzle")
        assert only(loaded).ledger == LedgerConfig(table="t")

    def test_the_nearest_configuration_is_taken_to_mean_it(self, tmp_path: Path) -> None:
        files = {
            "db/x/y": "",
            "db/drizzle.config.ts": config("env.OUT", ledger("'t'")),
            "drizzle.config.ts": config("b.OUT"),
        }
        loaded = load(tmp_path, files, folder="db/x")
        assert only(loaded).ledger == LedgerConfig(table="t")
        why = "db/drizzle.config.ts:3: `out` cannot be read without running the file: env.OUT"
        assert loaded.notes == (f"{why}; it is taken to be db/x, with the ledger drizzle.t",)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("export default base", ":1: the configuration cannot be read without running the file: base"),
            (config("env.OUT", ledger("process.env.T")), f":4: {HIDDEN}"),
        ],
    )
    def test_the_nearest_configuration_may_tell_nothing(self, tmp_path: Path, text: str, why: str) -> None:
        files = {"db/x/y": "", "db/drizzle.config.ts": text}
        for option in (None, "db/drizzle.config.ts"):
            loaded = load(tmp_path, files, folder="db/x", option=option)
            assert only(loaded) == FolderConfig(path="db/x", ledger=AssumedLedger(why=f"db/drizzle.config.ts{why}"))
            assert loaded.notes == (f"db/drizzle.config.ts{why}; {ASSUMED}",)

    def test_one_that_can_be_read_wins(self, tmp_path: Path) -> None:
        files = {
            "db/x/y": "",
            "drizzle.config.ts": config("b.OUT"),
            "z/drizzle.config.ts": config("'../db/x'", ledger("'t'")),
        }
        assert only(load(tmp_path, files, folder="db/x")).ledger == LedgerConfig(table="t")

    def test_configurations_elsewhere_count_where_they_agree(self, tmp_path: Path) -> None:
        files = {"db/x/y": "", "a/drizzle.config.ts": config("a.OUT"), "b/drizzle.config.ts": config("b.OUT")}
        assert only(load(tmp_path, files, folder="db/x")).ledger == LedgerConfig()
        loaded = load(tmp_path, {**files, "b/drizzle.config.ts": config("b.OUT", ledger("'t'"))}, folder="db/x")
        why = "a/drizzle.config.ts:3: `out` cannot be read without running the file: a.OUT"
        assert only(loaded).ledger == AssumedLedger(why=why)

    def test_a_configuration_of_another_folder_says_nothing(self, tmp_path: Path) -> None:
        loaded = load(tmp_path, {"db/x/y": "", "drizzle.config.ts": config("'./a'", ledger("'t'"))}, folder="db/x")
        assert (only(loaded), loaded.notes) == (FolderConfig(path="db/x"), ())


class TestSeveralFiles:
    def test_other_names_add_the_folders_that_are_there(self, tmp_path: Path) -> None:
        files = {
            "drizzle.config.ts": config(),
            "drizzle-admin.config.ts": config("'./admin'", ledger("'a'")),
            "drizzle.audit.config.mjs": config("'./audit'"),
            "drizzle.config.gone.ts": config("'./gone'"),
            "drizzle.config.prod.ts": config(more=ledger("'p'")),
            "drizzle.config.test.ts": "test('x', () => {})",
            "drizzle.lite.config.ts": "export default { dialect: 'sqlite' }",
            **{f"{name}/meta/_journal.json": JOURNAL for name in ("drizzle", "admin", "audit")},
        }
        loaded = load(tmp_path, files)
        assert [(each.path, each.ledger.table) for each in loaded.config.folder] == [
            ("drizzle", "__drizzle_migrations"),
            ("admin", "a"),
            ("audit", "__drizzle_migrations"),
        ]
        assert load(tmp_path, {}, folder="admin").config.folder[0].ledger.table == "a"

    def test_other_names_alone_configure_too(self, tmp_path: Path) -> None:
        files = {"db/drizzle.dev.config.ts": config(), "db/drizzle.prod.config.ts": config(), "db/drizzle/x": ""}
        assert only(load(tmp_path, files)) == FolderConfig(path="db/drizzle")
        assert only(load(tmp_path, files, "db")) == FolderConfig(path="db/drizzle")
        loaded = load(tmp_path, {**files, "db/drizzle.prod.config.ts": config(more=ledger("'p'"))})
        why = "db/drizzle.dev.config.ts and db/drizzle.prod.config.ts give db/drizzle two ledgers"
        assert only(loaded).ledger == AssumedLedger(why=why)

    def test_a_leftover_hides_nothing_further_up(self, tmp_path: Path) -> None:
        files = {"drizzle.config.ts": config(), "app/drizzle.config.old.ts": config("'./gone'"), "drizzle/x": ""}
        assert paths(load(tmp_path, files, "app")) == ["drizzle"]

    def test_one_folder_that_two_packages_name_is_one(self, tmp_path: Path) -> None:
        files = {"a/drizzle.config.ts": config("'../db'"), "b/drizzle.config.ts": config("'../db'"), "db/x": ""}
        assert only(load(tmp_path, files)) == FolderConfig(path="db")

    def test_below_one_of_another_dialect_are_those_of_postgres(self, tmp_path: Path) -> None:
        files = {"drizzle.config.ts": "export default { dialect: 'sqlite' }", "db/drizzle.config.ts": config()}
        loaded = load(tmp_path, files)
        assert paths(loaded) == ["db/drizzle"]
        assert loaded.notes == (
            "drizzle.config.ts is passed over: its dialect is sqlite, migcheck is for postgresql",
            "db/drizzle is configured by db/drizzle.config.ts, which was read and not run",
        )


DOUBTFUL = {"drizzle/meta/_journal.json": JOURNAL, "drizzle.config.ts": config("process.env.OUT ?? './drizzle'")}
CONDITION = "export default defineConfig(isProd ? { out: 'a' } : { out: 'b' })"
ONLY = "drizzle is the only folder with a journal that git tracks"


class TestTheOnlyFolder:
    """Where the only configuration does not tell which folder it names."""

    def test_it_is_taken_as_if_it_were_named(self, tmp_path: Path) -> None:
        loaded = load(tmp_path, DOUBTFUL)
        why = "drizzle.config.ts:3: `out` cannot be read without running the file: process.env.OUT ?? './drizzle'"
        taken = f"{why}; it is taken to be drizzle, with the ledger drizzle.__drizzle_migrations"
        assert (only(loaded), loaded.notes) == (FolderConfig(path="drizzle"), (ONLY, taken))

    @pytest.mark.parametrize(
        "text",
        [CONDITION, "let config = {};\nexport default config", config("env.OUT", ledger("env.T"))],
    )
    def test_a_ledger_that_cannot_be_read_stays_that(self, tmp_path: Path, text: str) -> None:
        files = {**DOUBTFUL, "drizzle.config.ts": text}
        loaded, by_name = load(tmp_path, files), load(tmp_path, files, folder="drizzle")
        assert isinstance(only(loaded).ledger, AssumedLedger)
        assert (only(loaded), loaded.notes) == (only(by_name), (ONLY, *by_name.notes))

    @pytest.mark.parametrize(
        ("more", "option", "remedy"),
        [
            ({"b/meta/_journal.json": JOURNAL}, None, "there are 2 here: migcheck verify FOLDER, of b, drizzle"),
            ({"b/meta/_journal.json": SQLITE, "drizzle.config.ts": CONDITION}, None, "there is one here: "),
            ({"drizzle.old.config.ts": config()}, None, "there is one here: migcheck verify drizzle"),
            ({}, "drizzle.config.ts", "there is one here: migcheck verify drizzle"),
            ({"drizzle/meta/_journal.json": SQLITE}, None, "name it: migcheck verify FOLDER"),
            (
                {"new/20240101000000_a/migration.sql": ""},
                None,
                "there are 2 here: migcheck verify FOLDER, of drizzle, new",
            ),
        ],
    )
    def test_where_another_may_be_meant_the_remedy_names_them(
        self, tmp_path: Path, more: dict[str, str], option: str | None, remedy: str
    ) -> None:
        with pytest.raises(UsageError, match="cannot be read without running the file") as raised:
            load(tmp_path, DOUBTFUL | more, option=option)
        assert raised.value.remedy.startswith(remedy)
        assert raised.value.remedy.endswith('or write migcheck.toml with [[folder]] and path = "…"')

    def test_one_that_git_does_not_track_may_be_meant(self, tmp_path: Path) -> None:
        write(tmp_path, DOUBTFUL)
        place = Place(tmp_path, tmp_path, tuple(DOUBTFUL), untracked=lambda: ("new/meta/_journal.json",))
        with pytest.raises(UsageError, match=r"process\.env\.OUT"):
            load_config(place)
        newer = Place(tmp_path, tmp_path, tuple(DOUBTFUL), untracked=lambda: ("new/20240101000000_a/migration.sql",))
        with pytest.raises(UsageError, match=r"process\.env\.OUT"):
            load_config(newer)
        installed = Place(tmp_path, tmp_path, tuple(DOUBTFUL), untracked=lambda: ("node_modules/x/meta/_journal.json",))
        assert only(load_config(installed)).path == "drizzle"

    @pytest.mark.parametrize(
        ("at", "folder"),
        [("", "tests/fixtures/m"), ("apps/a/", "apps/b/drizzle"), ("apps/a/", "drizzle")],
    )
    def test_one_of_tests_or_of_elsewhere_is_not_likely_to_be_meant(self, tmp_path: Path, at: str, folder: str) -> None:
        files = {f"{at}drizzle.config.ts": config("env.OUT", ledger("'t'")), f"{folder}/meta/_journal.json": JOURNAL}
        with pytest.raises(UsageError, match=r"env\.OUT") as raised:
            load(tmp_path, files)
        assert raised.value.remedy.startswith(f"there is one here: migcheck verify {folder}; ")

    def test_one_that_is_not_the_default_is_not_likely_to_be_meant(self, tmp_path: Path) -> None:
        files = {"drizzle.config.ts": DOUBTFUL["drizzle.config.ts"], "db/old/meta/_journal.json": JOURNAL}
        with pytest.raises(UsageError, match=r"process\.env\.OUT \?\? './drizzle'"):
            load(tmp_path, files)

    def test_what_is_beside_it_may_be_of_prisma_or_its_own(self, tmp_path: Path) -> None:
        prisma = {"prisma/migrations/20240101000000_a/migration.sql": "", "prisma/migrations/migration_lock.toml": ""}
        for more in (prisma, {"drizzle/20240101000000_a/migration.sql": ""}):
            assert only(load(tmp_path, DOUBTFUL | more)).path == "drizzle"
        inside = {f"tests/app/{path}": text for path, text in DOUBTFUL.items()}
        assert only(load(tmp_path / "b", inside)).path == "tests/app/drizzle"

    def test_one_of_another_dialect_is_not_where_the_configuration_says_its_own(self, tmp_path: Path) -> None:
        loaded = load(tmp_path, {**DOUBTFUL, "b/meta/_journal.json": SQLITE})
        assert (only(loaded).path, loaded.notes[0]) == ("drizzle", ONLY.replace("folder", "Postgres folder"))


class TestWhatIsLeftOut:
    def test_a_folder_that_nothing_names_is_told(self, tmp_path: Path) -> None:
        files = {
            "drizzle.config.ts": config(),
            "drizzle/meta/_journal.json": JOURNAL,
            "packages/db/drizzle-admin/meta/_journal.json": JOURNAL,
            "packages/db/drizzle-admin/drizzle.config.ts": config("'.'"),
            "node_modules/x/meta/_journal.json": JOURNAL,
            "apps/lite/drizzle/meta/_journal.json": SQLITE,
        }
        loaded = load(tmp_path, files)
        assert (paths(loaded), loaded.notes[1:]) == (
            ["drizzle"],
            ("packages/db/drizzle-admin has a journal and was not judged: no configuration that was read names it",),
        )
        assert load(tmp_path, files, folder="drizzle").notes == loaded.notes[:1]
        own = {"migcheck.toml": '[[folder]]\npath = "drizzle"'}
        assert load(tmp_path, {**files, **own}).notes == loaded.notes[1:]

    def test_of_many_five_are_told(self, tmp_path: Path) -> None:
        many = {f"f{each}/meta/_journal.json": JOURNAL for each in range(7)}
        loaded = load(tmp_path, {"drizzle.config.ts": config(), **many})
        why = "no configuration that was read names them"
        assert loaded.notes[1:] == (f"f0, f1, f2, f3, f4 and 2 more have a journal and were not judged: {why}",)

    def test_none_of_postgres_is_no_candidate(self, tmp_path: Path) -> None:
        files = {f"{name}/meta/_journal.json": SQLITE for name in ("a", "b")}
        with pytest.raises(UsageError) as raised:
            load(tmp_path, files)
        assert raised.value.problem == (
            "no migrations folder is configured; "
            "none of this repository's folders is of Postgres: a (sqlite), b (sqlite)"
        )
        assert raised.value.remedy == (
            "migcheck is for Postgres alone, so take it out of what runs it here; or, where another folder is of "
            'Postgres, name it: migcheck verify FOLDER, or write migcheck.toml with [[folder]] and path = "…"'
        )

    def test_the_only_one_of_postgres_is_judged(self, tmp_path: Path) -> None:
        loaded = load(tmp_path, {"a/meta/_journal.json": SQLITE, "b/meta/_journal.json": JOURNAL})
        assert paths(loaded) == ["b"]
        assert loaded.notes == ("b is the only Postgres folder with a journal that git tracks",)

    def test_the_one_that_a_passed_over_configuration_may_hide_is_suggested(self, tmp_path: Path) -> None:
        files = {"drizzle.config.ts": "export default { dialect: 'sqlite' }", "b/meta/_journal.json": JOURNAL}
        with pytest.raises(UsageError) as raised:
            load(tmp_path, {**files, "a/meta/_journal.json": SQLITE})
        assert raised.value.remedy == "there is one here: migcheck verify b"


def test_a_path_that_begins_beside_the_configuration_is_looked_for_nowhere_else(tmp_path: Path) -> None:
    files = {"app/drizzle.config.ts": config("`${__dirname}/drizzle`"), "drizzle/meta/_journal.json": JOURNAL}
    assert paths(load(tmp_path, files)) == ["app/drizzle"]
    assert paths(load(tmp_path, {**files, "app/drizzle.config.ts": config()})) == ["drizzle"]


class TestAFolderThatIsNotThere:
    def test_one_that_drizzle_config_names_is_still_to_be_made(self, tmp_path: Path) -> None:
        loaded = load(tmp_path, {"a/drizzle.config.ts": config(), "b/drizzle.config.ts": config(), "b/drizzle/x": ""})
        assert (paths(loaded), loaded.absent) == (["a/drizzle", "b/drizzle"], ("a/drizzle",))

    def test_the_only_folder_is_what_its_configuration_says_wherever_one_stands(self, tmp_path: Path) -> None:
        files = {
            "packages/db/drizzle.config.ts": config(more=ledger("'t'")),
            "packages/db/drizzle/meta/_journal.json": JOURNAL,
            "packages/api/package.json": "{}",
        }
        loaded = load(tmp_path, files, "packages/api")
        assert only(loaded) == FolderConfig(path="packages/db/drizzle", ledger=LedgerConfig(table="t"))
        assert loaded.notes == (
            "packages/db/drizzle is the only folder with a journal that git tracks",
            "packages/db/drizzle is configured by packages/db/drizzle.config.ts, which was read and not run",
        )

    def test_one_below_the_configuration_may_be_meant(self, tmp_path: Path) -> None:
        """drizzle-kit takes `out` from where it runs, which may be below."""
        files = {"a/drizzle.config.ts": config(), "a/db/drizzle/meta/_journal.json": JOURNAL}
        assert load(tmp_path, files).absent == ()

    def test_one_that_migcheck_toml_names_must_be_there(self, tmp_path: Path) -> None:
        assert load(tmp_path, {"migcheck.toml": '[[folder]]\npath = "a"'}).absent == ()


class TestBesideOurOwnFile:
    def test_the_ledger_is_drizzles_where_we_say_nothing_of_it(self, tmp_path: Path) -> None:
        files = {
            "migcheck.toml": '[[folder]]\npath = "drizzle"\n[scratch]\nmajor = 17',
            "drizzle.config.ts": "export default { dialect: 'postgresql', migrations: { schema: 's', table: 't' } }",
            "drizzle/meta/_journal.json": "{}",
        }
        loaded = load(tmp_path, files)
        assert only(loaded).ledger == LedgerConfig("s", "t")
        assert loaded.notes == ("drizzle is configured by drizzle.config.ts, which was read and not run",)

    def test_what_we_say_of_it_wins(self, tmp_path: Path) -> None:
        files = {
            "migcheck.toml": '[[folder]]\npath = "drizzle"\nledger.table = "ours"',
            "drizzle.config.ts": "export default { dialect: 'postgresql', migrations: { table: 't' } }",
            "drizzle/meta/_journal.json": "{}",
        }
        assert (only(load(tmp_path, files)).ledger, load(tmp_path, files).notes) == (LedgerConfig(table="ours"), ())

    def test_one_that_cannot_be_read_is_not_taken_for_the_default(self, tmp_path: Path) -> None:
        files = {
            "migcheck.toml": '[[folder]]\npath = "drizzle"',
            "drizzle.config.ts": "export default { dialect: 'postgresql', migrations: { table: process.env.T } }",
            "drizzle/meta/_journal.json": "{}",
        }
        assert isinstance(only(load(tmp_path, files)).ledger, AssumedLedger)
