"""The example on the page of each rule of the gate `sql`: what is told there is what is told on a real server."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.drizzle.ledger import Batching
from migcheck.drizzle.schema import Relation
from migcheck.facts.lint.opinions import read_opinions
from migcheck.facts.lint.reading import Changes, read_changes
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.release import OwnQuery
from migcheck.facts.sql.rows import Seed
from migcheck.facts.target.sizes import UnknownTable
from migcheck.finding import Finding, Location
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.report.findings import write_findings
from migcheck.report.page import Page
from migcheck.rule import judge
from tests.support.apart import apart, as_alone
from tests.support.rehearsals import folder_of, outcomes, rehearsed
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
MADE_UP = ("MC312", "MC334")
"""What rows that are made up tell: those of other migrations are in the way."""
CUT = "MC317"
"""What a longer name tells."""
ALONE = (*READ, SOWN, HANDS_ON, MISNAMED, *RUNNING, *MADE_UP, CUT)
_TAG = re.compile(r"\b\d{4}_new\b")


class Example(Struct, frozen=True):
    """The page `path` of a rule: a migration that comes after what has landed, and what is told of it."""

    path: Path
    text: str
    landed: str
    new: str

    @classmethod
    def at(cls, path: Path) -> "Example":
        """The one that is written there."""
        blocks = _BLOCKS.search(text := path.read_text("utf-8"))
        assert blocks is not None
        return cls(path, text, blocks["landed"], blocks["new"])

    def telling(self, findings: Iterable[Finding]) -> str:
        """The page as it is where these are told."""
        page = Page()
        write_findings(page, [each for each in findings if each.code == self.path.stem], verbose=False)
        told = page.render().lstrip("\n")
        assert told, self.path
        blocks = _BLOCKS.search(self.text)
        assert blocks is not None
        return self.text[: blocks.start("told")] + told + self.text[blocks.end("told") :]


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


def seen_together(server: ScratchServer, examples: Sequence[Example]) -> dict[str, list[Finding]]:
    """What is told of each by its code, as if it were the only one: on tables, and in a transaction, of its own."""
    numbered = {f"{int(each.path.stem[2:]):04}_new": each for each in examples}
    both = [apart(number, each.landed, each.new) for number, each in enumerate(examples)]
    landed = {"0000_base": "\n".join(base for base, _ in both)}
    head = folder_of({**landed, **dict(zip(numbered, (new for _, new in both), strict=True))})
    found = rehearsed(server, head, folder_of(landed), batching=Batching.EACH)
    assert outcomes(found) == ("passed",) * 4
    large = [f"c{number}_{name}" for number in range(len(examples)) for name in ("users", "posts")]
    told: dict[str, list[Finding]] = {each.path.stem: [] for each in examples}
    for config in (SqlConfig(), SqlConfig(big_tables=tuple(large))):
        for each in judge(SQL_RULES, SqlFacts(found.seen, config=config, locked=found.locked)):
            code = numbered[each.migration or ""].path.stem
            if (code in LARGE) == (config.big_tables is not None):
                told[code].append(_alone(each))
    return told


def _alone(finding: Finding) -> Finding:
    """The same where its migration is the only one."""

    def plain(text: str) -> str:
        return _TAG.sub("0001_new", as_alone(text))

    evidence, at = plain(finding.evidence), replace(finding.at, path=plain(finding.at.path))
    return replace(finding, at=at, message=plain(finding.message), evidence=evidence, fix=plain(finding.fix))


def read(landed: str, new: str) -> Iterable[Finding]:
    head = folder_of({"0000_base": landed, "0001_new": new})
    changes = read_changes(head.migrations[:1], head.migrations[1:], None, ())
    assert isinstance(changes, Changes)
    opinions = read_opinions(head.migrations[1:], ["prefer-timestamp-tz"], "migcheck.toml")
    return judge(SQL_RULES, SqlFacts(changes.seen, opinions=opinions, unparsed=changes.unparsed))


def test_each_rule_of_the_gate_has_an_example() -> None:
    assert sorted(each.stem for each in EXAMPLES.iterdir()) == sorted(each.code for each in SQL_RULES)


@pytest.mark.server
@pytest.mark.parametrize("code", ALONE)
def test_what_an_example_says_is_told(server: ScratchServer, code: str, request: pytest.FixtureRequest) -> None:
    example = Example.at(EXAMPLES / f"{code}.md")
    landed, new = example.landed, example.new
    told = example.telling(read(landed, new) if code in READ else seen(server, code, landed, new))
    if request.config.getoption("--update-golden"):
        example.path.write_text(told, "utf-8")
    assert example.path.read_text("utf-8") == told


@pytest.mark.server
def test_what_the_other_examples_say_is_told(server: ScratchServer, request: pytest.FixtureRequest) -> None:
    examples = [Example.at(each) for each in sorted(EXAMPLES.iterdir()) if each.stem not in ALONE]
    findings = seen_together(server, examples)
    told = {each.path: each.telling(findings[each.path.stem]) for each in examples}
    if request.config.getoption("--update-golden"):
        for path, text in told.items():
            path.write_text(text, "utf-8")
    assert {path: path.read_text("utf-8") for path in told} == told
