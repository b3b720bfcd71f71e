"""What a wrong value in a configuration is told as: in the words of TOML, and without the value."""

from pathlib import Path

import pytest
from tests.support.configuration import load
from tests.support.files import write

from migcheck.errors import UsageError


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[folder]\npath = "x"', "migcheck.toml:1: folder: it is a list of tables: write [[folder]]"),
        (
            '[[folder]]\npath = "x"\nledger = "y"',
            "migcheck.toml:3: folder.ledger: it is a table: write [folder.ledger]",
        ),
        (
            '[[folder]]\npath = "x"\ndatabase_url = "postgres://u:pw@h/d"',
            "migcheck.toml:3: folder.database_url: it is the name of an environment variable",
        ),
        (
            '[scratch]\ndsn = "postgres://u:pw@h/d"',
            "migcheck.toml:2: scratch.dsn: it is the name of an environment variable",
        ),
        (
            '[[waiver]]\ncode = "mc110"\nmigration = "x"\nreason = "y"\nuntil = 2999-01-01',
            "migcheck.toml:2: waiver.code: it is the code of a rule, such as MC201",
        ),
        (
            '[[waiver]]\ncode = "MC11٣"\nmigration = "x"\nreason = "y"\nuntil = 2999-01-01',
            "migcheck.toml:2: waiver.code: it is the code of a rule, such as MC201",
        ),
        ("[apply]\nlock_wait = inf", "migcheck.toml:2: apply.lock_wait: input should be a finite number"),
        ("[apply]\nlock_timeout = nan", "migcheck.toml:2: apply.lock_timeout: input should be a finite number"),
        (
            "[apply]\nstatement_timeout = -1",
            "migcheck.toml:2: apply.statement_timeout: input should be greater than or",
        ),
        (
            '[apply]\nclearance_age = "7"',
            'migcheck.toml:2: apply.clearance_age: it is a number of hours or days, such as "36h" or "2d"',
        ),
        (
            '[apply]\nclearance_age = "٣h"',
            'migcheck.toml:2: apply.clearance_age: it is a number of hours or days, such as "36h" or "2d"',
        ),
        ("[apply]\nlock_wait = 3e6", "migcheck.toml:2: apply.lock_wait: input should be less than or equal to 2000000"),
        ("[apply]\nretry_for = -1", "migcheck.toml:2: apply.retry_for: input should be greater than or equal to 0"),
        ('[migration]\ntag = "x"', "migcheck.toml:1: migration: it is a list of tables: write [[migration]]"),
        (
            '[[migration]]\ntag = "x"\nstatement_timeout = "1h"',
            "migcheck.toml:3: migration.statement_timeout: it is a number, without quotes",
        ),
        ("[[migration]]\nlock_timeout = 1", "migcheck.toml:1: migration.tag: field required"),
        ('[scratch]\nmajor = "17"', "migcheck.toml:2: scratch.major: it is a whole number, without quotes"),
        ("[scratch]\nmajor = true", "migcheck.toml:2: scratch.major: it is a whole number, without quotes"),
        ('[scratch]\ntimeout = "60"', "migcheck.toml:2: scratch.timeout: it is a whole number, without quotes"),
        ('[scratch]\nmemory = "60"', "migcheck.toml:2: scratch.memory: it is a whole number, without quotes"),
        ('[apply]\nlock_wait = "1"', "migcheck.toml:2: apply.lock_wait: it is a number, without quotes"),
        ("[scratch]\nmajor = 17.5", "migcheck.toml:2: scratch.major: it is a whole number, without quotes"),
        ('repeatable = "true"', "migcheck.toml:1: repeatable: it is true or false, without quotes"),
        ("[scratch]\nmajor = -5", "migcheck.toml:2: scratch.major: input should be greater than 0"),
        ("[scratch]\nmajor = 0", "migcheck.toml:2: scratch.major: input should be greater than 0"),
        ("[scratch]\nmajor = 100", "migcheck.toml:2: scratch.major: input should be less than or equal to 99"),
        ("[scratch]\ntimeout = 3000000", "migcheck.toml:2: scratch.timeout: input should be less than or equal to"),
        ("[scratch]\nmemory = 9999999999", "migcheck.toml:2: scratch.memory: input should be less than or equal to"),
        (
            '[[waiver]]\ncode = "MC110"\nmigration = ""\nreason = "y"\nuntil = 2999-01-01',
            "migcheck.toml:3: waiver.migration: string should have at least 1 character",
        ),
        (
            '[[waiver]]\ncode = "MC110"\nmigration = "x"\nreason = " "\nuntil = 2999-01-01',
            "migcheck.toml:4: waiver.reason: string should have at least 1 character",
        ),
        (
            '[[folder]]\npath = "x"\nledger = { table = "" }',
            "migcheck.toml:3: folder.ledger.table: string should have at least 1 character",
        ),
        ("base = 1", "migcheck.toml:1: base: it is text, in quotes"),
        ('[[folder]]\npath = "x"\nledger.table = ["t"]', "migcheck.toml:3: folder.ledger.table: it is text, in quotes"),
        ('[sql]\nbig_tables = "a"', "migcheck.toml:2: sql.big_tables: it is a list: write [...]"),
        ('[sql]\nbig_tables = ["a", ""]', "migcheck.toml:2: sql.big_tables: string should have at least 1 character"),
        ("[sql]\nbig_rows = [1]", "migcheck.toml:2: sql.big_rows: it is a whole number, without quotes"),
        ("[sql]\nbig_rows = 0", "migcheck.toml:2: sql.big_rows: input should be greater than 0"),
        (
            f"[sql]\nbig_rows = {2**53 + 1}",
            "migcheck.toml:2: sql.big_rows: input should be less than or equal to 9007199254740992",
        ),
        (
            f"[sql]\nbig_rows = {10**30}",
            "migcheck.toml:2: sql.big_rows: input should be less than or equal to 9007199254740992",
        ),
        ("[[folder]]\npath = ''", "migcheck.toml:2: folder.path: string should have at least 1 character"),
        ("[scratch]\nprelude = ' '", "migcheck.toml:2: scratch.prelude: string should have at least 1 character"),
        ("guide = ''", "migcheck.toml:1: guide: string should have at least 1 character"),
        ("\ufeffrepeatable = true", "migcheck.toml:1: the file begins with a byte order mark (BOM)"),
        ("[apply]\nlock_wait = true", "migcheck.toml:2: apply.lock_wait: it is a number, without quotes"),
        (
            '[scratch]\nstart_from = "base"',
            "migcheck.toml:2: scratch.start_from: input should be 'files' or 'target'",
        ),
        ("[scratch]\nkind = 1", "migcheck.toml:2: scratch.kind: it is text, in quotes"),
        (
            '[[folder]]\npath = "x"\ntransaction = "none"',
            "migcheck.toml:3: folder.transaction: input should be 'all' or",
        ),
        (
            '[[waiver]]\ncode = "MC110"\nmigration = "x"\nreason = "y"\nuntil = "soon"',
            "migcheck.toml:5: waiver.until: it is a day, such as 2027-01-31",
        ),
        (
            '[[waiver]]\ncode = "MC110"\nmigration = "x"\nreason = "y"\nuntil = 2999-01-01T08:00:00',
            "migcheck.toml:5: waiver.until: it is a day, such as 2027-01-31",
        ),
        (
            '[[waiver]]\ncode = 1\n[[waiver]]\nmigration = "x"\nnope = 1',
            "migcheck.toml:5: unknown key `waiver.nope`",
        ),
        ("[sql]\nbig_rows = 2027-01-31", "migcheck.toml:2: sql.big_rows: it is a whole number, without quotes"),
        ("[sql]\nbig_rows = 08:00:00", "migcheck.toml:2: sql.big_rows: it is a whole number, without quotes"),
        (
            "[apply]\nlock_wait = 2027-01-31T08:00:00Z",
            "migcheck.toml:2: apply.lock_wait: it is a number, without quotes",
        ),
        ("base = 2027-01-31", "migcheck.toml:1: base: it is text, in quotes"),
        ("repeatable = 2027-01-31", "migcheck.toml:1: repeatable: it is true or false, without quotes"),
        ("[sql]\nbig_tables = 08:00:00", "migcheck.toml:2: sql.big_tables: it is a list: write [...]"),
        ("apply = 2027-01-31", "migcheck.toml:1: apply: it is a table: write [apply] or apply = { ... }"),
        ("[[scratch]]", "migcheck.toml:1: scratch: it is a table: write [scratch] or scratch = { ... }"),
        ("waiver = [1]", "migcheck.toml:1: waiver: it is a list of tables: write [[waiver]]"),
        ('[[folder]]\npath = "x"\n[[folder.ledger]]', "migcheck.toml:3: folder.ledger: it is a table: write [folder."),
        ("[tool.migcheck]\nbase = 'x'", "migcheck.toml:1: unknown key `tool`"),
        ("base = 'x'\n[a.b.c]\n", "migcheck.toml:2: unknown key `a`"),
        ('"a\\nb" = 1', "migcheck.toml:1: unknown key `a\\nb`"),
        ('base = "x"\n"a`b" = 1', "migcheck.toml:2: unknown key `a`b`"),
        (
            'waiver = [{code = "MC110", migration = "x", reason = "y", until = 2999-01-01},\n{code = 1}]',
            "migcheck.toml:2: waiver.code: it is text, in quotes",
        ),
        ('base = """\n[apply]\n"""\n[apply]\nlock_wait = -1', "migcheck.toml:5: apply.lock_wait: input should be"),
        (
            '[[folder]]\npath = "x"\nledger = { schema = "a\\u0000b" }',
            "migcheck.toml:3: folder.ledger.schema: it holds a NUL character",
        ),
        ('[sql]\nbig_tables = ["x",\n"a\\u0000"]', "migcheck.toml:3: sql.big_tables: it holds a NUL character"),
    ],
)
def test_a_wrong_value_is_told_in_the_words_of_toml(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, {"migcheck.toml": text})
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert caught.value.problem.startswith(told)
    assert "pw" not in caught.value.problem


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool]\nmigcheck = 1", "pyproject.toml:2: tool.migcheck: it is a table: write [tool.migcheck]"),
        (
            "[tool.migcheck]\napply=1",
            "pyproject.toml:2: apply: it is a table: write [tool.migcheck.apply] or apply =",
        ),
        (
            "[tool.migcheck]\nwaiver=1",
            "pyproject.toml:2: waiver: it is a list of tables: write [[tool.migcheck.waiver]]",
        ),
        ("[tool.migcheck]\nnope = 1", "pyproject.toml:2: unknown key `nope`"),
    ],
)
def test_a_wrong_value_in_pyproject_is_told_as_it_is_written_there(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, {"pyproject.toml": text})
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert caught.value.problem.startswith(told)
