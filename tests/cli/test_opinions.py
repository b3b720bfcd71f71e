"""Opinions on style: none unless they are asked for."""

import json

import pytest
from tests.support.command import Command, Ran
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository

NEW = """create table notes (id serial primary key, at timestamp)
--> statement-breakpoint
alter table users
  add column kind char(3),
  add column size integer;
"""


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    """A repository where one table has landed, and a migration that has opinions against it is new."""
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id serial primary key)"}, snapshots=False)
    a_repo.commit(message="Add users")
    add_migration(a_repo / "drizzle", "0001_new", NEW, snapshot=False)
    a_repo.commit(message="Add notes")
    return a_repo


def told(ran: Ran) -> list[tuple[int, str, str]]:
    findings = [each for each in json.loads(ran.out)["findings"] if each["code"] == "MC330"]
    assert all(each["severity"] == "warning" and each["file"] == "drizzle/0001_new.sql" for each in findings)
    change = "Change the column in `schema.ts` and generate the migration again, before it lands."
    assert all(each["fix"] == change for each in findings)
    return sorted((each["line"], *_parts(each["evidence"])) for each in findings)


def _parts(evidence: str) -> tuple[str, str]:
    """Whose opinion it is, and Squawk's help."""
    asked, _, helps = evidence.partition("\n")
    return asked.partition(",")[0], helps


def test_nobody_is_told_what_nobody_asked_for(repo: GitRepository, command: Command) -> None:
    assert told(command("verify", "--offline", "--format", "json", cwd=repo.top)) == []


def test_those_that_are_asked_for_are_told_of_what_is_new_with_their_lines(
    repo: GitRepository, command: Command
) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["prefer-bigint-over-int", "ban-char-field"]\n'})
    ran = command("verify", "--offline", "--format", "json", cwd=repo.top)
    assert ran.code == 0
    wide = "Use 64-bit integer values instead to prevent hitting this limit."
    assert told(ran) == [
        (1, "Squawk's prefer-bigint-over-int", wide),
        (4, "Squawk's ban-char-field", ""),
        (5, "Squawk's prefer-bigint-over-int", wide),
    ]


def test_json_is_told_of_each_column_that_gets_it(repo: GitRepository, command: Command) -> None:
    """Not of what is called so, or only cast to it: in quotes, in a comment, in a query."""
    repo.write({"migcheck.toml": '[sql]\nopinions = ["prefer-jsonb"]\n'})
    sql = """create table docs (a jsonb, -- json
  b json, "json" text default 'json',
  c json[] not null)
--> statement-breakpoint
alter table users
  add column d json,
  alter column id set data type json using to_json(id);
select '{}'::json as json;
"""
    add_migration(repo / "drizzle", "0001_new", sql, snapshot=False)
    helps = "Use jsonb instead, which is `jsonb()` in `schema.ts`."
    ran = command("verify", "--offline", "--format", "json", "--base", "HEAD~1", cwd=repo.top)
    assert told(ran) == [(line, "prefer-jsonb", helps) for line in (2, 3, 6, 7)]
    repo.write({"migcheck.toml": '[sql]\nopinions = ["prefer-jsonb", "prefer-bigint-over-int"]\n'})
    ran = command("verify", "--offline", "--format", "json", "--base", "HEAD~1", cwd=repo.top)
    assert [name for _, name, _ in told(ran)] == ["prefer-jsonb"] * 4


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_a_rehearsal_tells_the_same(repo: GitRepository, command: Command) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["prefer-timestamp-tz", "prefer-identity"]\n'})
    ran = command("verify", "--format", "json", cwd=repo.top)
    assert [(line, name) for line, name, _ in told(ran)] == [
        (1, "Squawk's prefer-identity"),
        (1, "Squawk's prefer-timestamp-tz"),
    ]


def test_an_opinion_that_nobody_has_is_an_error_of_the_configuration(repo: GitRepository, command: Command) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["prefer-identity", "prefer-timestamptz"]\n'})
    ran = command("verify", "--offline", cwd=repo.top)
    assert (ran.code, ran.out) == (2, "")
    assert "migcheck.toml:2: sql.opinions: `prefer-timestamptz` is none of the values that are known" in ran.err
    assert "did you mean `prefer-timestamp-tz`? Known here: ban-char-field, identifier-too-long, " in ran.err


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('["postgres://u:pw@h/d"]', "sql.opinions: input should be 'ban-char-field'"),
        ('"prefer-identity"', "sql.opinions: it is a list: write [...]"),
    ],
)
def test_what_is_no_name_of_an_opinion_is_not_repeated(
    repo: GitRepository, command: Command, value: str, said: str
) -> None:
    repo.write({"migcheck.toml": f"[sql]\nopinions = {value}\n"})
    ran = command("verify", "--offline", cwd=repo.top)
    assert (ran.code, "pw" in ran.err, said in ran.err) == (2, False, True), ran


NOT_READ: dict[str, object] = {
    "code": "MC330",
    "rule": "opinion-asked-for",
    "severity": "warning",
    "file": "migcheck.toml",
    "line": None,
    "migration": None,
    "message": "opinions are asked for and were not read: there is no Squawk 2.70",
    "evidence": "",
    "fix": "pip install 'drizzle-migcheck[squawk]'",
}


@pytest.fixture
def without_squawk(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is another version alone."""
    monkeypatch.setattr("migcheck.facts.lint.squawk._VERSION", b"squawk 0.")


def not_read(ran: Ran) -> list[dict[str, object]]:
    findings = [each for each in json.loads(ran.out)["findings"] if each["code"] == "MC330"]
    return [{key: each[key] for key in NOT_READ} for each in findings]


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch", "without_squawk")
def test_without_squawk_all_but_the_opinions_is_judged(repo: GitRepository, command: Command) -> None:
    asked = '[sql]\nopinions = ["ban-char-field"]\n'
    without = command("verify", "--format", "json", cwd=repo.top)
    repo.write({"migcheck.toml": asked})
    ran = command("verify", "--format", "json", cwd=repo.top)
    assert (ran.code, not_read(ran)) == (0, [NOT_READ])
    rest = [each for each in json.loads(ran.out)["findings"] if each["code"] != "MC330"]
    assert rest == json.loads(without.out)["findings"]


@pytest.mark.usefixtures("without_squawk")
def test_offline_the_gate_is_skipped_for_the_same_reason(repo: GitRepository, command: Command) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["ban-char-field"]\n'})
    ran = command("verify", "--offline", "--format", "json", cwd=repo.top)
    (gate,) = [each for each in json.loads(ran.out)["gates"] if each["name"] == "sql"]
    assert (ran.code, not_read(ran), gate["outcome"]) == (0, [], "skipped")
    assert "there is no Squawk 2.70: pip install 'drizzle-migcheck[squawk]'" in gate["reason"]


@pytest.mark.usefixtures("without_squawk")
def test_offline_a_first_migration_is_judged_without_them(a_repo: GitRepository, command: Command) -> None:
    a_repo.commit({"migcheck.toml": '[sql]\nopinions = ["ban-char-field"]\n'})
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (kind char(3))"}, snapshots=False)
    ran = command("verify", "drizzle", "--offline", "--format", "json", cwd=a_repo.top)
    assert (ran.code, not_read(ran)) == (0, [NOT_READ])


def test_what_squawk_cannot_read_is_not_for_lack_of_it(
    repo: GitRepository, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write({"migcheck.toml": '[sql]\nopinions = ["ban-char-field"]\n'})
    monkeypatch.setattr("migcheck.facts.lint.squawk._FOUND_SOMETHING", 99)
    ran = command("verify", "--offline", "--format", "json", cwd=repo.top)
    why = "opinions are asked for and were not read: Squawk cannot read the SQL"
    how = "run `squawk` on the new files to see why, or take `opinions` out"
    assert (ran.code, not_read(ran)) == (0, [{**NOT_READ, "message": why, "fix": how}])
