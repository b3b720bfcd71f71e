"""`apply --clearance` takes up what was proven elsewhere, and refuses whatever it was not proven of."""

import json
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migcheck.drizzle.pieces import migration_hash
from migcheck.route import WEBSOCKET_PROXY, Transport
from tests.support.command import Command, Ran, migcheck
from tests.support.deploys import NAME, deploy_at, ledger_rows, tables, way_to
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.standby import standby
from tests.support.target_server import Database, TargetServer

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

USERS = {"0000_users": "create table users (id int);"}
POSTS = "create table posts (id int);"
CLEARED = "judged when the clearance was given"


@dataclass(frozen=True)
class Pipeline:
    """Two jobs: one has git and a scratch server, the other a copy of the folder, or a clone."""

    repo: GitRepository
    command: Command
    place: Path

    @property
    def file(self) -> Path:
        return self.place / "clearance.json"

    def verify(self, url: str, *options: str) -> Ran:
        env = {"DATABASE_URL": url} if url else {}
        ran = self.command("verify", "drizzle", "--clearance", str(self.file), *options, cwd=self.repo.top, env=env)
        assert ran.code == 0, ran
        return ran

    def apply(self, url: str, *options: str, cwd: Path | None = None) -> Ran:
        command = ("apply", "drizzle", "--clearance", str(self.file), *options)
        return self.command(*command, cwd=cwd or self.away(), env={"DATABASE_URL": url})

    def away(self) -> Path:
        """A directory without git that has the folder as it is now."""
        shutil.copytree(self.repo / "drizzle", self.place / "away" / "drizzle", dirs_exist_ok=True)
        return self.place / "away"

    def edit(self, **changes: object) -> None:
        self.file.write_text(json.dumps({**json.loads(self.file.read_text()), **changes}))


@pytest.fixture
def pipeline(a_repo: GitRepository, command: Command, tmp_path: Path) -> Pipeline:
    a_folder(a_repo / "drizzle", USERS, snapshots=False)
    a_repo.commit(message="Add migrations")
    return Pipeline(a_repo, command, tmp_path)


def refused(ran: Ran, *words: str) -> None:
    assert ran.code == 1, ran
    told = " ".join(ran.out.split())
    assert "refused: " in told
    assert all(word in told for word in words), told


def test_the_file_says_what_was_proven(pipeline: Pipeline, app: Database) -> None:
    pipeline.verify(app.url)
    file = json.loads(pipeline.file.read_text())
    [cleared] = file["clearances"]
    assert file["commit"] == pipeline.repo.head
    assert abs(datetime.now(tz=UTC) - datetime.fromisoformat(file["at"])) < timedelta(hours=1)
    assert cleared["evidence"]["rows"] == []
    assert cleared["evidence"]["target"]["name"] == app.name
    assert cleared["evidence"]["target"]["system"] > 0
    assert cleared["evidence"]["scratch"]["version"] // 10_000 >= 15
    assert [each["gate"] for each in cleared["evidence"]["gates"] if each["outcome"] == "judged"] == [
        *("folder", "history", "project", "replay", "sql", "target", "waivers")
    ]
    assert app.password not in pipeline.file.read_text()
    ran = pipeline.apply(app.url)
    assert f"of commit {pipeline.repo.head[:12]}, rehearsed on PostgreSQL " in ran.out
    assert (ran.code, tables(app)) == (0, ["users"])


def test_where_there_is_git_the_clearance_names_the_base(pipeline: Pipeline, app: Database) -> None:
    pipeline.verify(app.url, "--base", "HEAD")
    ran = pipeline.apply(app.url, cwd=pipeline.repo.top)
    assert f"base  {pipeline.repo.head[:12]}, named by the clearance\n" in ran.out


def test_an_old_clearance_is_refused(pipeline: Pipeline, app: Database) -> None:
    pipeline.verify(app.url)
    pipeline.edit(at=(datetime.now(tz=UTC) - timedelta(days=7, hours=1)).isoformat())
    refused(pipeline.apply(app.url), "older than clearance_age (7d)", "run verify again")
    assert tables(app) == []
    (pipeline.away() / "migcheck.toml").write_text('[apply]\nclearance_age = "30d"\n')
    assert pipeline.apply(app.url).code == 0


def test_a_day_that_there_is_not_is_no_clearance(pipeline: Pipeline, app: Database) -> None:
    pipeline.verify(app.url)
    pipeline.edit(at="0001-01-01T00:00:00+14:00")
    ran = pipeline.apply(app.url)
    assert (ran.code, ran.err.splitlines()[0]) == (
        2,
        f"migcheck: {pipeline.file} is not a clearance: date value out of range",
    )


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.WEBSOCKET])
def test_of_twenty_deploys_at_once_one_deploys(
    pipeline: Pipeline, app: Database, warm: Path, transport: Transport
) -> None:
    """Processes, as in twenty jobs: none of them is told anything but that there is nothing to do."""
    pipeline.verify(app.url)
    away, command = pipeline.away(), ("apply", "drizzle", "--clearance", str(pipeline.file), "--transport", transport)
    with way_to(app, transport) as route, ThreadPoolExecutor(20) as pool:
        env = {"DATABASE_URL": app.url, WEBSOCKET_PROXY: route.websocket_proxy}
        ran = list(pool.map(lambda _: migcheck(*command, cwd=away, env=env, program=[str(warm)]), range(20)))
    assert [(each.code, each.err) for each in ran if each.code] == []
    ends = Counter(each.out.splitlines()[-1].partition(":")[0] for each in ran)
    assert ends == {"applied": 1, "nothing to do": 19}
    assert len(ledger_rows(app)) == len(USERS)


def test_another_database_is_refused_whatever_its_gates_say(
    pipeline: Pipeline, app: Database, target_server: TargetServer
) -> None:
    pipeline.verify(app.url)
    other = target_server.database()
    refused(pipeline.apply(other.url), f"/{other.name} is not the database that was cleared", "give the URL of that")
    other.run("create table public.users (id int)")
    refused(pipeline.apply(other.url), f"/{other.name} is not the database that was cleared")
    assert other.ask("select 1 from pg_namespace where nspname = 'drizzle'") == []


def test_a_branch_of_neons_is_another_database(pipeline: Pipeline, app: Database, target_server: TargetServer) -> None:
    """It is a copy down to its identifiers: only its timeline tells."""
    on_timeline = f"""alter database {app.name} set "neon.timeline_id" = '{{}}'"""
    target_server.admin.run(on_timeline.format("a1b2"))
    pipeline.verify(app.url)
    target_server.admin.run(on_timeline.format("c3d4"))
    refused(pipeline.apply(app.url), "is not the database that was cleared", "timeline a1b2", "timeline c3d4")
    assert tables(app) == []


def test_a_physical_copy_is_taken_for_its_origin(
    pipeline: Pipeline, app: Database, target_server: TargetServer
) -> None:
    """A standby that was promoted has all that tells a database: one of Neon's alone has a timeline besides."""
    pipeline.verify(app.url)
    with standby(target_server) as port:
        replace(target_server.admin, port=port).run("select pg_promote()")
        copy = replace(app, port=port)
        assert pipeline.apply(copy.url).code == 0
        assert (tables(copy), tables(app)) == (["users"], [])


def test_a_database_is_the_same_whoever_looks_and_whatever_it_is_called(
    pipeline: Pipeline, app: Database, target_server: TargetServer
) -> None:
    target_server.admin.run(f"create role {app.name}_reader login password 'pw'")
    pipeline.verify(f"postgresql://{app.name}_reader:pw@localhost:{app.port}/{app.name}")
    target_server.admin.run(f"alter database {app.name} rename to {app.name}_renamed")
    assert pipeline.apply(f"{app.url}_renamed").code == 0


def test_a_server_that_withholds_its_identifier_is_no_other(
    pipeline: Pipeline, app: Database, target_server: TargetServer
) -> None:
    pipeline.verify(app.url)
    admin = Database(app.port, app.name, "postgres", target_server.password)
    admin.run("revoke execute on function pg_control_system() from public")
    assert pipeline.apply(app.url).code == 0


def test_a_ledger_in_a_file_clears_for_whatever_stands_there(
    pipeline: Pipeline, app: Database, target_server: TargetServer
) -> None:
    status = pipeline.place / "ledger.json"
    wrote = ("status", "drizzle", "--format", "json", "--output", str(status))
    assert pipeline.command(*wrote, cwd=pipeline.repo.top, env={"DATABASE_URL": app.url}).code == 0
    pipeline.verify("", "--ledger", str(status))
    assert pipeline.apply(target_server.database().url).code == 0


def test_rows_that_went_since_are_missed(pipeline: Pipeline, app: Database) -> None:
    assert pipeline.command("apply", "drizzle", cwd=pipeline.repo.top, env={"DATABASE_URL": app.url}).code == 0
    for tag in ("0001_posts", "0002_tags"):
        add_migration(pipeline.repo / "drizzle", tag, f"create table {tag[5:]} (id int);", snapshot=False)
        pipeline.repo.commit(message=f"Add {tag}")
        if tag == "0001_posts":
            assert pipeline.command("apply", "drizzle", cwd=pipeline.repo.top, env={"DATABASE_URL": app.url}).code == 0
    pipeline.verify(app.url)
    app.run("delete from drizzle.__drizzle_migrations where id = 1")
    refused(
        pipeline.apply(app.url),
        "the ledger is not the one that was rehearsed from: drizzle.__drizzle_migrations lacks 1 row (hash ",
        "see what writes to it",
    )
    assert tables(app) == ["posts", "users"]


def test_a_row_that_changed_since_is_seen_where_no_gate_holds_it_against_the_target(
    pipeline: Pipeline, app: Database
) -> None:
    """A file with other line ends has another hash, and is applied all the same."""
    posts = f"{POSTS}\n"
    add_migration(pipeline.repo / "drizzle", "0001_posts", posts, snapshot=False)
    deploy_at(app, pipeline.repo.top)
    add_migration(pipeline.repo / "drizzle", "0002_tags", "create table tags (id int);", snapshot=False)
    pipeline.repo.commit(message="Add posts and tags")
    pipeline.verify(app.url)
    other = migration_hash(posts.replace("\n", "\r\n").encode())
    app.run(f"update {NAME} set hash = '{other}' where id = 2")
    ran = pipeline.apply(app.url)
    assert "  target    clear " in ran.out
    refused(ran, f"the ledger is not the one that was rehearsed from: {NAME} lacks 1 row (hash ")
    assert tables(app) == ["posts", "users"]


class TestOlderCommits:
    def next_commit(self, pipeline: Pipeline) -> None:
        add_migration(pipeline.repo / "drizzle", "0001_posts", POSTS, snapshot=False)
        pipeline.repo.commit(message="Add posts")

    def test_the_clearance_of_one_is_refused_for_a_newer_folder(self, pipeline: Pipeline, app: Database) -> None:
        pipeline.verify(app.url)
        old = pipeline.repo.head
        self.next_commit(pipeline)
        ran = pipeline.apply(app.url, cwd=pipeline.repo.top)
        refused(
            ran,
            "the folder is not the one that was cleared",
            f"that was at {old[:12]}, and this is {pipeline.repo.head[:12]}",
        )
        assert tables(app) == []

    def test_that_of_a_newer_one_is_refused_for_an_older_folder(self, pipeline: Pipeline, app: Database) -> None:
        away = pipeline.away()
        self.next_commit(pipeline)
        pipeline.verify(app.url)
        refused(pipeline.apply(app.url, cwd=away), "the folder is not the one that was cleared")

    def test_an_older_plan_that_was_deployed_since_leaves_nothing_to_do(
        self, pipeline: Pipeline, app: Database
    ) -> None:
        pipeline.verify(app.url)
        away = pipeline.away()
        self.next_commit(pipeline)
        assert pipeline.command("apply", "drizzle", cwd=pipeline.repo.top, env={"DATABASE_URL": app.url}).code == 0
        ran = pipeline.apply(app.url, cwd=away)
        assert (ran.code, "nothing to do" in ran.out, "MC509" in ran.out) == (0, True, True), ran

    def test_a_plan_of_which_part_was_deployed_since_is_refused(self, pipeline: Pipeline, app: Database) -> None:
        older = pipeline.repo.clone(pipeline.place / "older")
        self.next_commit(pipeline)
        pipeline.verify(app.url)
        assert pipeline.command("apply", "drizzle", cwd=older.top, env={"DATABASE_URL": app.url}).code == 0
        refused(
            pipeline.apply(app.url),
            "what is pending on the target is not what was cleared: 0001_posts, not 0000_users, 0001_posts",
        )

    def test_one_by_one_it_goes_on_with_the_plan_of_which_part_was_deployed(
        self, pipeline: Pipeline, app: Database
    ) -> None:
        """As a run of this clearance leaves it that is killed behind the first row: the gates are in nobody's way."""
        older = pipeline.repo.clone(pipeline.place / "older")
        self.next_commit(pipeline)
        each = '[[folder]]\npath = "drizzle"\ntransaction = "each"\n'
        for place in (pipeline.repo.top, pipeline.away()):
            (place / "migcheck.toml").write_text(each)
        pipeline.repo.commit(message="Deploy one by one")
        pipeline.verify(app.url)
        assert pipeline.command("apply", "drizzle", cwd=older.top, env={"DATABASE_URL": app.url}).code == 0
        looked = pipeline.apply(app.url, "--dry-run", cwd=pipeline.repo.top)
        assert (looked.code, "; 1 of 2 were applied by an earlier run. Next: " in looked.out) == (0, True), looked
        app.run("create type posts as enum ()")
        failed = " ".join(pipeline.apply(app.url).out.split())
        assert "1 migration of an earlier run stays applied; of this one everything was rolled back. Next: " in failed
        app.run("drop type posts")
        ran = pipeline.apply(app.url, "--format", "json")
        assert ran.code == 0, ran
        (told,) = json.loads(ran.out)["deploys"]
        assert (told["outcome"], [row["tag"] for row in told["rows"]], told["earlier"], told["warnings"]) == (
            *("applied", ["0001_posts"], ["0000_users"]),
            [],
        )
        assert "going on with what an earlier run left: 1 of 2 migrations were applied" in ran.err
        assert (tables(app), len(ledger_rows(app))) == (["posts", "users"], 2)

    def test_a_commit_that_left_the_folder_alone_deploys(self, pipeline: Pipeline, app: Database) -> None:
        pipeline.verify(app.url)
        pipeline.repo.commit({"README.md": "more"})
        assert pipeline.apply(app.url, cwd=pipeline.repo.top).code == 0


class TestTheCheapGatesRunAgain:
    def judged(self, ran: Ran) -> set[str]:
        report = json.loads(ran.out)
        return {each["name"] for each in report["gates"] if each["outcome"] == "judged"}

    def second(self, pipeline: Pipeline) -> None:
        add_migration(pipeline.repo / "drizzle", "0001_posts", POSTS, snapshot=False)
        pipeline.repo.commit(message="Add posts")

    def test_all_of_them_where_git_is_at_hand(self, pipeline: Pipeline, app: Database) -> None:
        self.second(pipeline)
        pipeline.verify(app.url)
        ran = pipeline.apply(app.url, "--format", "json", cwd=pipeline.repo.top)
        assert ran.code == 0, ran
        assert self.judged(ran) == {"folder", "history", "project", "target", "waivers"}

    @pytest.mark.parametrize("depth", [1, None], ids=["a shallow clone", "no git"])
    def test_those_that_can_where_it_is_not(self, pipeline: Pipeline, app: Database, depth: int | None) -> None:
        self.second(pipeline)
        pipeline.verify(app.url)
        place = pipeline.repo.clone(pipeline.place / "clone", depth=depth).top if depth else pipeline.away()
        ran = pipeline.apply(app.url, "--format", "json", cwd=place)
        assert ran.code == 0, ran
        assert self.judged(ran) == {"folder", "target", "waivers"}

    def test_an_old_debt_does_not_block_where_nobody_knows_that_it_is_old(
        self, pipeline: Pipeline, app: Database
    ) -> None:
        (pipeline.repo / "drizzle" / "0009_stray.sql").write_text("select 1;")
        pipeline.repo.commit(message="Leave a file behind")
        self.second(pipeline)
        assert "MC102" in pipeline.verify(app.url).out
        ran = pipeline.apply(app.url)
        assert (ran.code, "warning MC102" in ran.out) == (0, True), ran

    def test_what_the_rehearsal_proved_of_a_squash_is_known_to_history(self, pipeline: Pipeline, app: Database) -> None:
        self.second(pipeline)
        assert pipeline.command("apply", "drizzle", cwd=pipeline.repo.top, env={"DATABASE_URL": app.url}).code == 0
        pipeline.repo.branch("squash")
        both = f"{USERS['0000_users']}\n{POSTS}"
        when = json.loads((pipeline.repo / "drizzle/meta/_journal.json").read_text())["entries"][1]["when"]
        shutil.rmtree(pipeline.repo / "drizzle")
        a_folder(pipeline.repo / "drizzle", {"0000_all": both}, when={"0000_all": when}, snapshots=False)
        pipeline.repo.commit(message="Squash")
        pipeline.verify(app.url, "--base", "main")
        ran = pipeline.apply(app.url, cwd=pipeline.repo.top)
        assert (ran.code, "and builds the same schema; databases" in " ".join(ran.out.split())) == (0, True), ran

    def test_a_fault_of_the_target_blocks(self, pipeline: Pipeline, app: Database) -> None:
        pipeline.verify(app.url)
        app.run("create table public.users (id int)")
        ran = pipeline.apply(app.url)
        assert (ran.code, "error MC513" in ran.out) == (1, True), ran
