"""Each fault of history, injected into a real repository: one finding, with its own code, and nothing else."""

import shutil

import pytest

from migcheck.catalogue import HISTORY_RULES
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Location
from migcheck.rule import judge
from tests.support.folders import (
    STEP,
    WHEN,
    a_folder,
    add_migration,
    change_entry,
    drop_entry,
    move_entry,
)
from tests.support.histories import (
    LANDED,
    NEWEST,
    a_history,
    a_landed_folder,
    gate_of_the_folder,
    judged,
    told,
)
from tests.support.repositories import GitRepository


def test_a_new_migration_at_the_end_is_clear(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "create table likes (id int);", snapshot=False)
    a_repo.commit()

    history = a_history(a_repo)

    assert told(history) == []
    assert [each.tag for each in history.new()] == ["0003_likes"]


@pytest.mark.parametrize("sql", ["create table posts (id int);\n", "create table posts (id int);\n\n"])
def test_a_newline_at_the_end_is_an_edit_that_no_line_shows(a_repo: GitRepository, sql: str) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0001_posts.sql": sql})

    (found,) = judged(a_history(a_repo))

    assert found.code == "MC201"
    assert found.evidence.startswith("hash 8ab1bc2fb322 in base, ")
    assert found.evidence.endswith(" here: only the newline at the end differs")


def test_an_edited_migration(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    base = a_repo.head
    a_repo.commit({"drizzle/0001_posts.sql": "create table posts (id int);\n-- id is a number"})

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.rule, found.severity, found.migration) == (
        "MC201",
        "landed-migration-edited",
        "error",
        "0001_posts",
    )
    assert found.at == Location("drizzle/0001_posts.sql", 2)
    assert found.message == "0001_posts has landed, and its SQL is not what landed"
    assert found.evidence == ("hash 8ab1bc2fb322 in base, 102836a2aeeb here, from line 2 on:\n+ -- id is a number")
    assert found.fix == (
        f"Put it back (`git checkout {base[:12]} -- :/drizzle/0001_posts.sql`) and make the change in a new migration."
        "\nIf it was applied nowhere, or rolled back everywhere, let the ledgers say so to `migcheck verify` "
        "(DATABASE_URL, or `--ledger FILE` written by `migcheck status --format json --output FILE`). "
        "Or waive it in migcheck.toml:\n"
        '[[waiver]]\ncode = "MC201"\nmigration = "0001_posts"\nreason = "never applied: ..."\nuntil = YYYY-MM-DD'
    )
    assert gate_of_the_folder(a_repo) == []
    (named,) = judge(HISTORY_RULES, HistoryFacts(a_history(a_repo), variable="NEON_URL"))
    assert named.fix == found.fix.replace("DATABASE_URL", "NEON_URL")


LONG = 'ALTER TABLE "posts" ADD CONSTRAINT "posts_author_fk" FOREIGN KEY ("author") REFERENCES "public"."users"("id")'
END = " ON DELETE no action ON UPDATE no action;"


@pytest.mark.parametrize(
    ("then", "now", "shown"),
    [
        pytest.param(
            LONG + END,
            f"{LONG}{END}-- later",
            "from line 1 on:\n"
            '- …uthor") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;\n'
            '+ …uthor") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;-- later',
            id="at the end",
        ),
        pytest.param(
            f"select 1; {LONG}",
            f"select 2; {LONG}",
            "from line 1 on:\n"
            '- select 1; ALTER TABLE "posts" ADD CONSTRAINT "posts_author_fk" FOREIGN KEY ("author") REFE…\n'
            '+ select 2; ALTER TABLE "posts" ADD CONSTRAINT "posts_author_fk" FOREIGN KEY ("author") REFE…',
            id="at the start",
        ),
        pytest.param(
            f"{LONG};{LONG}",
            LONG + END + LONG,
            "from line 1 on:\n"
            '- … ("author") REFERENCES "public"."users"("id");ALTER TABLE "posts" ADD CONSTRAINT "posts_au…\n'
            '+ … ("author") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;ALTE…',
            id="in the middle",
        ),
        pytest.param(
            "select 1;\nselect 2;",
            "select 1; \nselect 3;",
            "from line 1 on, where only blanks differ:\n- select 1;\n+ select 1; ",
            id="blanks",
        ),
    ],
)
def test_an_edit_is_shown_where_it_is(a_repo: GitRepository, then: str, now: str, shown: str) -> None:
    a_landed_folder(a_repo)
    base = a_repo.commit({"drizzle/0001_posts.sql": then})
    a_repo.commit({"drizzle/0001_posts.sql": now})

    (found,) = judged(a_history(a_repo, base=base))

    assert found.evidence.partition(" here, ")[2] == shown


def test_a_deleted_migration(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    drop_entry(drizzle, "0001_posts")
    a_repo.commit({"drizzle/0001_posts.sql": None})

    assert told(a_history(a_repo)) == [("MC202", "error", "0001_posts")]
    assert gate_of_the_folder(a_repo) == []


def test_the_last_migration_replaced_is_a_deletion(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    drop_entry(drizzle, "0002_tags")
    add_migration(drizzle, "0002_labels", "create table labels (id int);", when=NEWEST + 1, snapshot=False)
    a_repo.commit({"drizzle/0002_tags.sql": None})

    assert told(a_history(a_repo)) == [("MC202", "error", "0002_tags")]


def test_a_renamed_migration(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    (drizzle / "0001_posts.sql").rename(drizzle / "0001_articles.sql")
    change_entry(drizzle, "0001_posts", rename="0001_articles")
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration) == ("MC203", "0001_articles")
    assert found.message == "0001_posts has landed, and is now called 0001_articles"
    assert gate_of_the_folder(a_repo) == []


def test_a_migration_generated_again_under_another_name(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_people": LANDED["0000_users"]}, snapshots=False)
    a_repo.commit()
    base = a_repo.head
    shutil.rmtree(drizzle)
    a_folder(drizzle, {"0000_humans": LANDED["0000_users"]}, when={"0000_humans": NEWEST}, snapshots=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo, base=base))

    assert (found.code, found.migration) == ("MC203", "0000_humans")
    assert found.evidence.endswith(
        "its `when` was 1700000000000 (2023-11-14 22:13:20 UTC) and is 1700000120000 (2023-11-14 22:15:20 UTC)"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"idx": 7}, "`idx` was 1 and is 7"),
        ({"when": NEWEST + 1}, f"`when` was {WHEN + STEP} (2023-11-14 22:14:20 UTC) and is"),
        ({"when": WHEN + 1}, "and is 1700000000001 (2023-11-14 22:13:20 UTC)"),
    ],
)
def test_a_changed_entry(a_repo: GitRepository, change: dict[str, int], message: str) -> None:
    drizzle = a_landed_folder(a_repo)
    change_entry(drizzle, "0001_posts", when=change.get("when"), idx=change.get("idx"))
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration, found.at.line) == ("MC204", "0001_posts", 12)
    assert found.severity == ("warning" if "idx" in change else "error")
    assert message in found.message
    assert found.evidence == (
        "Drizzle would run it again on every database that has base" if change.get("when") == NEWEST + 1 else ""
    )
    assert gate_of_the_folder(a_repo) == []


def test_reordered_entries(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    move_entry(drizzle, "0002_tags", 0)
    a_repo.commit()

    assert told(a_history(a_repo)) == [("MC205", "error", "0002_tags")]
    assert gate_of_the_folder(a_repo) == []


def test_an_entry_removed_without_its_file(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    drop_entry(drizzle, "0001_posts")
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.severity, found.migration) == ("MC202", "error", "0001_posts")
    assert found.message == "0001_posts has landed, and its entry is gone from the journal"
    assert gate_of_the_folder(a_repo) == []


def test_a_file_removed_without_its_entry_is_left_to_the_gate_of_the_folder(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0002_tags.sql": None})

    assert told(a_history(a_repo)) == []
    assert gate_of_the_folder(a_repo) == [("MC101", "0002_tags")]


def test_an_entry_that_became_malformed_is_left_to_the_gate_of_the_folder(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    journal = (drizzle / "meta/_journal.json").read_text("utf-8")
    a_repo.commit({"drizzle/meta/_journal.json": journal.replace('"when": 1700000060000', '"when": "soon"')})

    assert told(a_history(a_repo)) == []
    assert gate_of_the_folder(a_repo) == [("MC103", "0001_posts")]


def test_a_broken_journal_is_left_to_the_gate_of_the_folder(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/meta/_journal.json": "{"})

    assert told(a_history(a_repo)) == []
