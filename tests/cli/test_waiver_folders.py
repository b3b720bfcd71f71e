"""Of which folder a waiver is: a tag that several folders have names none of them."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository, init

A, B = "packages/a/drizzle", "packages/b/drizzle"
TAG = "0000_users"
FOLDERS = f'[[folder]]\npath = "{A}"\n[[folder]]\npath = "{B}"\nledger = {{ schema = "b" }}\n'
CREATED, EDITED = "create table users (id int);", "create table users (id bigint);"


def a_waiver(*, migration: str = TAG, folder: str = "", code: str = "MC201") -> str:
    where = f'folder = "{folder}"\n' if folder else ""
    return (
        f'[[waiver]]\ncode = "{code}"\nmigration = "{migration}"\n{where}reason = "never applied"\nuntil = 2999-01-01\n'
    )


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    """Two packages whose first migration has the same tag; the one of each was edited since."""
    repository = init(tmp_path)
    for folder in (A, B):
        a_folder(tmp_path / folder, {TAG: CREATED})
    repository.commit({"migcheck.toml": FOLDERS})
    for folder in (A, B):
        (tmp_path / folder / f"{TAG}.sql").write_text(EDITED)
    return repository


def judged(repo: GitRepository, command: Command, waiver: str, *arguments: str, folders: str = FOLDERS) -> Ran:
    (repo / "migcheck.toml").write_text(folders + waiver)
    repo.git("add", "--all")
    return command("verify", "--offline", "--staged", *arguments, "--format", "json", cwd=repo.top)


def blocking(ran: Ran) -> list[str]:
    return [
        each["folder"] for each in json.loads(ran.out)["findings"] if each["severity"] == "error" and not each["waived"]
    ]


@pytest.mark.parametrize("folders", [FOLDERS, ""], ids=["configured", "found"])
def test_a_tag_that_two_folders_have_waives_nothing_until_the_waiver_names_one(
    repo: GitRepository, command: Command, folders: str
) -> None:
    for package in ("a", "b"):
        config = "export default { dialect: 'postgresql', out: './drizzle' }"
        (repo / f"packages/{package}/drizzle.config.ts").write_text(config)
    ran = judged(repo, command, a_waiver(), folders=folders)
    assert blocking(ran) == [A, B]
    told = [each for each in json.loads(ran.out)["findings"] if each["code"] == "MC001"]
    assert {(each["message"], each["fix"]) for each in told} == {
        (
            f"the waiver of MC201 for {TAG} waives nothing: {A} and {B} have it",
            f'Add the line of the folder that is meant: `folder = "{A}"` or `folder = "{B}"`.',
        )
    }
    # Naming a folder on the command line leaves out the other, and does not make the tag its own.
    assert blocking(judged(repo, command, a_waiver(), A, folders=folders)) == [A]
    for folder, other in ((A, B), (B, A)):
        named = judged(repo, command, a_waiver(folder=folder), folders=folders)
        assert blocking(named) == [other]
        assert "MC001" not in named.out


def test_no_folder_calls_a_waiver_unused_that_may_be_meant_for_another(repo: GitRepository, command: Command) -> None:
    repo.git("checkout", "--", B)
    found = json.loads(judged(repo, command, a_waiver()).out)["findings"]
    told = [(each["folder"], each["message"]) for each in found if each["code"] == "MC001"]
    message = f"the waiver of MC201 for {TAG} waives nothing: {A} and {B} have it"
    assert told == [(A, message), (B, message)]
    assert {(each["file"], each["line"]) for each in found if each["code"] == "MC001"} == {("migcheck.toml", 6)}


def test_the_waiver_that_a_report_offers_names_its_folder_where_others_have_the_tag(
    repo: GitRepository, command: Command
) -> None:
    offered = f'[[waiver]]\ncode = "MC201"\nmigration = "{TAG}"\nfolder = "{B}"\nreason = "never applied: ..."'
    fixes = {each["folder"]: each["fix"] for each in json.loads(judged(repo, command, "").out)["findings"]}
    assert offered in fixes[B]
    assert f'folder = "{A}"' in fixes[A]
    repo.git("mv", f"{A}/{TAG}.sql", f"{A}/0000_people.sql")
    fixes = {each["folder"]: each["fix"] for each in json.loads(judged(repo, command, "").out)["findings"]}
    assert f'migration = "{TAG}"\nreason' in fixes[B]


def test_a_tag_of_one_folder_a_path_and_a_wildcard_need_no_folder(repo: GitRepository, command: Command) -> None:
    repo.git("checkout", "--", A)
    for waiver in (a_waiver(), a_waiver(folder=B)):
        assert blocking(judged(repo, command, waiver)) == ([B] if waiver == a_waiver() else [])
    for folder in (A, B):
        (repo / folder / "0001_late.sql").write_text("select 1;")
    assert blocking(judged(repo, command, a_waiver(folder=B) + a_waiver(code="MC102", migration="*"))) == []
    only_in_a = a_waiver(folder=B) + a_waiver(code="MC102", migration="*", folder=A)
    assert blocking(judged(repo, command, only_in_a)) == [B]


def test_a_folder_that_is_none_is_an_error_with_its_line_and_the_nearest_name(
    repo: GitRepository, command: Command
) -> None:
    ran = judged(repo, command, a_waiver(folder="packages/a/drizle"))
    assert (ran.code, json.loads(ran.out)["error"]["line"]) == (2, 6)
    assert f"migcheck.toml:6: there is no folder packages/a/drizle\n  remedy: did you mean {A}?" in ran.err
    ran = judged(repo, command, a_waiver(folder="nowhere"))
    assert f"there is no folder nowhere\n  remedy: name the folder that holds the migration: {A}, {B}" in ran.err


@pytest.mark.parametrize(
    ("folder", "remedy"),
    [
        ("src", f"name the folder that holds the migration: {A}, {B}"),
        (".", f"name the folder that holds the migration: {A}, {B}"),
        ("packages/a", f"did you mean {A}?"),
        (f"{B}/meta", f"did you mean {B}?"),
    ],
)
def test_a_directory_that_is_no_migrations_folder_is_none(
    repo: GitRepository, command: Command, folder: str, remedy: str
) -> None:
    repo.commit({"src/a.ts": "", "src/a.sql": "select 1;", "packages/a/package.json": "{}"})
    ran = judged(repo, command, a_waiver(folder=folder))
    assert (ran.code, f"migcheck.toml:6: there is no folder {folder}\n  remedy: {remedy}" in ran.err) == (2, True), ran
    said = f'[[migration]]\ntag = "{TAG}"\nfolder = "{folder}"\n'
    ran = judged(repo, command, said)
    assert (ran.code, f"migcheck.toml:6: there is no folder {folder}\n  remedy: {remedy}" in ran.err) == (2, True), ran


def test_the_only_folder_is_meant_by_what_is_none(command: Command, tmp_path: Path) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {TAG: CREATED})
    repository.commit({"src/a.ts": ""})
    ran = judged(repository, command, a_waiver(folder="src"), folders="")
    assert "migcheck.toml:1: there is no folder src\n  remedy: did you mean drizzle?" in ran.err


@pytest.mark.parametrize(
    "files",
    [
        {"c/drizzle/20240101000000_a/migration.sql": "select 1;"},
        {"c/drizzle.config.ts": "export default { dialect: 'postgresql', out: './drizzle' }", "c/drizzle/.keep": ""},
    ],
    ids=["of 1.0", "begun"],
)
def test_a_folder_that_no_journal_tells_of_may_have_waivers(
    repo: GitRepository, command: Command, files: dict[str, str]
) -> None:
    repo.commit(files)
    ran = judged(repo, command, a_waiver(folder="c/drizzle"))
    assert ran.code == 0, ran.err


def test_a_folder_that_the_change_names_no_more_is_waived_by_its_name(repo: GitRepository, command: Command) -> None:
    repo.git("checkout", "--", ".")
    repo.git("rm", "-rq", A)
    alone = f'[[folder]]\npath = "{B}"\nledger = {{ schema = "b" }}\n'
    gone = a_waiver(code="MC200", folder=A)
    ran = judged(repo, command, gone, folders=alone)
    assert ran.code != 2, ran.err
    assert "MC001" not in ran.out


def test_where_one_folder_of_many_was_copied_a_waiver_of_another_does_no_harm(
    command: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An image that deploys has no repository, and what it does not deploy is not in it."""
    place = tmp_path_factory.mktemp("image")
    a_folder(place / A, {TAG: CREATED})
    (place / "migcheck.toml").write_text(a_waiver(folder=B))
    ran = command("verify", A, "--offline", cwd=place)
    assert (ran.code, "there is no folder" in ran.err) == (3, False), ran.out + ran.err


def test_a_waiver_of_a_submodule_that_is_not_checked_out_stops_no_other_folder(
    repo: GitRepository, command: Command, tmp_path: Path
) -> None:
    inner = init(tmp_path / "inner")
    a_folder(inner / "drizzle", {TAG: CREATED})
    inner.commit()
    repo.submodule(inner, "vendor/db")
    (repo / "migcheck.toml").write_text(FOLDERS + a_waiver(folder="vendor/db/drizzle") + a_waiver(folder=A))
    repo.commit()
    clone = repo.clone(tmp_path / "clone")
    ran = command("verify", "--offline", "--base", "HEAD~2", A, "--format", "json", cwd=clone.top)
    assert (ran.code, blocking(ran)) == (0, [])
