"""What is read as no value of a type, as a server below PostgreSQL 16 does it: by its own casts, value for value."""

import pytest

from migcheck.facts.replay.with_rows.unread import unread
from migcheck.postgres.scratch.contract import ScratchServer

UUID = "5b0f4f0e-7c3c-4a0e-9a4a-000000000001"
WORDS = [
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "1",
    "0",
    "o",
    "t",
    "01",
    "10",
    "truee",
    "nope",
    "y e",
    "null",
    "ye\u017f",
]
BEGUN = {word[:end] for word in WORDS for end in range(len(word) + 1)}
EDGES = [f"{sign}{2**bits + more}" for bits in (15, 31, 63) for sign in ("", "+", "-") for more in (-1, 0, 1)]
NUMBERS = [
    "7",
    "-0",
    "+5",
    "--5",
    "- 5",
    "1.0",
    "1e3",
    "1_000",
    "0x1F",
    "0b1",
    "0o7",
    "_1",
    "\uff11",
    "0" * 60 + "7",
    "9" * 400,
]
FRACTIONS = [
    *(
        "1.5",
        ".5",
        "1.",
        ".",
        "+.",
        "1.2.3",
        "1,5",
        "1e+3",
        "-1.5E2",
        "1e-400",
        "1e",
        "e5",
        "1 e2",
        "1e2.5",
        "nan",
        "+nan",
    ),
    *("9999.994", "9999.995", "-9999.995", "1e9999", "inf", "-Infinity", "+inf", "infinit"),
]
PLAIN = UUID.replace("-", "")
HYPHENS = ["-".join(PLAIN[at : at + size] for at in range(0, 32, size)) for size in (1, 2, 4, 8, 16, 32)]
UUIDS = [
    UUID,
    *HYPHENS,
    UUID.upper(),
    UUID[:-1],
    f"{UUID}0",
    f"{UUID}-",
    f"-{UUID}",
    f"{{{UUID}",
    f"{UUID}}}",
    f"g{UUID[1:]}",
]
BARE = ["", *BEGUN, *EDGES, *NUMBERS, *FRACTIONS, *UUIDS, *(f"{{{each}}}" for each in UUIDS)]
ROUND = (" {}", "{} ", "\t{}\n", "\r\f\v{}", "\u00a0{}", "{}\u2003", "{}\n{}", "{} x", "\\{}", "'{}")
TEXTS = [*BARE, *(str.upper(each) for each in BARE), *(how.replace("{}", each) for how in ROUND for each in BARE)]
KINDS = ("boolean", "uuid", "smallint", "integer", "bigint", "numeric", "numeric(6,2)")
# The server says of each whether it casts it.
TAKES = """
    create function takes(what text, kind text) returns boolean language plpgsql as $$
    begin execute format('select $1::%s', kind) using what; return true;
    exception when data_exception then return false; end $$
"""


@pytest.mark.debian
@pytest.mark.server
def test_it_is_what_the_server_does_not_cast(like_target: ScratchServer) -> None:
    like_target.create_database("texts")
    with like_target.connect("texts") as server:
        assert server.info.server_version < 160_000
        server.execute("create table t (a text)")
        # Blanks behind the sign of an exponent an older one passes over.
        server.execute("insert into t select unnest(%s::text[]) union select null", ([*TEXTS, "1e 3", "1e\t+9"],))
        server.execute(TAKES)
        for kind in KINDS:
            found = set(server.execute(f"select a from t where {unread('a', kind)}".encode()))
            refused = set(server.execute("select a from t where not takes(a, %s)", (kind,)))
            assert found < set(server.execute("select a from t where a is not null")), kind
            # Which other blanks there are depends on the locale; where one is taken for one, it is not found.
            assert {each for each in refused ^ found if str(each[0]).isascii()} == set(), kind
            assert found <= refused, kind
        # Nor is it another where a backslash in a literal is an escape.
        server.execute("set standard_conforming_strings = off; set escape_string_warning = off")
        for kind, text in (("boolean", "' on '"), ("uuid", f"'{{{UUID}}}'"), ("integer", "' -7 '")):
            assert server.execute(f"select {unread(text, kind)}".encode()).fetchone() == (False,)


@pytest.mark.server
def test_a_newer_server_takes_all_that_is_not_found(server: ScratchServer) -> None:
    server.create_database("texts")
    with server.connect("texts") as newer:
        newer.execute("create table t (a text)")
        newer.execute("insert into t select unnest(%s::text[])", (TEXTS,))
        for kind in KINDS:
            query = f"select a from t where {unread('a', kind)} and pg_input_is_valid(a, '{kind}')"
            assert newer.execute(query.encode()).fetchall() == [], kind


def test_of_another_type_nothing_is_known() -> None:
    assert [unread("a", each) for each in ("date", "uuid[]", "jsonb", "numeric(4,2)[]")] == [""] * 4
