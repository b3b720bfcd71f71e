"""A change that moves the submodule which holds the folder to another commit, or place: judged as any other folder."""

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import WHEN, a_folder, add_migration
from tests.support.releases import POSTS as KNOWN
from tests.support.releases import know
from tests.support.repositories import GitRepository, environment, init

USERS, POSTS = "create table users (id integer);", "create table posts (id integer);"
PLACE = "packages/db"
CONFIG = f"export default {{ dialect: 'postgresql', out: './{PLACE}/drizzle' }}"
TOP = '"$(git rev-parse --show-toplevel)"'
WAYS = [(), ("--staged",), ("--revision", "HEAD")]


@pytest.fixture
def outer(tmp_path: Path) -> GitRepository:
    """A repository whose folder is in a submodule, and has landed so; the submodule had a commit before the folder."""
    inner = init(tmp_path / "inner")
    inner.commit({"README": "a database"})
    know(a_folder(inner / "drizzle", {"0000_users": USERS, "0001_posts": POSTS}), "0001_posts", KNOWN)
    inner.commit()
    outer = init(tmp_path / "outer")
    outer.commit({"drizzle.config.ts": CONFIG})
    outer.submodule(inner, PLACE)
    return outer


@pytest.fixture
def module(outer: GitRepository) -> GitRepository:
    return GitRepository(outer / PLACE)


def judged(command: Command, where: GitRepository, *options: str, base: str = "HEAD~1") -> Ran:
    return command("verify", "--offline", "--base", base, "--format", "json", *options, cwd=where.top)


def errors(ran: Ran) -> list[tuple[str, str]]:
    return [(each["code"], each["fix"]) for each in json.loads(ran.out)["findings"] if each["severity"] == "error"]


def the_error(command: Command, where: GitRepository) -> tuple[str, str]:
    """The one error of what HEAD changes, which is the same whichever way it is judged."""
    return the_same({" ".join(way): judged(command, where, *way) for way in WAYS})


def the_same(ran: dict[str, Ran]) -> tuple[str, str]:
    """The one error that all of these tell."""
    told = {way: (each.code, errors(each)) for way, each in ran.items()}
    (found,) = next(iter(told.values()))[1]
    assert told == dict.fromkeys(told, (1, [found]))
    return found


def undecided(ran: Ran) -> list[tuple[str, str, str]]:
    gates = json.loads(ran.out)["gates"]
    return [(each["name"], each["reason"], each["remedy"]) for each in gates if each["remedy"]]


def new(command: Command, where: GitRepository, *options: str, base: str = "HEAD~1") -> list[str]:
    """What the summary of a job lists as new."""
    summary = where.top.parent / "summary"
    summary.unlink(missing_ok=True)
    told = ("--offline", "--format", "github", "--base", base, *options)
    command("verify", *told, cwd=where.top, env={"GITHUB_STEP_SUMMARY": str(summary)})
    return re.findall(r"New in this change:.*", summary.read_text())


def run_first(text: str, cwd: Path) -> None:
    """Run the first command of a fix."""
    allowed = environment(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="protocol.file.allow", GIT_CONFIG_VALUE_0="always")
    shell = ["sh", "-ec", text.split("`")[1]]
    subprocess.run(shell, cwd=cwd, env=allowed, check=True, capture_output=True)


@pytest.mark.parametrize("absorbed", [True, False])
def test_a_new_migration_is_clear_and_new(
    command: Command,
    outer: GitRepository,
    module: GitRepository,
    absorbed: bool,  # noqa: FBT001 - pytest gives it by its name
) -> None:
    landed = module.head[:12]
    if not absorbed:
        (module / ".git").unlink()
        (outer / ".git/modules" / PLACE).rename(module / ".git")
        config = module / ".git/config"
        config.write_text(
            "".join(each for each in config.read_text().splitlines(keepends=True) if "worktree" not in each)
        )
    add_migration(module / "drizzle", "0002_tags", "alter table posts alter id type text;")
    module.commit()
    outer.commit()
    for way in WAYS:
        ran = judged(command, outer, *way)
        assert (ran.code, errors(ran), undecided(ran)) == (0, [], []), way
        # That the column had another type, base's snapshot alone says.
        told = [each["code"] for each in json.loads(ran.out)["findings"] if each["code"].startswith("MC3")]
        assert told == ["MC307"], way
        assert new(command, outer, *way) == ["New in this change:** <code>0002&#95;tags</code>"], way
        why = json.loads(ran.out)["folders"][0]["base"]["why"]
        assert why == f"HEAD~1 (--base); there {PLACE} is a submodule, of commit {landed}", way


def test_git_is_asked_once_for_what_holds_the_folder(
    command: Command, outer: GitRepository, module: GitRepository, calls: Path
) -> None:
    """Asked anew by each that wants to know, a run started seventy processes."""
    add_migration(module / "drizzle", "0002_tags", "create table tags (id integer);")
    module.commit()
    outer.commit()
    asked = []
    for way in WAYS:
        calls.write_text("")
        assert judged(command, outer, *way).code == 0
        asked.append(Counter(calls.read_text().splitlines()))
    # Where this repository is, where the one within, and what the base is called.
    assert [each["rev-parse"] for each in asked] == [3, 3, 3]
    assert max(each.total() for each in asked) < 40, asked


def test_what_is_told_of_a_work_tree_that_is_not_at_the_gitlink(
    command: Command, outer: GitRepository, module: GitRepository
) -> None:
    staged = module.head[:12]
    add_migration(module / "drizzle", "0002_tags", "create table tags (id integer);")
    lies = module.commit()[:12]
    ran = judged(command, outer, base="HEAD")
    assert ran.code == 0
    assert new(command, outer, base="HEAD") == ["New in this change:** <code>0002&#95;tags</code>"]
    told = f"; judged is {PLACE} as it lies there, at {lies}, not the {staged} that is staged"
    assert json.loads(ran.out)["folders"][0]["base"]["why"].endswith(told)
    ran = judged(command, outer, "--staged", base="HEAD")
    assert (ran.code, told in ran.out) == (0, False)


def test_an_edit_is_found_and_put_back(command: Command, outer: GitRepository, module: GitRepository) -> None:
    landed = module.head[:12]
    module.commit({"drizzle/0001_posts.sql": "create table posts (id bigint);"})
    outer.commit()
    code, fix = the_error(command, outer)
    assert code == "MC201"
    assert fix.startswith(f"Put it back (`git -C {TOP}/{PLACE} checkout {landed} -- :/drizzle/0001_posts.sql`)")
    run_first(fix, outer / "packages")
    assert (module / "drizzle/0001_posts.sql").read_text() == POSTS
    assert judged(command, outer).code == 0


def test_a_time_that_is_too_small_is_found(command: Command, outer: GitRepository, module: GitRepository) -> None:
    add_migration(module / "drizzle", "0002_tags", "create table tags (id integer);", when=WHEN + 1)
    module.commit()
    outer.commit()
    ran = judged(command, outer)
    assert (ran.code, [code for code, _ in errors(ran)]) == (1, ["MC207"])


def test_a_bump_backwards_is_found(command: Command, outer: GitRepository, module: GitRepository) -> None:
    landed = module.head[:12]
    add_migration(module / "drizzle", "0002_tags", "create table tags (id integer);")
    latest = module.commit()[:12]
    outer.commit()
    module.git("checkout", "-q", landed)
    outer.commit()
    code, fix = the_error(command, outer)
    assert (code, f"git -C {TOP}/{PLACE} checkout {latest} -- :/drizzle`)" in fix) == ("MC202", True)
    # To where there was no folder, which is the first commit: the whole of it is gone.
    module.git("checkout", "-q", f"{landed}~1")
    outer.commit()
    bring = f"git checkout {outer.git('rev-parse', 'HEAD~1')[:12]} -- :/.gitmodules :/{PLACE}"
    fix = f"Bring the submodule back that held it: `{bring} && git submodule update --init :/{PLACE}`."
    assert the_error(command, outer) == ("MC100", fix)
    run_first(fix, outer.top)
    assert judged(command, outer).code == 0


def test_a_commit_that_was_not_fetched_is_undecided(
    command: Command, outer: GitRepository, module: GitRepository, tmp_path: Path
) -> None:
    landed, inner = module.head, GitRepository(tmp_path / "inner")
    inner.commit({"drizzle/0001_posts.sql": "create table posts (id bigint);"})
    shutil.rmtree(outer / ".git/modules")
    shutil.rmtree(module.top)
    inner.clone(module.top, depth=1)
    outer.commit()
    ran = judged(command, outer)
    reason = (
        f"{PLACE} is a submodule in base, and its commit {landed[:12]} is not in this clone, so nothing is known of "
        "what landed in it"
    )
    remedy = f"`git -C {TOP}/{PLACE} fetch origin {landed}`, then verify again"
    assert (ran.code, undecided(ran)) == (3, [("history", reason, remedy)])
    run_first(remedy, outer / "packages")
    ran = judged(command, outer)
    assert (ran.code, [code for code, _ in errors(ran)]) == (1, ["MC201"])


def test_what_is_staged_and_not_here_is_undecided(command: Command, outer: GitRepository, tmp_path: Path) -> None:
    lacks = GitRepository(tmp_path / "inner").commit({"more": "here"})
    outer.git("update-index", "--cacheinfo", f"160000,{lacks},{PLACE}")
    ran = judged(command, outer, "--staged", base="HEAD")
    reason = f"{PLACE} is a submodule in what is judged, and its commit {lacks[:12]} is not in this clone"
    remedy = f"`git -C {TOP}/{PLACE} fetch origin {lacks}`, then verify again"
    assert (ran.code, undecided(ran)) == (3, [("folder", reason, remedy)])
    run_first(remedy, outer.top)
    assert judged(command, outer, "--staged", base="HEAD").code == 0


def test_one_that_moved_is_the_same_folder(command: Command, outer: GitRepository, module: GitRepository) -> None:
    landed = module.head[:12]
    outer.git("mv", PLACE, "db")
    outer.commit({"drizzle.config.ts": CONFIG.replace(PLACE, "db")})
    ran = judged(command, outer)
    assert (ran.code, [each["path"] for each in json.loads(ran.out)["folders"]]) == (0, ["db/drizzle"])
    assert new(command, outer) == ["New in this change:** nothing"]
    moved = GitRepository(outer / "db")
    moved.commit({"drizzle/0001_posts.sql": "create table posts (id bigint);"})
    outer.commit()
    ran = judged(command, outer, base="HEAD~2")
    ((code, fix),) = errors(ran)
    assert (ran.code, code, f"git -C {TOP}/db checkout {landed} -- :/drizzle/0001_posts.sql" in fix) == (
        1,
        "MC201",
        True,
    )
    # Within the submodule, it moves as any folder does.
    moved.git("mv", "drizzle", "migrations")
    moved.commit()
    outer.commit({"drizzle.config.ts": CONFIG.replace(PLACE, "db").replace("drizzle'", "migrations'")})
    ran = judged(command, outer, base="HEAD~3")
    ((code, fix),) = errors(ran)
    assert (ran.code, code) == (1, "MC201")
    run_first(fix[fix.index("`") :], outer.top)
    assert (moved / "migrations/0001_posts.sql").read_text() == POSTS


def test_one_that_moved_from_under_its_name_is_missed(command: Command, outer: GitRepository) -> None:
    outer.git("mv", PLACE, "db")
    outer.commit()
    ran = judged(command, outer)
    assert (ran.code, [code for code, _ in errors(ran)]) == (1, ["MC100"])


def test_a_bump_cannot_hide_by_naming_another_folder(
    command: Command, outer: GitRepository, module: GitRepository
) -> None:
    module.commit({"drizzle/0001_posts.sql": "create table posts (id bigint);"})
    a_folder(outer / "other", {"0000_z": "create table z (id integer);"})
    outer.commit({"drizzle.config.ts": CONFIG.replace(f"{PLACE}/drizzle", "other")})
    ran = judged(command, outer)
    assert (ran.code, [code for code, _ in errors(ran)]) == (1, ["MC201"])


def test_what_is_in_a_submodule_of_the_submodule_is_undecided(
    command: Command, outer: GitRepository, module: GitRepository, tmp_path: Path
) -> None:
    deeper = init(tmp_path / "deeper")
    a_folder(deeper / "drizzle", {"0000_users": USERS})
    deeper.commit()
    landed = deeper.head
    module.submodule(deeper, "deep")
    outer.commit({"drizzle.config.ts": CONFIG.replace("drizzle'", "deep/drizzle'")})
    path = f"{PLACE}/deep/drizzle"
    ran = judged(command, outer)
    remedy = f"`migcheck verify --base COMMIT {path}`, where COMMIT is what has landed of it"
    assert (ran.code, [(name, told) for name, _, told in undecided(ran)]) == (3, [("history", remedy)])
    module.git("rm", "-qf", "deep")
    a_folder(outer / path, {"0000_users": "create table users (id bigint);"})
    module.commit()
    outer.commit()
    for way in WAYS:
        ran = judged(command, outer, *way)
        reason = f"{path} is in a submodule of the submodule {PLACE} in base, and only the outer one is read from here"
        assert (ran.code, undecided(ran)) == (
            3,
            [("history", reason, f"`migcheck verify --base {landed} {path}`")],
        ), way


def test_one_in_the_first_commit_is_undecided(command: Command, module: GitRepository, tmp_path: Path) -> None:
    first = init(tmp_path / "first")
    first.write({"drizzle.config.ts": CONFIG})
    first.submodule(module, PLACE)
    ran = command("verify", "--offline", "--format", "json", cwd=first.top)
    assert (ran.code, [(name, remedy) for name, _, remedy in undecided(ran)]) == (
        3,
        [("history", f"`migcheck verify {PLACE}/drizzle`")],
    )


def test_a_folder_that_becomes_a_submodule_is_the_same_folder(
    command: Command, module: GitRepository, tmp_path: Path
) -> None:
    plain = init(tmp_path / "plain")
    a_folder(plain / PLACE / "drizzle", {"0000_users": USERS, "0001_posts": "create table posts (id bigint);"})
    plain.commit({"drizzle.config.ts": CONFIG})
    plain.git("rm", "-rq", PLACE)
    plain.submodule(module, PLACE)
    ran = judged(command, plain)
    ((code, fix),) = errors(ran)
    assert (ran.code, code) == (1, "MC201")
    run_first(fix, plain.top)
    assert (plain.git("diff", "--cached"), judged(command, plain).code) == ("", 0)


def test_what_its_repository_ignores_is_told(command: Command, outer: GitRepository, module: GitRepository) -> None:
    module.commit({".gitignore": "0002*"})
    add_migration(module / "drizzle", "0002_tags", "create table tags (id integer);")
    outer.commit()
    assert [code for code, _ in errors(judged(command, outer))] == ["MC140"]


def test_a_snapshot_that_is_gone_is_put_back(command: Command, outer: GitRepository, module: GitRepository) -> None:
    snapshot = module / "drizzle/meta/0001_snapshot.json"
    text = snapshot.read_text()
    snapshot.unlink()
    module.commit()
    outer.commit()
    (found,) = json.loads(judged(command, outer).out)["findings"]
    assert (found["code"], found["severity"]) == ("MC110", "warning")
    run_first(found["fix"], outer.top)
    assert snapshot.read_text() == text


def since(command: Command, where: GitRepository, landed: str) -> dict[str, Ran]:
    """What is told of all since `landed`: in commits, and with these taken back, where it is staged and lies about."""
    told = {"commit": judged(command, where, base=landed), "revision": judged(command, where, *WAYS[2], base=landed)}
    where.git("reset", "--quiet", "--soft", landed)
    return told | {
        "staged": judged(command, where, *WAYS[1], base=landed),
        "work tree": judged(command, where, base=landed),
    }


def test_a_folder_that_moves_into_a_submodule_is_the_same_however_it_is_judged(
    command: Command, module: GitRepository, tmp_path: Path
) -> None:
    plain = init(tmp_path / "plain")
    a_folder(plain / "drizzle", {"0000_users": USERS, "0001_posts": POSTS})
    plain.commit({"drizzle.config.ts": CONFIG.replace(f"{PLACE}/", "")})
    landed = plain.head
    add_migration(module / "drizzle", "0002_tags", "create table tags (id integer);")
    module.commit()
    plain.git("rm", "-rq", "drizzle")
    plain.submodule(module, PLACE)
    plain.commit({"drizzle.config.ts": CONFIG})

    for way, ran in since(command, plain, landed).items():
        assert (ran.code, errors(ran), undecided(ran)) == (0, [], []), way
        folders = [(each["path"], each["base"]["why"]) for each in json.loads(ran.out)["folders"]]
        assert folders == [(f"{PLACE}/drizzle", "named by --base; there the folder is drizzle")], way

    inner = GitRepository(plain / PLACE)
    inner.commit({"drizzle/0001_posts.sql": "create table posts (id bigint);"})
    plain.commit()
    code, fix = the_same(since(command, plain, landed))
    assert code == "MC201"
    run_first(fix[fix.index("`") :], plain.top)
    assert (inner / "drizzle/0001_posts.sql").read_text() == POSTS


def test_a_folder_that_a_new_submodule_does_not_have_was_taken_away(
    command: Command, module: GitRepository, tmp_path: Path
) -> None:
    plain = init(tmp_path / "plain")
    a_folder(plain / "drizzle", {"0000_a": "create table a (id integer);"})
    plain.commit({"drizzle.config.ts": CONFIG.replace(f"{PLACE}/", "")})
    landed = plain.head
    plain.git("rm", "-rq", "drizzle")
    plain.submodule(module, PLACE)
    plain.commit({"drizzle.config.ts": CONFIG})
    for way, ran in since(command, plain, landed).items():
        assert [code for code, _ in errors(ran)] == ["MC100"], way
        assert [(name, remedy) for name, _, remedy in undecided(ran)] == [
            ("history", f"`migcheck verify {PLACE}/drizzle`")
        ], way
