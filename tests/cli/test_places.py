"""A folder that is not made yet, that another repository holds, or that a link leads to."""

import json
from pathlib import Path
from typing import ClassVar

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository, init
from tests.support.target_server import Database

SQL = "create table users (id integer);"
CONFIG = "export default { dialect: 'postgresql', out: './drizzle' }"


def a_project(path: Path, folder: str = "drizzle") -> GitRepository:
    """A repository with a landed folder; whatever comes next is a change."""
    repository = init(path)
    a_folder(path / folder, {"0000_users": SQL})
    repository.commit({"drizzle.config.ts": CONFIG.replace("./drizzle", folder)})
    return repository


class TestNotMadeYet:
    def test_a_fresh_application_beside_a_healthy_one(self, command: Command, tmp_path: Path) -> None:
        repository = init(tmp_path)
        a_folder(tmp_path / "apps/api/drizzle", {"0000_users": SQL})
        repository.commit({"apps/api/drizzle.config.ts": CONFIG, "apps/fresh/drizzle.config.ts": CONFIG})
        ran = command("verify", "--offline", "--format", "json")
        assert ran.code == 0, ran.out + ran.err
        (found,) = json.loads(ran.out)["findings"]
        assert (found["code"], found["severity"], found["folder"]) == ("MC100", "warning", "apps/fresh/drizzle")
        assert found["message"] == (
            "there are no migrations yet: drizzle.config names apps/fresh/drizzle, which is not there"
        )

    def test_there_is_nothing_to_replay(self, command: Command, tmp_path: Path) -> None:
        """So no server is started: there need not be one."""
        init(tmp_path).commit({"drizzle.config.ts": CONFIG})
        ran = command("verify", "--scratch", "postgresql://nobody:none@127.0.0.1:1/none")
        assert ran.code == 0, ran.out
        lines = ran.out.splitlines()
        assert any(line.startswith("  replay    clear ") for line in lines)
        assert "nothing to replay, so no scratch server was started" in lines
        assert lines[-1] == (
            "clear: folder, history, project, replay, sql, waivers (1 warning); not judged: target. "
            "Next: `drizzle-kit generate` makes the first migration"
        )
        told = json.loads(command("verify", "--format", "json").out)
        assert (told["folders"][0]["scratch"], told["rehearsals"]) == (None, [])

    @pytest.mark.server
    @pytest.mark.usefixtures("lent_scratch")
    @pytest.mark.parametrize("git", [True, False])
    def test_a_deploy_needs_a_folder(self, command: Command, tmp_path: Path, app: Database, *, git: bool) -> None:
        """An image or a checkout without it has nothing to do, and the release goes on without its migrations."""
        if git:
            init(tmp_path).commit({"drizzle.config.ts": CONFIG})
        else:
            (tmp_path / "drizzle.config.ts").write_text(CONFIG)
        ran = command("apply", "--format", "json", env={"DATABASE_URL": app.url})
        told = json.loads(ran.out)
        assert (ran.code, told["verdict"], told["deploys"]) == (1, "blocked", [])
        (found,) = [each for each in told["findings"] if each["severity"] == "error"]
        assert (found["code"], found["file"]) == ("MC100", "drizzle/meta/_journal.json")
        assert found["message"] == "there is nothing to deploy: drizzle, which drizzle.config names, is not there"
        assert found["fix"] == (
            "Bring it to where the deploy runs (it may be ignored by git, or was not copied), or correct `out` in "
            "drizzle.config. Before the first migration, which `drizzle-kit generate` makes, there is nothing to "
            "deploy; of several folders, deploy the others by name: `migcheck apply FOLDER`."
        )

    def test_the_status_says_that_it_is_not_there(self, command: Command, tmp_path: Path) -> None:
        init(tmp_path).commit({"drizzle.config.ts": CONFIG})
        ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "rows": []}
        (tmp_path / "ledger.json").write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))
        ran = command("status", "--ledger", "ledger.json")
        assert ran.code == 1
        assert "drizzle, which drizzle.config names, is not there" in ran.out
        assert ran.out.splitlines()[-1].startswith("Drizzle cannot read drizzle (MC100). Next: ")

    def test_what_base_has_is_gone_and_not_yet_to_come(self, command: Command, tmp_path: Path) -> None:
        repository = a_project(tmp_path)
        repository.git("rm", "-rq", "drizzle")
        repository.commit()
        ran = command("verify", "--offline", "--base", "HEAD~1", "--format", "json")
        assert ran.code == 1
        assert ("MC100", "error") in [(each["code"], each["severity"]) for each in json.loads(ran.out)["findings"]]

    def test_what_is_named_by_hand_must_be_there(self, command: Command, tmp_path: Path) -> None:
        init(tmp_path).commit({"migcheck.toml": '[[folder]]\npath = "drizzle"'})
        assert command("verify", "--offline").code == 1
        assert command("verify", "drizzle", "--offline").code == 2


class TestFoldersBelow:
    """An `out` in which other configurations have theirs, and nothing is generated yet for its own."""

    OTHERS: ClassVar = {
        "drizzle.config.ts": CONFIG,
        "drizzle.space.config.ts": CONFIG.replace("./drizzle", "./drizzle/space"),
        "drizzle.lite.config.ts": CONFIG.replace("./drizzle", "./drizzle/lite").replace("postgresql", "sqlite"),
    }

    def test_nothing_is_generated_yet(self, command: Command, tmp_path: Path) -> None:
        repository = init(tmp_path)
        a_folder(tmp_path / "drizzle/space", {"0000_users": SQL})
        a_folder(tmp_path / "drizzle/lite", {"0000_users": SQL}, dialect="sqlite")
        repository.commit(self.OTHERS)
        ran = command("verify", "--offline", "--format", "json")
        assert ran.code == 0, ran.out + ran.err
        (found,) = json.loads(ran.out)["findings"]
        assert (found["code"], found["severity"], found["folder"]) == ("MC100", "warning", "drizzle")
        assert (
            found["message"] == "there are no migrations yet: drizzle.config names drizzle, which holds none of its own"
        )
        (tmp_path / "drizzle/0000_own.sql").write_text(SQL)
        assert "drizzle has no meta/_journal.json" in command("verify", "--offline").out
        repository.commit()
        assert "drizzle has no meta/_journal.json" in command("verify", "--offline").out

    def test_what_base_has_of_its_own_is_gone(self, command: Command, tmp_path: Path) -> None:
        repository = a_project(tmp_path)
        a_folder(tmp_path / "drizzle/space", {"0000_users": SQL})
        repository.commit(self.OTHERS)
        repository.git("rm", "-rq", "drizzle/meta", "drizzle/0000_users.sql")
        ran = command("verify", "--offline", "--base", "HEAD", "--format", "json")
        assert ran.code == 1
        (found,) = [each for each in json.loads(ran.out)["findings"] if each["severity"] == "error"]
        assert (found["code"], found["message"]) == (
            "MC100",
            "drizzle holds nothing of its own: what is there is of drizzle/space",
        )


class TestElsewhere:
    """drizzle.config names a folder that is not there, and one that nothing names is."""

    NAMED = "export default { dialect: 'postgresql', out: './src/drizzle' }"
    TOLD = "drizzle.config names src/drizzle, which is not there; drizzle is, and was not judged"

    def judged(self, command: Command, *options: str) -> list[tuple[str, str, str]]:
        ran = command("verify", "--offline", "--base", "HEAD", "--format", "json", *options)
        found = [each for each in json.loads(ran.out)["findings"] if each["code"] == "MC100"]
        return [(each["severity"], each["message"], each["fix"]) for each in found]

    def test_what_stood_so_only_warns(self, command: Command, tmp_path: Path) -> None:
        a_project(tmp_path).commit({"drizzle.config.ts": self.NAMED})
        fix = (
            "Correct `out` in drizzle.config, or name the folder that is meant: `migcheck verify drizzle`, or in "
            'migcheck.toml `[[folder]]` with `path = "drizzle"`.'
        )
        assert self.judged(command) == [("warning", self.TOLD, fix)]
        (tmp_path / "app.ts").write_text("")
        assert self.judged(command) == [("warning", self.TOLD, fix)]
        (tmp_path / "drizzle/0000_users.sql").write_text("select 'edited';")
        assert self.judged(command) == [("error", self.TOLD, fix)]

    def test_a_change_that_brings_it_is_blocked(self, command: Command, tmp_path: Path) -> None:
        a_project(tmp_path)
        (tmp_path / "drizzle.config.ts").write_text(self.NAMED)
        assert [each[:2] for each in self.judged(command)] == [("error", self.TOLD)]

    def test_a_deploy_has_nothing_to_do(self, command: Command, tmp_path: Path) -> None:
        a_project(tmp_path).commit({"drizzle.config.ts": self.NAMED})
        ran = command("apply", "--format", "json", env={"DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none"})
        found = [each for each in json.loads(ran.out)["findings"] if each["code"] == "MC100"]
        assert [each["severity"] for each in found] == ["error"]


@pytest.mark.parametrize(
    ("asked", "here", "meant"),
    [
        (["verify", "drizle"], ".", "did you mean drizzle? "),
        (["status", "./drizzle2/"], ".", "did you mean drizzle? "),
        (["verify", "../drizle"], "src", "did you mean ../drizzle? "),
        (["verify", "sql"], ".", ""),
        (["rollback", "drizzle", "0000"], ".", "the migration stands first: `migcheck rollback 0000 drizzle`; else "),
    ],
)
def test_a_folder_that_is_misspelt(command: Command, tmp_path: Path, asked: list[str], here: str, meant: str) -> None:
    repository = a_project(tmp_path)
    repository.commit({"src/index.ts": ""})
    ran = command(*asked, cwd=tmp_path / here)
    assert (ran.code, ran.err.splitlines()) == (
        2,
        [
            f"migcheck: {asked[-1]} does not exist",
            f"  remedy: {meant}name the folder that holds meta/_journal.json",
        ],
    )


UNTRACKED = (
    "migcheck: no migrations folder is configured; below the working directory only what git tracks is looked at, "
    "and it tracks no packages/db/drizzle.config.ts\n"
    "  remedy: `git add` it, or name it: migcheck {} FOLDER, or write migcheck.toml with [[folder]] and path = "
    '"…"\n'
)


@pytest.mark.parametrize("name", ["verify", "status", "apply"])
def test_a_configuration_below_that_git_does_not_track_is_named(command: Command, tmp_path: Path, name: str) -> None:
    repository = init(tmp_path)
    repository.commit({".gitignore": "ignored/"})
    others = ("ignored/drizzle.config.ts", "node_modules/x/drizzle.config.ts", "drizzle-config.md")
    repository.write({"packages/db/drizzle.config.ts": CONFIG, **dict.fromkeys(others, CONFIG)})

    assert command(name) == Ran(2, "", UNTRACKED.format(name))

    repository.stage({"node_modules/x/drizzle.config.ts": None})
    assert "no migrations folder is configured" not in command("verify", "--offline").err


class TestAnotherRepository:
    def test_a_submodule(self, command: Command, tmp_path: Path) -> None:
        a_project(tmp_path / "inner")
        outer = init(tmp_path / "outer")
        outer.commit({"drizzle.config.ts": CONFIG.replace("./drizzle", "./packages/db/drizzle")})
        outer.submodule(GitRepository(tmp_path / "inner"), "packages/db")
        ran = command("verify", "--offline", "--format", "json", cwd=outer.top)
        assert ran.code == 3, ran.out + ran.err
        (history,) = [each for each in json.loads(ran.out)["gates"] if each["name"] == "history"]
        assert history["reason"].startswith("packages/db/drizzle is in a repository of its own, packages/db: ")
        assert history["remedy"] == "`migcheck verify packages/db/drizzle`"
        assert command("verify", "packages/db/drizzle", "--offline", cwd=outer.top).code == 0

    def test_a_configuration_around_a_submodule_is_not_read_for_its_folder_and_that_is_told(
        self, command: Command, tmp_path: Path
    ) -> None:
        a_project(tmp_path / "inner")
        outer = init(tmp_path / "outer")
        outer.submodule(GitRepository(tmp_path / "inner"), "packages/db")
        folder = '[[folder]]\npath = "packages/db/drizzle"\ndatabase_url = "OUTER"\n'
        outer.write({"migcheck.toml": folder, "apps/README": ""})
        told = "is of a repository of its own, {}, and is judged by its history and its configuration; {} was not read"
        for place, named, inner, file in (
            (outer.top, "packages/db/drizzle", "packages/db", "migcheck.toml"),
            (outer / "apps", "../packages/db/drizzle", "../packages/db", "../migcheck.toml"),
        ):
            ran = command("verify", named, "--offline", cwd=place)
            assert (ran.code, f"{named} {told.format(inner, file)}" in " ".join(ran.out.split())) == (0, True), ran.out
            ran = command("verify", named, "--offline", "--config", file, cwd=place)
            assert (ran.code, "was not read" in ran.out) == (0, False), ran.out + ran.err
        for without in ("", "[[folder]"):
            outer.write({"migcheck.toml": without} if without else {"migcheck.toml": None})
            ran = command("verify", "packages/db/drizzle", "--offline", cwd=outer.top)
            assert (ran.code, "was not read" in ran.out) == (0, False), ran.out

    def test_a_submodule_that_is_not_checked_out(self, command: Command, tmp_path: Path) -> None:
        a_project(tmp_path / "inner")
        outer = init(tmp_path / "outer")
        outer.commit({"drizzle.config.ts": CONFIG.replace("./drizzle", "./packages/db/drizzle")})
        outer.submodule(GitRepository(tmp_path / "inner"), "packages/db")
        clone = outer.clone(tmp_path / "clone")
        ran = command("verify", "--offline", cwd=clone.top)
        assert ran.code != 0, ran.out
        assert "`git submodule update --init :/packages/db`" in " ".join(ran.out.split())

    @pytest.mark.parametrize("way", [(), ("--staged",), ("--revision", "HEAD")])
    @pytest.mark.parametrize("place", ["outer", "clone"])
    def test_what_is_not_read_of_a_submodule_is_undecided(
        self, command: Command, tmp_path: Path, place: str, way: tuple[str, ...]
    ) -> None:
        """Not checked out, or new, so that nothing here tells what landed: none of it says that the name is wrong."""
        a_project(tmp_path / "inner")
        outer = init(tmp_path / "outer")
        outer.commit({"drizzle.config.ts": CONFIG.replace("./drizzle", "./packages/db/drizzle")})
        outer.submodule(GitRepository(tmp_path / "inner"), "packages/db")
        outer.clone(tmp_path / "clone")
        ran = command("verify", "--offline", "--format", "json", *way, cwd=tmp_path / place)
        told = json.loads(ran.out)
        undecided = [(each["name"], each["reason"], each["remedy"]) for each in told["gates"] if each["remedy"]]
        verify, another = "`migcheck verify packages/db/drizzle`", "packages/db/drizzle is in a repository of its own, "
        if place == "outer":
            expected = ("history", another + "packages/db: this one knows nothing of its history", verify)
        else:
            lacking = "packages/db/drizzle is in the submodule packages/db, which is not checked out"
            update = "`git submodule update --init :/packages/db`, then verify packages/db/drizzle"
            expected = ("folder", lacking, update)
        if (place, way) == ("outer", ("--staged",)):
            # HEAD is base, and has the same commit of the submodule.
            assert (ran.code, told["verdict"], undecided, told["findings"]) == (0, "clear", [], [])
            return
        assert (ran.code, told["verdict"], undecided, told["findings"]) == (3, "undecided", [expected], [])

    def test_a_name_that_is_wrong_in_a_submodule_is_a_finding(self, command: Command, tmp_path: Path) -> None:
        a_project(tmp_path / "inner")
        outer = init(tmp_path / "outer")
        outer.commit({"drizzle.config.ts": CONFIG.replace("./drizzle", "./packages/db/dirzzle")})
        outer.submodule(GitRepository(tmp_path / "inner"), "packages/db")
        ran = command("verify", "--offline", cwd=outer.top)
        assert (ran.code, "error MC100 journal-unusable" in ran.out) == (1, True), ran.out

    def test_no_status_of_a_submodule_that_is_not_checked_out(self, command: Command, tmp_path: Path) -> None:
        a_project(tmp_path / "inner")
        outer = init(tmp_path / "outer")
        outer.commit({"drizzle.config.ts": CONFIG.replace("./drizzle", "./packages/db/drizzle")})
        outer.submodule(GitRepository(tmp_path / "inner"), "packages/db")
        clone = outer.clone(tmp_path / "clone")
        ledger = {"schema": "drizzle", "table": "__drizzle_migrations", "rows": []}
        (tmp_path / "ledger.json").write_text(json.dumps({"folders": [{"path": "drizzle", "ledger": ledger}]}))
        ran = command("status", "--ledger", "../ledger.json", cwd=clone.top)
        assert (ran.code, "which is not checked out" in ran.err) == (3, True), ran.out + ran.err

    def test_a_clone_that_lies_about(self, command: Command, tmp_path: Path) -> None:
        outer = init(tmp_path / "outer")
        outer.commit({"drizzle.config.ts": CONFIG.replace("./drizzle", "db/drizzle"), ".gitignore": "db"})
        a_project(tmp_path / "outer" / "db")
        ran = command("verify", "--offline", cwd=outer.top)
        assert ran.code == 3, ran.out + ran.err
        assert "db/drizzle is in a repository of its own, db" in " ".join(ran.out.split())


class TestALink:
    @pytest.mark.parametrize("arguments", [("drizzle",), ()])
    def test_what_landed_behind_a_link_is_not_new(
        self, command: Command, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        repository = a_project(tmp_path, "packages/db/drizzle")
        (tmp_path / "drizzle").symlink_to("packages/db/drizzle")
        repository.commit({"drizzle.config.ts": CONFIG})
        repository.commit({"packages/db/drizzle/0000_users.sql": "create table others (id integer);"})
        ran = command("verify", *arguments, "--offline", "--base", "HEAD~1")
        assert ran.code == 1, ran.out + ran.err
        assert "MC201" in ran.out

    def test_a_link_where_the_folder_was_hides_no_edit(self, command: Command, tmp_path: Path) -> None:
        repository = a_project(tmp_path)
        (tmp_path / "packages").mkdir()
        (tmp_path / "drizzle").rename(tmp_path / "packages/drizzle")
        (tmp_path / "drizzle").symlink_to("packages/drizzle")
        (tmp_path / "packages/drizzle/0001_more.sql").write_text("select 1;")
        repository.commit()
        ran = command("verify", "--offline", "--base", "HEAD~1", "--format", "json")
        assert "there the folder is drizzle" in json.loads(ran.out)["base"]["why"]

    def test_a_link_that_leads_to_itself(self, command: Command, tmp_path: Path) -> None:
        init(tmp_path)
        (tmp_path / "drizzle").symlink_to("drizzle")
        ran = command("verify", "drizzle", "--offline")
        told = "migcheck: drizzle cannot be looked at: Too many levels of symbolic links"
        assert (ran.code, ran.err.splitlines()[0]) == (2, told)


def test_a_hook_takes_the_configuration_of_the_commit_not_what_lies_about(
    a_repo: GitRepository, command: Command
) -> None:
    """A waiver that is not staged accepts nothing, and a mistake that is not staged blocks nothing."""
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' }"})
    a_repo.stage({"drizzle/0000_users.sql": "create table people (id int);"})
    waiver = '[[waiver]]\ncode = "MC201"\nmigration = "0000_users"\nreason = "agreed"\nuntil = 2999-01-01\n'
    a_repo.write({"migcheck.toml": waiver})

    lying_about = command("verify", "--offline", "--staged", cwd=a_repo.top)
    a_repo.stage({"migcheck.toml": waiver})
    a_repo.write({"migcheck.toml": "not = 'known'", "drizzle.config.ts": "export default { dialect: 'mysql' }"})
    staged = command("verify", "--offline", "--staged", cwd=a_repo.top)

    assert (lying_about.code, "error MC201" in lying_about.out) == (1, True)
    assert (staged.code, "waived error MC201" in staged.out) == (0, True), staged
    assert "migcheck.toml: new in this change" in staged.out


def test_a_hook_takes_the_dialect_of_the_commit_not_what_lies_about(a_repo: GitRepository, command: Command) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": SQL})
    a_repo.stage()
    a_folder(a_repo / "drizzle", {"0000_users": SQL}, dialect="mysql")

    lies_about = command("verify", "--offline", cwd=a_repo.top)
    staged = command("verify", "--offline", "--staged", "--format", "json", cwd=a_repo.top)

    assert (lies_about.code, lies_about.out) == (2, "")
    assert "none of this repository's folders is of Postgres: drizzle (mysql)" in lies_about.err
    assert staged.code == 0, staged.out + staged.err
    assert json.loads(staged.out)["notes"] == ["drizzle is the only folder with a journal that git tracks"]
