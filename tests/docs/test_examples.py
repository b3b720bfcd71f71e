"""The example on the page of each rule of the gate `sql`: what is told there is what is told on a real server."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config import SqlConfig
from migcheck.drizzle.schema import Relation
from migcheck.facts.lint.opinions import read_opinions
from migcheck.facts.lint.reading import Changes, read_changes
from migcheck.facts.release import OwnQuery
from migcheck.facts.rows import Seed
from migcheck.facts.sizes import UnknownTable
from migcheck.facts.sql import SqlFacts
from migcheck.finding import Finding, Location
from migcheck.postgres.scratch import ScratchServer
from migcheck.report.findings import write_findings
from migcheck.report.page import Page
from migcheck.rule import judge
from tests.support.rehearsals import folder_of, rehearsed
from tests.support.releases import SHOP, rehearsed_while

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
_BLOCKS = re.compile(r"```sql\n(?P<landed>.*?)\n```.*?```sql\n(?P<new>.*?)\n```.*?```text\n(?P<told>.*?)```", re.DOTALL)
READ = ("MC311", "MC330", "MC331")
"""What a rehearsal meets as a refusal, and opinions: they are read."""
SOWN = "MC319"
"""What the project's own rows do."""
HANDS_ON = "MC318"
"""What one migration does to the next."""
MISNAMED = "MC328"
"""What the configuration gets wrong."""
LARGE = ("MC327", "MC333", "MC334", "MC335")
"""What is told of a large table alone."""
ASKED = {"MC324": "select name from users where age > $1", "MC325": "select nobody from users"}
"""Queries of a project, where an example is about one."""
# By whom the release is known that runs in the examples about one.
RUNNING = ("MC321", "MC322", "MC323", "MC324", "MC325")


def seen(server: ScratchServer, code: str, landed: str, new: str) -> Iterable[Finding]:
    queries = (OwnQuery(Location("queries/adults.sql", 1), ASKED[code], 1),) if code in ASKED else ()
    if code == HANDS_ON:
        base = folder_of({"0000_base": landed})
        both = rehearsed(server, folder_of({"0000_base": landed, "0001_new": new, "0002_next": "select 1;"}), base)
        return judge(SQL_RULES, SqlFacts(both.seen))
    seed = Seed("db/seed.sql", "insert into people (name) values ('Ann');") if code == SOWN else None
    relations: tuple[Relation, ...] = SHOP if code in RUNNING else ()
    found = rehearsed_while(server, new, *relations, base=landed, queries=queries, named=bool(queries), seed=seed)
    if code == MISNAMED:
        unknown = (UnknownTable("user", Location("migcheck.toml"), "public.users"),)
        return judge(SQL_RULES, SqlFacts(found.seen, unknown=unknown))
    config = SqlConfig(big_tables=("users", "posts") if code in LARGE else None)
    facts = SqlFacts(found.seen, config=config, running=found.running, rows=found.rows, locked=found.locked)
    return judge(SQL_RULES, facts)


def read(landed: str, new: str) -> Iterable[Finding]:
    head = folder_of({"0000_base": landed, "0001_new": new})
    changes = read_changes(head.migrations[:1], head.migrations[1:], None, ())
    assert isinstance(changes, Changes)
    opinions = read_opinions(head.migrations[1:], ["prefer-timestamp-tz"], "migcheck.toml")
    return judge(SQL_RULES, SqlFacts(changes.seen, opinions=opinions, unparsed=changes.unparsed))


def test_each_rule_of_the_gate_has_an_example() -> None:
    assert sorted(each.stem for each in EXAMPLES.iterdir()) == sorted(each.code for each in SQL_RULES)


@pytest.mark.server
@pytest.mark.parametrize("example", sorted(EXAMPLES.iterdir()), ids=lambda each: each.stem)
def test_what_an_example_says_is_told(server: ScratchServer, example: Path, request: pytest.FixtureRequest) -> None:
    text = example.read_text("utf-8")
    blocks = _BLOCKS.search(text)
    assert blocks is not None
    code, landed, new = example.stem, blocks["landed"], blocks["new"]
    findings = read(landed, new) if code in READ else seen(server, code, landed, new)
    page = Page()
    write_findings(page, [each for each in findings if each.code == code], verbose=False)
    told = page.render().lstrip("\n")
    if request.config.getoption("--update-golden"):
        example.write_text(text[: blocks.start("told")] + told + text[blocks.end("told") :], "utf-8")
    assert told
    assert example.read_text("utf-8") == text[: blocks.start("told")] + told + text[blocks.end("told") :]
