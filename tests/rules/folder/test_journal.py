"""MC100 to MC105: the journal, its rows, and the files they name."""

import json
from pathlib import Path

import pytest

from tests.support.folders import a_folder, add_entry, add_migration, change_entry, drop_entry
from tests.support.judging import findings, judged, read, told

JOURNAL = "drizzle/meta/_journal.json"


def test_no_journal(drizzle: Path) -> None:
    (drizzle / "meta" / "_journal.json").unlink()

    assert judged(drizzle) == [f"MC100 error {JOURNAL} drizzle has no meta/_journal.json"]


def test_no_folder(tmp_path: Path) -> None:
    assert judged(tmp_path / "drizzle") == [f"MC100 error {JOURNAL} drizzle is not there or holds nothing"]


def test_a_merge_that_left_its_markers_in_the_journal(drizzle: Path) -> None:
    path = drizzle / "meta" / "_journal.json"
    lines = path.read_text().split("\n")
    path.write_text("\n".join([*lines[:12], "<<<<<<< HEAD", *lines[12:18], "=======", ">>>>>>> feature", *lines[18:]]))

    assert judged(drizzle) == [f"MC100 error {JOURNAL}:13 the journal holds the markers of a merge conflict"]


def test_a_folder_of_prisma(tmp_path: Path) -> None:
    folder = tmp_path / "drizzle"
    (folder / "20240101000000_init").mkdir(parents=True)
    (folder / "20240101000000_init" / "migration.sql").write_text("select 1;")
    (folder / "migration_lock.toml").write_text('provider = "postgresql"')

    assert judged(folder) == [f"MC100 error {JOURNAL} drizzle is a folder of Prisma's, not of Drizzle's"]


def test_a_folder_older_than_the_journal(tmp_path: Path) -> None:
    folder = tmp_path / "drizzle"
    (folder / "20230101000000").mkdir(parents=True)
    (folder / "20230101000000" / "migration.sql").write_text("select 1;")

    assert judged(folder) == [f"MC100 error {JOURNAL} drizzle is older than Drizzle's journal"]


POSTGRES = "export default { dialect: 'postgresql', out: './drizzle' }"


@pytest.mark.parametrize("dialect", ["mysql", "sqlite", "postgres"])
@pytest.mark.parametrize("tags", [[], ["0000_users"]])
def test_a_journal_whose_dialect_is_stale(tmp_path: Path, dialect: str, tags: list[str]) -> None:
    """drizzle-kit goes on in the journal of another database as it is, and Drizzle's migrator never looks at it."""
    folder = a_folder(tmp_path / "drizzle", dict.fromkeys(tags, "select 1;"), version="5", dialect=dialect)
    (tmp_path / "drizzle.config.ts").write_text(POSTGRES)

    (found,) = findings(folder)

    assert told(found) == (
        f"MC100 warning {JOURNAL}:3 the journal is of dialect '{dialect}', and drizzle.config.ts says postgresql: "
        "it is judged as Postgres, as Drizzle's migrator runs it"
    )
    assert found.fix == (
        'Write `"dialect": "postgresql"` there: nothing of Drizzle\'s reads it, and it is no edit of a migration.'
    )
    assert [each.tag for each in read(folder).migrations] == tags


@pytest.mark.parametrize(
    ("path", "config"),
    [
        ("drizzle.config.ts", POSTGRES.replace("postgresql", "mysql")),
        ("drizzle.config.ts", POSTGRES.replace("./drizzle", "./other")),
        ("drizzle.config.ts", POSTGRES.replace("'postgresql'", "process.env.DIALECT")),
        ("node_modules/a/drizzle.config.ts", POSTGRES.replace("./drizzle", "../../drizzle")),
        ("notes.config.ts", POSTGRES),
    ],
)
def test_a_journal_of_another_database(tmp_path: Path, path: str, config: str) -> None:
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;"}, dialect="mysql")
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(config)

    (found,) = (each for each in findings(folder) if each.code == "MC100")

    assert told(found) == (
        f"MC100 error {JOURNAL}:3 the journal is of dialect 'mysql', and migcheck judges Postgres alone"
    )


def test_a_configuration_below_the_directory_that_drizzle_kit_runs_in(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;"}, dialect="mysql")
    (tmp_path / "config").mkdir()
    (tmp_path / "config/drizzle.test.config.ts").write_text(POSTGRES)

    assert [each.split()[1] for each in judged(folder)] == ["warning"]


MYSQL = POSTGRES.replace("postgresql", "mysql")


@pytest.mark.parametrize(
    ("configs", "stale"),
    [
        # Where drizzle-kit takes a configuration unasked, its `out` begins there.
        ({"pkg/drizzle.config.ts": POSTGRES}, False),
        ({"pkg/drizzle.config.ts": POSTGRES, "drizzle.config.ts": MYSQL}, False),
        ({"pkg/drizzle.config.ts": POSTGRES.replace("./drizzle", "../drizzle")}, True),
        # Of two, that which names it from nearer says what it is, and of two that are as near nobody knows.
        ({"drizzle.config.ts": POSTGRES, "drizzle.my.config.ts": MYSQL}, False),
        ({"drizzle.config.ts": POSTGRES, "pkg/drizzle.config.ts": MYSQL.replace("./drizzle", "../drizzle")}, False),
        ({"drizzle.config.ts": POSTGRES, "pkg/drizzle.config.ts": "export default { dialect: 'mysql' }"}, True),
        ({"drizzle.config.ts": POSTGRES, "drizzle.my.config.ts": MYSQL.replace("./drizzle", "./other")}, True),
        ({"a/drizzle.my.config.ts": MYSQL, "b/drizzle.pg.config.ts": POSTGRES}, False),
        ({"a/c/drizzle.my.config.ts": MYSQL, "b/drizzle.pg.config.ts": POSTGRES}, True),
        ({"a/drizzle.my.config.ts": MYSQL, "b/c/drizzle.pg.config.ts": POSTGRES}, False),
    ],
)
def test_a_journal_that_configurations_of_two_databases_may_mean(
    tmp_path: Path, configs: dict[str, str], *, stale: bool
) -> None:
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;"}, dialect="mysql")
    for path, config in configs.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(config)

    (found,) = (each for each in findings(folder) if each.code == "MC100")

    assert told(found).split()[1] == ("warning" if stale else "error")


def test_an_entry_without_its_file_breaks_every_deploy_so_it_is_never_old(drizzle: Path) -> None:
    landed = read(drizzle)
    (drizzle / "0001_posts.sql").unlink()
    found = [f"MC101 error {JOURNAL}:12 the journal names 0001_posts, and there is no 0001_posts.sql"]

    assert judged(drizzle) == found
    assert judged(drizzle, before=landed) == found


def test_a_file_whose_name_differs_in_case_is_missing_on_linux(drizzle: Path) -> None:
    (drizzle / "0001_posts.sql").rename(drizzle / "0001_Posts.sql")

    assert judged(drizzle)[0] == (
        f"MC101 error {JOURNAL}:12 the journal names 0001_posts, and there is no 0001_posts.sql"
        " | there is 0001_Posts.sql, whose name differs in case"
    )


def test_a_file_that_no_entry_names(drizzle: Path) -> None:
    (drizzle / "0003_lost.sql").write_text("select 1;")

    assert judged(drizzle) == [
        "MC102 error drizzle/0003_lost.sql no entry of the journal names 0003_lost: Drizzle will never run it"
    ]


def test_a_migration_whose_entry_got_lost_in_a_merge_is_one_finding_not_two(drizzle: Path) -> None:
    drop_entry(drizzle, "0001_posts")

    assert [each.split()[0] for each in judged(drizzle)] == ["MC102"]


def test_files_that_never_had_an_entry_and_landed_warn_once(drizzle: Path) -> None:
    for number in range(3, 10):
        (drizzle / f"{number:04}_lost.sql").write_text("select 1;")

    assert judged(drizzle, before=read(drizzle)) == [
        (
            "MC102 warning drizzle/0003_lost.sql no entry of the journal names 0003_lost, 0004_lost, 0005_lost,"
            " 0006_lost, 0007_lost and 2 more: Drizzle will never run it"
        )
    ]


def test_a_file_that_is_not_named_like_a_migration_warns(drizzle: Path) -> None:
    (drizzle / "seed.sql").write_text("insert into users values (1);")

    assert judged(drizzle) == [
        "MC102 warning drizzle/seed.sql no entry of the journal names seed: Drizzle will never run it"
    ]


def test_a_rollback_beside_no_migration(drizzle: Path) -> None:
    (drizzle / "0009_gone.down.sql").write_text("drop table gone;")

    (found,) = findings(drizzle)
    fix = "It is a rollback, and its migration is not in the folder: delete the file, or put the migration back."
    assert (found.code, found.fix) == ("MC102", fix)


def test_a_rollback_beside_a_migration_without_an_entry_needs_none_of_its_own(drizzle: Path) -> None:
    (drizzle / "0009_nick.sql").write_text("alter table users add column nick text;")
    (drizzle / "0009_nick.down.sql").write_text("alter table users drop column nick;")

    assert judged(drizzle) == [
        "MC102 error drizzle/0009_nick.sql no entry of the journal names 0009_nick: Drizzle will never run it"
    ]


def test_an_entry_that_landed_and_is_gone_is_told_by_the_history(drizzle: Path) -> None:
    landed = read(drizzle)
    drop_entry(drizzle, "0001_posts")

    assert judged(drizzle, before=landed) == []


def test_a_private_file_that_git_ignores_never_lands(drizzle: Path) -> None:
    (drizzle / "0003_mine.sql").write_text("select 1;")

    assert judged(drizzle, ignored=["drizzle/0003_mine.sql"]) == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("3", "the entry is not an object"),
        ({"when": 1}, "it has no tag"),
        ({"tag": "0001_posts"}, "it has no when"),
        ({"tag": 3, "when": 1}, "its tag is 3, not a string"),
        ({"tag": "", "when": 1}, "its tag is empty"),
        ({"tag": "0001\nposts", "when": 1}, r"its tag '0001\nposts' holds a character that no file name has"),
        ({"tag": "0001\0posts", "when": 1}, r"its tag '0001\x00posts' holds a character that no file name has"),
        ({"tag": "0001_posts", "when": "1"}, "its when is '1', not a whole number from 0 to 2^53 - 1"),
        ({"tag": "0001_posts", "when": True}, "its when is True, not a whole number from 0 to 2^53 - 1"),
        ({"tag": "0001_posts", "when": 1.5}, "its when is 1.5, not a whole number from 0 to 2^53 - 1"),
        ({"tag": "0001_posts", "when": 2**53}, "its when is 9007199254740992, not a whole number from 0 to 2^53 - 1"),
    ],
)
def test_a_row_that_is_no_entry(drizzle: Path, row: object, problem: str) -> None:
    journal = json.loads((drizzle / "meta" / "_journal.json").read_text())
    journal["entries"].append(row)
    (drizzle / "meta" / "_journal.json").write_text(json.dumps(journal, indent=2))

    assert judged(drizzle) == [f"MC103 error {JOURNAL}:26 row 4 of the journal is not an entry: {problem}"]


@pytest.mark.parametrize(
    ("idx", "problem"),
    [(None, "it has no idx"), (False, "its idx is False, not a whole number from 0 to 2^53 - 1")],
)
def test_an_entry_without_an_idx_blocks_when_it_is_new_and_warns_when_it_landed(
    drizzle: Path, idx: object, problem: str
) -> None:
    journal = json.loads((drizzle / "meta" / "_journal.json").read_text())
    del journal["entries"][2]["idx"]
    if idx is not None:
        journal["entries"][2]["idx"] = idx
    (drizzle / "meta" / "_journal.json").write_text(json.dumps(journal, indent=2))

    found = f"{JOURNAL}:19 row 3 of the journal is not an entry: {problem}"
    assert judged(drizzle) == [f"MC103 error {found}"]
    assert judged(drizzle, before=read(drizzle)) == [f"MC103 warning {found}"]


def test_one_tag_twice(drizzle: Path) -> None:
    add_entry(drizzle, "0001_posts")

    assert judged(drizzle) == [
        f"MC104 error {JOURNAL}:26 the journal names 0001_posts twice: Drizzle runs its file twice | first on line 12"
    ]


def test_one_tag_twice_in_a_journal_of_one_line(drizzle: Path) -> None:
    add_entry(drizzle, "0001_posts")
    journal = drizzle / "meta" / "_journal.json"
    journal.write_text(json.dumps(json.loads(journal.read_text())))

    assert judged(drizzle) == [
        f"MC104 error {JOURNAL}:1 the journal names 0001_posts twice: Drizzle runs its file twice | first on line 1"
    ]


def test_one_tag_twice_in_base_already_warns(drizzle: Path) -> None:
    add_entry(drizzle, "0001_posts")

    assert [each[:13] for each in judged(drizzle, before=read(drizzle))] == ["MC104 warning"]


def test_a_landed_entry_that_took_the_name_of_another(drizzle: Path) -> None:
    landed = read(drizzle)
    change_entry(drizzle, "0002_likes", rename="0001_posts")
    (drizzle / "0002_likes.sql").unlink()

    assert [each[:11] for each in judged(drizzle, before=landed) if each.startswith("MC104")] == ["MC104 error"]


def test_an_entry_that_landed_once_and_is_now_there_twice_to_the_letter(drizzle: Path) -> None:
    """No database has passed the second: that the first landed with this tag and `when` says nothing of it."""
    landed = read(drizzle)
    journal = drizzle / "meta" / "_journal.json"
    rows = json.loads(journal.read_text())
    journal.write_text(json.dumps({**rows, "entries": [*rows["entries"], rows["entries"][-1]]}))
    (found,) = (each for each in findings(drizzle, before=landed) if each.code == "MC104")
    assert (found.severity, found.fix) == ("error", "Remove the second entry.")

    twice = read(drizzle)
    assert [each[:13] for each in judged(drizzle, before=twice) if each.startswith("MC104")] == ["MC104 warning"]
    journal.write_text(json.dumps({**rows, "entries": [*rows["entries"], *[rows["entries"][-1]] * 2]}))
    thrice = [each[:11] for each in judged(drizzle, before=twice) if each.startswith("MC104")]
    assert thrice == ["MC104 warni", "MC104 error"]


def test_a_tag_that_landed_once_and_is_now_there_twice(drizzle: Path) -> None:
    landed = read(drizzle)
    add_entry(drizzle, "0001_posts")

    assert [each[:11] for each in judged(drizzle, before=landed)] == ["MC104 error"]


def test_two_branches_with_one_idx(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {"0000_users": "select 1;"})
    none_landed = read(folder)
    add_migration(folder, "0001_posts", "select 1;")
    one_landed = read(folder)
    add_migration(folder, "0001_likes", "select 2;", snapshot=False)
    change_entry(folder, "0001_likes", idx=1)
    found = f"{JOURNAL}:19 0001_posts and 0001_likes have the same idx 1"

    assert judged(folder, before=none_landed) == [f"MC105 error {found}"]
    assert judged(folder, before=one_landed) == []  # The history tells it, with how the two came together.
    assert judged(folder, before=read(folder)) == [f"MC105 warning {found}"]
