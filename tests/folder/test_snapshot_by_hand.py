"""The way out of a migration that was written by hand (MC110), with the real drizzle-kit: no number is left out."""

import subprocess
from pathlib import Path

import pytest

from tests.support.drizzle import NODE
from tests.support.fixes import found_in
from tests.support.folders import add_migration, drop_entry, read_journal
from tests.support.repositories import GitRepository, environment
from tests.support.runs import offline

pytestmark = pytest.mark.node

SQL = "create index users_id on users (id);\n"


def generate(repo: GitRepository, *options: str) -> None:
    kit = [str(NODE / "node_modules/.bin/drizzle-kit"), "generate", *options]
    subprocess.run(kit, cwd=repo.top, env=environment(), capture_output=True, check=True)


def check(repo: GitRepository) -> str:
    kit = [str(NODE / "node_modules/.bin/drizzle-kit"), "check"]
    return subprocess.run(
        kit, cwd=repo.top, env=environment(), capture_output=True, check=True, text=True, encoding="utf-8"
    ).stdout


def write_schema(repo: GitRepository, *columns: str) -> None:
    told = ", ".join(f"{each}: integer()" for each in columns)
    imports = 'import { integer, pgTable } from "drizzle-orm/pg-core";'
    repo.write({"schema.ts": f'{imports}\nexport const users = pgTable("users", {{ {told} }});\n'})


@pytest.fixture
def by_hand(a_repo: GitRepository) -> Path:
    """Two migrations of drizzle-kit have landed; a third one was written by hand."""
    (a_repo / "node_modules").symlink_to(NODE / "node_modules")
    config = 'export default { dialect: "postgresql", schema: "./schema.ts", out: "./drizzle" };'
    a_repo.write({".gitignore": "node_modules", "drizzle.config.ts": config})
    write_schema(a_repo, "id")
    generate(a_repo, "--name", "users")
    write_schema(a_repo, "id", "age")
    generate(a_repo, "--name", "age")
    a_repo.commit()
    a_repo.branch("feature")
    drizzle = a_repo / "drizzle"
    newest = read_journal(drizzle)["entries"][-1]["when"]
    add_migration(drizzle, "0002_by_hand", SQL, when=newest + 1, snapshot=False)
    return drizzle


def numbers(drizzle: Path) -> list[tuple[int, str]]:
    return [(each["idx"], each["tag"]) for each in read_journal(drizzle)["entries"]]


def errors(repo: GitRepository) -> list[str]:
    return [each.code for each in offline(repo).findings if each.blocks]


def made_anew(repo: GitRepository, drizzle: Path) -> None:
    """What the fix says, step by step."""
    kept = (drizzle / "0002_by_hand.sql").rename(repo / "kept.sql")
    drop_entry(drizzle, "0002_by_hand")
    generate(repo, "--custom", "--name", "by_hand")
    (drizzle / "0002_by_hand.sql").write_text(kept.read_text())
    kept.unlink()


def test_the_newest_one(a_repo: GitRepository, by_hand: Path) -> None:
    assert errors(a_repo) == ["MC110"]
    assert found_in(a_repo, "MC110").fix == (
        "Commit the snapshot that drizzle-kit wrote. If the migration was written by hand, move its file out of the "
        "folder and delete its entry; of what is behind it, delete file, snapshot and entry. Then run `drizzle-kit "
        "generate --custom --name <name>`, which writes the entry and the snapshot, put the SQL into the file that it "
        "makes, and run `drizzle-kit generate` for the rest."
    )

    made_anew(a_repo, by_hand)

    assert numbers(by_hand) == [(0, "0000_users"), (1, "0001_age"), (2, "0002_by_hand")]
    assert (by_hand / "0002_by_hand.sql").read_text() == SQL
    assert errors(a_repo) == []
    assert "Everything's fine" in check(a_repo)
    generate(a_repo, "--name", "nothing")
    assert len(numbers(by_hand)) == 3


def test_one_that_others_stand_behind(a_repo: GitRepository, by_hand: Path) -> None:
    write_schema(a_repo, "id", "age", "size")
    generate(a_repo, "--name", "size")
    assert numbers(by_hand)[-1] == (3, "0003_size")
    assert errors(a_repo) == ["MC110"]

    (by_hand / "0003_size.sql").unlink()
    (by_hand / "meta" / "0003_snapshot.json").unlink()
    drop_entry(by_hand, "0003_size")
    made_anew(a_repo, by_hand)
    generate(a_repo, "--name", "size")

    assert numbers(by_hand)[1:] == [(1, "0001_age"), (2, "0002_by_hand"), (3, "0003_size")]
    assert "size" in (by_hand / "0003_size.sql").read_text()
    assert errors(a_repo) == []
    assert "Everything's fine" in check(a_repo)
