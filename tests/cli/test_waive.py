"""`migcheck waive --landed`: a repository with old debt becomes green, and what is new still blocks."""

from pathlib import Path

import pytest
from tests.support.command import Command
from tests.support.deploys import keep_ledger
from tests.support.folders import STEP, WHEN, a_folder, add_migration, drop_entry
from tests.support.projects import CONFIG, DEPLOY, package, workflow
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

FILES = {f"000{number}_step": f"create table t{number} (id int);" for number in range(4)}


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    a_folder(a_repo / "drizzle", FILES, snapshots=False)
    a_repo.commit({"migcheck.toml": '# ours\n[[folder]]\npath = "drizzle" # the only one\n'})
    return a_repo


@pytest.fixture
def target(repo: GitRepository, app: Database) -> dict[str, str]:
    """A database that passed over 0001_step, and that has 0002_step as it was before somebody edited it."""
    keep_ledger(app, repo.top)
    app.run(f"delete from drizzle.__drizzle_migrations where created_at = {WHEN + STEP}")
    repo.commit({"drizzle/0002_step.sql": FILES["0002_step"] + "\n-- edited"})
    repo.commit(message="Something else")
    return {"DATABASE_URL": app.url}


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_old_debt_is_waived_by_name_and_a_new_fault_still_blocks(
    repo: GitRepository, target: dict[str, str], command: Command
) -> None:
    base = repo.git("rev-parse", "HEAD^")
    assert command("verify", cwd=repo.top, env=target).code == 1

    ran = command("waive", "--landed", "--until", "2999-01-31", cwd=repo.top, env=target)

    assert (ran.code, ran.out.splitlines()[-8:]) == (
        0,
        [
            "",
            "waived:",
            f"  MC507 0002_step, until 2999-01-31: old debt, landed in {base[:12]} or before: applied migration",
            "        edited",
            f"  MC508 0001_step, until 2999-01-31: old debt, landed in {base[:12]} or before: entry will be",
            "        skipped",
            "",
            "2 waivers added to migcheck.toml",
        ],
    )
    assert f"base  {base[:12]}, the first parent of HEAD, which is on main" in ran.out
    text = (repo / "migcheck.toml").read_text()
    assert text.startswith('# ours\n[[folder]]\npath = "drizzle" # the only one\n\n[[waiver]]\ncode = "MC507"\n')
    assert command("verify", cwd=repo.top, env=target).code == 0

    again = command("waive", "--landed", cwd=repo.top, env=target)
    assert (again.code, again.out.splitlines()[-1]) == (
        0,
        "nothing was added to migcheck.toml: no finding blocks",
    )
    assert (repo / "migcheck.toml").read_text() == text

    repo.commit(message="Accept old debt")
    add_migration(repo / "drizzle", "0004_late", "create table late (id int);", when=WHEN + STEP, snapshot=False)
    new = command("verify", cwd=repo.top, env=target)
    assert (new.code, "error MC508 entry-will-be-skipped" in new.out) == (1, True)

    refused = command("waive", "--landed", cwd=repo.top, env=target)
    assert refused.code == 1
    assert "  MC508 0004_late: base alone does not have it" in refused.out
    assert (repo / "migcheck.toml").read_text() == text


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_what_is_undecided_is_said_to_be_no_matter_of_waivers(repo: GitRepository, command: Command) -> None:
    add_migration(repo / "drizzle", "0004_far", "create extension nowhere;")
    repo.commit(message="Add an extension that scratch has not")
    repo.commit(message="Something else")

    ran = command("waive", "--landed", cwd=repo.top)

    assert (ran.code, ran.out.splitlines()[-4:]) == (
        3,
        [
            "",
            "no waiver helps what is undecided (replay): what does stands above",
            "",
            "nothing was added to migcheck.toml: no finding blocks",
        ],
    )


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_what_would_be_waived_is_shown_and_not_written(
    repo: GitRepository, target: dict[str, str], command: Command
) -> None:
    ran = command("waive", "--landed", "--dry-run", "--reason", "agreed on", cwd=repo.top, env=target)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "2 waivers would be added to migcheck.toml")
    assert "\n\nwould be waived:\n  MC507 0002_step, " in ran.out
    assert ": agreed on\n" in ran.out
    assert "[[waiver]]" not in (repo / "migcheck.toml").read_text()


def test_what_this_change_adds_is_never_waived(repo: GitRepository, command: Command) -> None:
    add_migration(repo / "drizzle", "0004_bom", b"\xef\xbb\xbfselect 1;", snapshot=False)
    repo.write({"drizzle/0000_step.sql": "select 'edited';"})
    ran = command("waive", "--landed", "--offline", cwd=repo.top)
    assert ran.code == 1
    assert "\n\nnot waived: 2 findings\n" in ran.out
    assert ran.out.endswith("\n\nnothing was added to migcheck.toml\n")
    assert "  MC120 0004_bom: a deploy would meet it" in ran.out
    assert "  MC201 0000_step: base alone does not have it" in ran.out
    assert "[[waiver]]" not in (repo / "migcheck.toml").read_text()


def test_what_this_change_adds_around_the_folder_is_never_waived(repo: GitRepository, command: Command) -> None:
    repo.commit({"drizzle.config.ts": CONFIG, DEPLOY: workflow("echo hello")})
    repo.commit({DEPLOY: workflow("npx drizzle-kit push")})
    ran = command("waive", "--landed", "--offline", cwd=repo.top)
    assert (ran.code, "not waived: 1 finding\n" in ran.out) == (1, True)
    assert f"  MC601 {DEPLOY}: base alone does not have it" in ran.out


def test_of_what_a_new_configuration_made_a_fault_nothing_is_said_that_is_of_its_file(
    repo: GitRepository, command: Command
) -> None:
    repo.commit({"db/package.json": package(start="drizzle-kit push")})
    repo.commit({"db/drizzle.config.ts": CONFIG.replace("./drizzle", "../drizzle")})
    ran = command("waive", "--landed", "--offline", cwd=repo.top)
    told = "base alone does not have it: this change made it a fault, wherever it is told of, and is what to mend"
    assert (ran.code, f" MC601 db/package.json: {told}" in " ".join(ran.out.split())) == (1, True)


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_a_configuration_that_is_a_link_out_of_the_repository_is_not_written(
    repo: GitRepository, target: dict[str, str], command: Command, tmp_path: Path
) -> None:
    (repo / "migcheck.toml").rename(tmp_path / "elsewhere.toml")
    before = (tmp_path / "elsewhere.toml").read_text()
    (repo / "migcheck.toml").symlink_to(tmp_path / "elsewhere.toml")
    ran = command("waive", "--landed", cwd=repo.top, env=target)
    assert (ran.code, "migcheck.toml cannot be read: it is a symbolic link that leaves" in ran.err) == (2, True)
    assert (tmp_path / "elsewhere.toml").read_text() == before


def test_a_waiver_that_one_folder_needs_is_not_called_unused_at_another(repo: GitRepository, command: Command) -> None:
    a_folder(repo / "other", {"0000_first": "select 1;"}, snapshots=False)
    drop_entry(repo / "drizzle", "0003_step")
    folders = "".join(
        f'[[folder]]\npath = "{path}"\ndatabase_url = "{path.upper()}"\n' for path in ("drizzle", "other")
    )
    waiver = '[[waiver]]\ncode = "MC102"\nmigration = "0003_step"\nreason = "never to run"\nuntil = 2999-01-31\n'
    repo.commit({"migcheck.toml": folders + waiver})
    repo.commit(message="Something else")
    ran = command("waive", "--landed", "--offline", cwd=repo.top)
    assert (ran.code, "MC001" in ran.out) == (0, False), ran.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            [],
            "nothing is waived without --landed\n  remedy: `migcheck waive --landed` accepts what blocks today and",
        ),
        (["--landed", "--until", "soon"], "--until soon is no day"),
        (["--landed", "--until", "2020-01-01"], "--until 2020-01-01 is over"),
        (["--landed", "--reason", " "], "--reason says nothing"),
        (["--landed", "--reason", "never applied: …"], "--reason still ends with dots"),
        (["--landed", "--reason", "a name in Latin-1: Andr\udce9"], "--reason is no text in UTF-8"),
        (["--landed", "--config", "drizzle.config.ts"], "--config drizzle.config.ts holds no waivers"),
    ],
)
def test_options_that_cannot_be_used(repo: GitRepository, command: Command, options: list[str], told: str) -> None:
    repo.write({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' }"})
    ran = command("waive", *options, cwd=repo.top)
    assert (ran.code, ran.err.startswith(f"migcheck: {told}")) == (2, True)


def test_what_is_said_of_a_new_migration_does_not_concern_base(repo: GitRepository, command: Command) -> None:
    repo.branch("feature")
    (repo / "drizzle" / "0001_step.sql").write_text("select 'edited';")
    add_migration(repo / "drizzle", "0004_new", "create table new ();", snapshot=False)
    said = '[[migration]]\ntag = "0004_new"\nstatement_timeout = 9\n'
    repo.commit({"migcheck.toml": f'[[folder]]\npath = "drizzle"\n\n{said}'})
    ran = command("waive", "--landed", "--offline", cwd=repo.top)
    assert (ran.code, "there is no migration" in ran.err) == (1, False), ran


def test_without_a_repository_nobody_knows_what_has_landed(
    command: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("nowhere")
    a_folder(place / "drizzle", {"0000_bom": b"\xef\xbb\xbfselect 1;"}, snapshots=False)
    ran = command("waive", "--landed", "drizzle", "--offline", cwd=place)
    assert (ran.code, "is in no git repository" in ran.err) == (3, True)
