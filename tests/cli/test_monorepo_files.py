"""Which file of a monorepo configures which folders: the same from the top, in a package, by FOLDER, by --config."""

from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder, a_folder_1_0
from tests.support.monorepo import CREATED, EDITED, A, B, judged, names, notes, told, two_packages, waiver
from tests.support.repositories import GitRepository, init

C = "packages/c/drizzle"
OF_C = "packages/c/migcheck.toml"
V1 = "packages/db/migrations"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    return two_packages(tmp_path, A, B, C)


@pytest.mark.parametrize(
    ("config", "named"), [("", "migrations"), ("drizzle.config.ts", "migrations"), ("drizzle.config.ts", "")]
)
def test_a_folder_without_a_journal(tmp_path: Path, command: Command, config: str, named: str) -> None:
    """Git tracks nothing of the 1.0 layout by which a folder is known: the file alone names it."""
    repo = init(tmp_path)
    a_folder_1_0(tmp_path / V1, {"20250101000000_users": CREATED})
    text = f"export default {{ dialect: 'postgresql', out: './{V1}' }}"
    file = names(named) if named else ""
    repo.commit({"packages/db/migcheck.toml": file, **({config: text} if config else {})})
    repo.write({f"{V1}/20250101000000_users/migration.sql": EDITED})
    for at in ("", "packages/db"):
        assert told(judged(repo, command, "--if-changed", at=at)) == {V1: ["MC201"]}
    repo.write({"packages/db/migcheck.toml": file + waiver(migration="20250101000000_users")})
    for at in ("", "packages/db"):
        assert told(judged(repo, command, at=at)) == {V1: []}
    assert "was not read" not in judged(repo, command).out


def test_a_journal_that_the_change_takes_away(repo: GitRepository, command: Command) -> None:
    repo.write({"packages/a/drizzle.config.ts": None, "packages/a/migcheck.toml": names("drizzle")})
    repo.write({f"{each}/0000_users.sql": CREATED for each in (A, B, C)})
    repo.commit()
    repo.git("mv", A, "packages/a/other")
    assert told(judged(repo, command, at="packages/a")) == {A: ["MC100"]}
    assert told(judged(repo, command)) == {A: ["MC100"], B: [], C: []}


def test_a_file_that_is_named_configures_its_own_folders_alone(repo: GitRepository, command: Command) -> None:
    repo.write({"packages/a/migcheck.toml": waiver(migration="*").replace("MC201", "MC110"), "packages/b/x": ""})
    for at, option in (("", "packages/a/migcheck.toml"), ("packages/b", "../a/migcheck.toml"), ("packages/a", "")):
        ran = judged(repo, command, *(("--config", option) if option else ()), at=at)
        assert told(ran) == {A: ["MC201"]}, at
        assert B not in notes(ran)
    assert told(judged(repo, command, "--config", "../migcheck.toml", at=A)) == {A: ["MC201"]}
    guide = command("guide", "--config", "packages/a/migcheck.toml", cwd=repo.top)
    assert (guide.code, A in guide.out, B in guide.out) == (0, True, False), guide.err


def test_a_drizzle_config_above_a_package_is_of_its_folders_alone(tmp_path: Path, command: Command) -> None:
    repo = two_packages(tmp_path, A, B)
    repo.git("rm", "-qf", "packages/a/drizzle.config.ts", "packages/b/drizzle.config.ts")
    repo.write({"drizzle.config.ts": f"export default {{ dialect: 'postgresql', out: './{B}' }}"})
    repo.write({"packages/a/migcheck.toml": waiver()})
    assert told(judged(repo, command, at="packages/a")) == {A: []}
    assert told(judged(repo, command, "--config", "packages/a/migcheck.toml")) == {A: []}
    assert told(judged(repo, command)) == {A: [], B: ["MC201"]}


@pytest.mark.parametrize("file", ["packages/a/migcheck.toml", "ops/migcheck.toml"])
def test_a_folder_of_elsewhere_is_judged_by_the_file_that_names_it(
    repo: GitRepository, command: Command, file: str
) -> None:
    own = names("drizzle") if "packages" in file else ""
    path = "../c/drizzle" if own else f"../{C}"
    repo.write({file: own + names(path, variable="C_URL") + waiver() + f'folder = "{path}"\n'})
    everything = {A: ["MC201"], B: ["MC201"], C: []}
    assert told(judged(repo, command)) == everything
    assert told(judged(repo, command, at="packages")) == everything
    assert told(judged(repo, command, at="packages/c")) == {C: []}
    for at, folder in (("", C), ("packages/b", "../c/drizzle"), ("packages/c", "drizzle"), (C, ".")):
        ran = judged(repo, command, folder, at=at)
        assert told(ran) == {C: []}, at
        assert "was not read" not in ran.out
    assert told(judged(repo, command, B)) == {B: ["MC201"]}
    assert told(judged(repo, command, "--config", file)) == ({A: ["MC201"], C: []} if own else {C: []})


def test_a_waiver_of_two_folders_is_unclear_wherever_one_stands(repo: GitRepository, command: Command) -> None:
    repo.write({"packages/a/migcheck.toml": names("drizzle") + names("../c/drizzle", variable="C_URL") + waiver()})
    for at, folder in (("", ""), ("packages/c", ""), ("packages", C.removeprefix("packages/"))):
        ran = judged(repo, command, *([folder] if folder else []), at=at)
        assert told(ran)[C] == ["MC201"], (at, folder)
    assert f"{C} is configured by" not in notes(judged(repo, command))


@pytest.mark.parametrize(("other", "text"), [("packages/b/migcheck.toml", names("../c/drizzle")), (OF_C, "")])
def test_a_folder_of_two_files_is_an_error(repo: GitRepository, command: Command, other: str, text: str) -> None:
    files = ["packages/a/migcheck.toml", other]
    repo.write({files[0]: names("../c/drizzle"), files[1]: text})
    for options, at in (((), ""), ((C,), ""), (("../c/drizzle",), "packages/b"), ((), "packages")):
        ran = judged(repo, command, *options, at=at)
        told_of = f"{C} is configured by two files, {files[0]} and {files[1]}"
        assert (ran.code, told_of in ran.err) == (2, True), (at, options, ran.err, ran.out)


def test_one_below_another_that_is_read_is_told_of(repo: GitRepository, command: Command) -> None:
    a_folder_1_0(repo / V1, {"20250101000000_users": CREATED})
    repo.write({"migcheck.toml": "", "packages/db/migcheck.toml": names("migrations")})
    ran = judged(repo, command)
    assert told(ran) == {A: ["MC201"], B: ["MC201"], C: ["MC201"]}
    file = "packages/db/migcheck.toml"
    assert f"{file} was not read, which names {V1}: `migcheck verify --config {file}` reads it" in notes(ran)
    assert "was not read" not in judged(repo, command, at="packages/a").out


def test_a_folder_that_nobody_names_any_more_is_nothing_of_another_package(
    repo: GitRepository, command: Command
) -> None:
    """Only what named it can waive it, or what lies above it."""
    repo.write({f"{each}/0000_users.sql": CREATED for each in (A, B, C)})
    every = waiver("MC100", "*") + waiver("MC100", f"{C}/meta/_journal.json")
    ops = names(f"../{C}", variable="C_URL")
    repo.commit({"packages/a/migcheck.toml": every, "ops/migcheck.toml": ops})
    repo.git("rm", "-rqf", "packages/c")
    for text, codes in (("", ["MC100"]), (every, [])):
        repo.write({"ops/migcheck.toml": names(f"../{B}", variable="B_URL") + text})
        assert told(judged(repo, command)) == {A: [], B: [], C: codes}
    repo.write({"ops/migcheck.toml": None})
    assert told(judged(repo, command)) == {A: [], B: [], C: ["MC100"]}


def test_what_one_file_says_of_a_folder_is_nothing_of_another_package(repo: GitRepository, command: Command) -> None:
    """Also where it is typed in a package whose file is none of that folder."""
    repo.write({"packages/b/migcheck.toml": waiver()})
    assert told(judged(repo, command, "../a/drizzle", at="packages/b")) == {A: ["MC201"]}
    repo.write({"packages/a/migcheck.toml": waiver()})
    assert told(judged(repo, command, "../a/drizzle", at="packages/b")) == {A: []}


def test_a_file_that_cannot_be_used_is_an_error_with_a_way_out(repo: GitRepository, command: Command) -> None:
    a_folder(repo / "tests/fix/drizzle", {"0000_users": CREATED})
    repo.write({"tests/fix/migcheck.toml": "zz = 1\n"})
    ran = judged(repo, command)
    assert (ran.code, "tests/fix/migcheck.toml:1: unknown key `zz`" in ran.err) == (2, True)
    assert "; or, where it is no package's, write migcheck.toml at the top (it may be empty): then" in ran.err
    assert told(judged(repo, command, at="packages/a")) == {A: ["MC201"]}


def test_the_fix_names_the_file_that_would_waive_it(repo: GitRepository, command: Command) -> None:
    repo.write({"packages/b/migcheck.toml": "", "packages/c/pyproject.toml": "[tool.migcheck]\n"})
    out = judged(repo, command).out
    for file in ("packages/a/migcheck.toml", "packages/b/migcheck.toml", "packages/c/pyproject.toml"):
        assert f"waive it in {file}" in out
    assert "[[tool.migcheck.waiver]]" in out
    assert "waive it in packages/b/migcheck.toml" in judged(repo, command, B).out
    assert "waive it in packages/b/migcheck.toml" in judged(repo, command, at="packages/b").out


def test_waive_writes_to_the_package(repo: GitRepository, command: Command) -> None:
    """A file at the top would take the place of the packages' own."""
    repo.write({"packages/b/migcheck.toml": ""})
    repo.git("add", "--all")
    for folder, file in ((A, "packages/a/migcheck.toml"), (B, "packages/b/migcheck.toml")):
        ran = command("waive", "--landed", "--offline", "--dry-run", folder, cwd=repo.top)
        assert file in ran.out.splitlines()[-1], ran


def test_below_a_file_that_has_no_folder_another_is_taken(repo: GitRepository, command: Command) -> None:
    a_folder_1_0(repo / "libs/db/migrations", {"20250101000000_users": CREATED})
    repo.write({"packages/a/migcheck.toml": waiver()})
    repo.write({"libs/migcheck.toml": "", "libs/db/migcheck.toml": names("migrations")})
    assert told(judged(repo, command)) == {A: [], B: ["MC201"], C: ["MC201"], "libs/db/migrations": []}


def test_a_file_that_lies_there_no_more_configures_nothing(repo: GitRepository, command: Command) -> None:
    repo.commit({"packages/a/migcheck.toml": waiver(), "packages/b/migcheck.toml": ""})
    (repo / "packages/a/migcheck.toml").unlink()
    ran = command("verify", "--offline", "--base", "HEAD~1", "--format", "json", cwd=repo.top)
    assert told(ran) == {A: ["MC201"], B: ["MC201"], C: ["MC201"]}


def test_several_files_configure(repo: GitRepository, command: Command) -> None:
    repo.write({f"packages/{each}/migcheck.toml": "" for each in "ab"})
    repo.git("add", "--all")
    ran = command("status", cwd=repo.top)
    assert "packages/a/migcheck.toml, packages/b/migcheck.toml configure migcheck for some of the folders" in ran.err


@pytest.mark.parametrize("file", ["migcheck.toml", "packages/a/migcheck.toml"])
def test_a_folder_of_another_database_is_no_second_one(repo: GitRepository, command: Command, file: str) -> None:
    repo.git("rm", "-rqf", "packages/c", A, "packages/a/drizzle.config.ts")
    a_folder(repo / "packages/a/mig", {"0000_z": "create table z (id integer);"})
    for variable, second in (("A_URL", False), ("DATABASE_URL", True)):
        ledger = 'ledger.table = "a"\n' if second and file == "migcheck.toml" else ""
        named = names("packages/a/mig", variable=variable) + ledger + names(B)
        repo.write({file: named if file == "migcheck.toml" else names("mig", variable=variable)})
        for options in ((), (B,)):
            out = judged(repo, command, *options).out
            assert ("MC605" in out) == (second and not ledger), (file, variable, options)


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_what_comes_next_goes_by_one_file_at_a_time(tmp_path: Path, command: Command) -> None:
    repo = two_packages(tmp_path, A, B)
    repo.write({f"{each}/0000_users.sql": CREATED for each in (A, B)})
    repo.commit({"packages/a/migcheck.toml": names("drizzle", variable="OF_A")})
    ran = command("verify", cwd=repo.top)
    assert (ran.code, f"`migcheck apply {A} && migcheck apply {B}` deploys" in ran.out) == (0, True), ran


def test_a_file_that_git_does_not_track_yet_is_told_of(tmp_path: Path, command: Command) -> None:
    """Else who writes what a fix says is told the same fix again."""
    repo = two_packages(tmp_path, A, B)
    repo.commit({"packages/a/migcheck.toml": waiver()})
    repo.write({"packages/b/migcheck.toml": waiver(), f"{B}/0000_users.sql": f"{EDITED} "})
    ran = command("verify", "--offline", cwd=repo.top)
    told = "packages/b/migcheck.toml was not read, since git does not track it: `git add packages/b/migcheck.toml`"
    assert (ran.code, " ".join(ran.out.split()).count(told)) == (1, 1), ran
    repo.git("add", "packages/b/migcheck.toml")
    ran = command("verify", "--offline", cwd=repo.top)
    assert (ran.code, ran.out.count("was not read")) == (0, 0), ran


def test_a_folder_that_nobody_names_any_more_is_of_the_file_that_named_it_in_base(
    repo: GitRepository, command: Command
) -> None:
    of_a, of_b = "packages/a/migcheck.toml", "packages/b/migcheck.toml"
    repo.git("checkout", "-q", "--", ".")
    repo.write({"packages/c/drizzle.config.ts": None})
    repo.commit({of_a: names("drizzle") + names("../c/drizzle", variable="C_URL"), of_b: names("drizzle")})
    repo.git("checkout", "-qb", "feature")
    repo.commit({of_a: names("drizzle"), of_b: names("drizzle") + names("../c/drizzle", variable="C_URL")})
    repo.write(
        {
            of_a: names("drizzle") + waiver() + 'folder = "../c/drizzle"',
            of_b: names("drizzle"),
            f"{C}/0000_users.sql": EDITED,
        }
    )
    ran = judged(repo, command, "--base", "main")
    assert told(ran) == {A: [], B: [], C: []}, ran.out
