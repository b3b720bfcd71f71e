"""What MC336 says of a column whose new type keeps less of its values, and which types do."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.placing import stated, stated_before, stated_in
from migcheck.facts.replay.watching.retyped import as_written
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.lossy import Lessened, loss
from migcheck.facts.sql.misfit import Lessens
from migcheck.facts.sql.observation import Cause, Rewritten, Seen
from migcheck.facts.sql.retype import Retype
from migcheck.facts.sql.rows import Answer, Found, Question, Rows, Unasked
from migcheck.facts.target.sizes import Size, Sizes, Unsized
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.table import Column, Table
from migcheck.rule import judge
from tests.support.growth import LINEAR, growth

AT = Location("drizzle/0001_new.sql", 3)
LOST = Rewritten("at was …", Cause.RETYPED, (Lessened("at", "date", "the time of day"),))
SEEN = Seen("0001_new", AT, "alter …", "public.users", LOST, "ACCESS EXCLUSIVE")
QUESTION = Question("0001_new", AT, "alter …", "public.users", Lessens("at"), "select 1")
KEEP = (
    "Where what is lost is wanted, add a column of the new type beside the old one, fill it, and drop the old one in a "
    "later deploy."
)


def judged(
    answer: Answer | None = None, sizes: Sizes | Unsized | None = None, landed: frozenset[str] = frozenset()
) -> list[Finding]:
    rows = Rows(0, questions=(QUESTION,)) if answer is not None else None
    answers = {"select 1": answer} if answer is not None else {}
    facts = SqlFacts((SEEN,), landed, sizes or {}, SqlConfig(big_tables=()), rows=rows, answers=answers)
    return [each for each in judge(SQL_RULES, facts) if each.code != "MC307"]


def test_it_warns_where_nobody_knows_and_is_an_error_where_the_target_has_such_values() -> None:
    (found,) = judged()
    assert (found.code, found.severity, found.fix) == ("MC336", Severity.WARNING, KEEP)
    assert found.message == "0001_new gives public.users.at the type date: the time of day is lost"
    (found,) = judged(Found(3))
    assert found.severity is Severity.ERROR
    assert found.message.endswith("the time of day is lost, and the target has 3 such rows")
    assert str(found.fix).startswith(f"{KEEP} `select 1` finds such rows.\nIf it is meant, say so")
    (found,) = judged(Unasked("denied"))
    silent = "the target did not say whether it has such rows: denied"
    assert (found.severity, found.fix) == (Severity.WARNING, f"{KEEP} `select 1` finds such rows ({silent}).")
    assert judged(Found(0)) == judged(sizes={"public.users": Size(None, 8192, empty=True)}) == []
    (found,) = judged(landed=frozenset({"0001_new"}))
    assert str(found.fix).endswith("see to it that nothing there needs what it takes away.")


def test_a_value_of_which_nothing_is_kept_is_an_error_until_the_target_has_none() -> None:
    gone = replace(SEEN, change=Rewritten("…", Cause.RETYPED, (Lessened("at", "boolean", "each value", every=True),)))
    facts = SqlFacts((gone,), frozenset(), {}, SqlConfig(big_tables=()))
    (found,) = (each for each in judge(SQL_RULES, facts) if each.code == "MC336")
    assert (found.severity, found.message) == (
        Severity.ERROR,
        "0001_new gives public.users.at the type boolean: each value is lost",
    )
    rows, none = Rows(0, questions=(QUESTION,)), {"select 1": Found(0)}
    assert [each for each in judge(SQL_RULES, replace(facts, rows=rows, answers=none)) if each.code == "MC336"] == []


@pytest.mark.parametrize(
    ("was", "now", "what"),
    [
        ("timestamp without time zone", "date", "the time of day"),
        ("timestamp(3) with time zone", "date", "the time of day"),
        ("timestamp with time zone", "time(0) with time zone", "the date"),
        ("timestamp with time zone", "timestamp(3) with time zone", "each fraction of a second that has more digits"),
        ("time(3) without time zone", "time without time zone", None),
        ("timestamp(0) without time zone", "timestamp with time zone", None),
        ("time without time zone", "interval", None),
        ("time without time zone", "interval(0)", "each fraction of a second that has more digits"),
        ("time(3) without time zone", "interval(3)", None),
        ("time(0) without time zone", "interval hour to minute", "each part that is less than a whole minute"),
        ("time with time zone", "interval(0)", None),
        ("interval", "interval(0)", "each fraction of a second that has more digits"),
        ("interval(6)", "interval day to second(3)", "each fraction of a second that has more digits"),
        ("interval day to second", "interval hour to minute", "each part that is less than a whole minute"),
        ("interval year to month", "interval year", "each part that is less than a whole year"),
        ("interval day", "interval(0)", None),
        ("interval(3)", "interval second(3)", None),
        ("interval(0)", "interval", None),
        ("interval", "time without time zone", "each whole day"),
        (
            "interval day to second",
            "time(3) without time zone",
            "each whole day, and each fraction of a second that has more digits",
        ),
        ("interval", "time with time zone", None),
        ("date", "timestamp without time zone", None),
        ("numeric(10,4)", "numeric(10,2)", "each digit behind the point from place 3 on"),
        ("numeric", "numeric(10,0)", "each digit behind the point"),
        ("real", "smallint", "each digit behind the point"),
        ("numeric(10,2)", "numeric(5,2)", None),
        ("numeric(10,0)", "integer", None),
        ("numeric(10,2)", "numeric", None),
        ("double precision", "numeric", "each digit behind the fifteenth"),
        ("real", "numeric", "each digit behind the sixth"),
        ("real", "numeric(10,2)", "each digit behind the sixth, and each digit behind the point from place 3 on"),
        ("bigint", "double precision", "each digit behind the fifteenth"),
        ("integer", "real", "each digit behind the sixth"),
        ("integer", "double precision", None),
        ("smallint", "real", None),
        ("integer", "numeric(9,-2)", "the last 2 digits before the point"),
        ("integer", "numeric(9,0)", None),
        ("double precision", "real", "each digit behind the sixth"),
        ("numeric(16,2)", "double precision", "each digit behind the fifteenth"),
        ("numeric(10,2)", "double precision", None),
        ("real", "double precision", None),
        ("double precision", "double precision", None),
        ("bigint", "integer", None),
        ("time(3) with time zone", "time(6) without time zone", "the offset from UTC"),
        (
            "time with time zone",
            "time(3) without time zone",
            "the offset from UTC, and each fraction of a second that has more digits",
        ),
        ("time without time zone", "time with time zone", None),
        ("text[]", "character varying(3)[]", "each character behind the first 3 of each element"),
        ("numeric(10,4)[]", "numeric(10,2)[]", "each digit behind the point from place 3 on of each element"),
        ("text", "character varying(3)[]", None),
        ("text", "character varying(3)", "each character behind the first 3"),
        ("character varying(3)", "character(2)", "each character behind the first 2"),
        ("character varying(3)", "character varying(8)", None),
        ("character varying(3)", "text", None),
    ],
)
def test_what_a_value_loses(was: str, now: str, what: str | None) -> None:
    lost = loss(was, now)
    assert (lost.what if lost else None) == what


def table(name: str, **columns: str) -> Table:
    numbered = {
        at: Column(each, kind, kind, required=False, filled=False, generated=False)
        for at, (each, kind) in enumerate(columns.items(), 1)
    }
    return Table(1, f"public.{name}", {}, 0, 0, "", False, False, numbered, {}, {})  # noqa: FBT003 - it has no say


FIRST = table("t", price="numeric(10,4)", note="text")
NOW = table("t", price="numeric(10,2)", note="character varying(5)")
PRICE_ALONE = table("t", price="numeric(10,2)", note="text")
PRICE = Lessened("price", "numeric(10,2)", "each digit behind the point from place 3 on")
NOTE = Lessened("note", "character varying(5)", "each character behind the first 5")
GONE = Lessened("price", "numeric(10,2)", "each value", every=True)
ALTER = "alter table t alter price type numeric(10,2)"
CUT = "alter table t alter note type varchar(5) using note::varchar(5)"
COLLATED = 'alter table t alter note type varchar(5) collate "C" using note::varchar(5)'


def lessened(text: str, before: Table = FIRST, now: Table | None = None) -> tuple[Lessened, ...]:
    now = now or (NOW if "note" in text or "select" in text else PRICE_ALONE)
    migration = Migration("0001_new", 1, "new.sql", text.encode())
    change = as_written(Rewritten("…", retyped=(Retype("price", "…", "…"),)), stated(migration), (FIRST, before, now))
    assert isinstance(change, Rewritten)
    return change.lessened


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        (f"{ALTER}; {CUT}", (PRICE, NOTE)),
        # Without a cast in so many words it fails, and cuts nothing.
        (f"{ALTER}; alter table t alter note type varchar(5)", (PRICE,)),
        ("alter table t alter price type numeric(10,2) using (price * 100)::numeric(10,2)", ()),
        ("alter table t alter price type numeric(10,2) using price * 100, alter note type varchar(5)", ()),
        # It cuts and rounds as a cast does.
        (f"{ALTER} using round(price, 2); {CUT.replace('note::varchar(5)', 'left(note, 5)')}", (PRICE, NOTE)),
        # A USING of something else says nothing of it, and nor does a comment.
        ("alter table t alter price type numeric(10,2) using cast(price as numeric(10,2))", (PRICE,)),
        ('alter table t alter price type numeric(10,2) using "t"."price"::numeric(10,2)', (PRICE,)),
        (f"{ALTER}; alter table t alter note type varchar(5) using CAST(t.note AS varchar(5))", (PRICE, NOTE)),
        (f"{ALTER}; create index i on t using btree (price)", (PRICE,)),
        (f"{ALTER} -- no using needed", (PRICE,)),
        (f"{ALTER} /* using? */; -- no using", (PRICE,)),
        (f"{ALTER}; alter table b alter price type numeric(10,2) using price * 100", (PRICE,)),
        (f"alter table b alter price type numeric(10,2) using price; {ALTER}, alter note type varchar(5)", (PRICE,)),
        (f"{CUT.replace('table t', 'table b')}; {ALTER}, alter note type varchar(5)", (PRICE,)),
        # It is text in between, and told of what cuts it.
        (f"alter table t alter note type text using note::text; {ALTER}, alter note type varchar(5)", (PRICE,)),
        (f"{ALTER}; {COLLATED}", (PRICE, NOTE)),
        (f'{ALTER}; {CUT} collate pg_catalog."C"', (PRICE, NOTE)),
        # Twice, it may lose what it does the last time, and more.
        (f"alter table t alter price type numeric(10,3); {ALTER}", (PRICE,)),
        # Nobody reads what runs in a function, and which table a block alters.
        ("select alter_it()", (PRICE, NOTE)),
        (f"do $$ begin {ALTER}; {CUT}; end $$", (PRICE, NOTE)),
        ("do $$ begin alter table t alter price type numeric(10,2) using price * 100; end $$", ()),
        # What does not name the column keeps nothing of it, and neither does another column's cast.
        ("alter table t alter price type numeric(10,2) using 0", (GONE,)),
        (f"{ALTER} using length('price' || 'x')", ()),
        (f"{ALTER} using cost::numeric(10,2); {CUT}", (GONE, NOTE)),
        (f'{ALTER} using "t".prices', (GONE,)),
        (f"{ALTER} using ( Price)", ()),
        (f"do $$ begin {ALTER} using default_price(); end $$", (GONE,)),
    ],
)
def test_of_a_using_that_does_more_than_cast_nobody_knows_what_it_keeps(text: str, lost: tuple[Lessened, ...]) -> None:
    assert lessened(text) == lost


def test_a_column_with_another_name_by_now_is_told_by_its_first_one() -> None:
    before, now = (
        replace(each, columns={**each.columns, 2: replace(each.columns[2], name="title")}) for each in (FIRST, NOW)
    )
    assert lessened(f"{ALTER}; {CUT.replace('note', 'title')}", before, now) == (PRICE, NOTE)
    # So is a table that gets its name in the same piece.
    renamed = "alter table t rename to u; alter table u rename note to title"
    cut = f"{renamed}; alter table u alter title type varchar(5) using title::varchar(5)"
    assert lessened(cut, FIRST, replace(now, name="public.u")) == (PRICE, NOTE)


AS_TEXT = "alter table t alter price type text"
FROM_TEXT = f"{ALTER} using price::numeric(10,2)"
BETWEEN = table("t", price="text", note="text")


@pytest.mark.parametrize(
    ("earlier", "by", "lost"),
    [
        (AS_TEXT, FROM_TEXT, (PRICE,)),
        (f"{AS_TEXT} using price::text", FROM_TEXT, (PRICE,)),
        # What is said to be more than a cast, of another column, or unread.
        (f"{AS_TEXT} using to_char(price, '9D9')", FROM_TEXT, ()),
        (AS_TEXT, f"{ALTER} using trim(price)::numeric(10,2)", ()),
        ("alter table t alter note type text", FROM_TEXT, ()),
        ("select alter_it()", FROM_TEXT, ()),
    ],
)
def test_by_way_of_text_a_value_loses_the_same(earlier: str, by: str, lost: tuple[Lessened, ...]) -> None:
    before, now = (list(stated(Migration("0001_new", 1, "new.sql", each.encode()))) for each in (earlier, by))
    rewritten = Rewritten("…", retyped=(Retype("price", "…", "…"),))
    assert as_written(rewritten, now, (FIRST, BETWEEN, PRICE_ALONE), before) == replace(rewritten, lessened=lost)


def test_what_comes_before_is_read_only_where_it_may_have_made_a_column_text() -> None:
    change = Rewritten("…", retyped=(Retype("price", "integer", "bigint"),))
    was, now = table("t", price="integer"), table("t", price="bigint")

    def work(size: int) -> object:
        text = "alter table t alter price type bigint;\n--> statement-breakpoint\n"
        new = Migration("0001_new", 1, "new.sql", (text * size).encode())
        told = [(stated_in(new, each), stated_before(new, each)) for each in new.pieces]
        return [as_written(change, by, (was, was, now), earlier) for by, earlier in told]

    assert growth(work, 20) < LINEAR
