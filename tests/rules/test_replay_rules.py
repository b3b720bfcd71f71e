"""Each rule of the gate `replay`: one rehearsal it speaks of, and the whole of what it says."""

from dataclasses import replace

from msgspec import structs

from migcheck.catalogue import REPLAY_RULES
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, LedgerRow
from migcheck.facts.copy import Copy
from migcheck.facts.rehearsal import (
    Apart,
    Differs,
    Failed,
    NotRepeatable,
    NotRun,
    NotTried,
    Passed,
    Rehearsal,
    Repeatable,
    ReplayFacts,
    Request,
    Way,
)
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.contract import ServerDescription
from migcheck.rule import judge
from tests.support.rehearsals import folder_of, history_of

SERVER = ServerDescription("embedded", 170010, "a wheel", "bubblewrap")
HEAD = folder_of({"0000_users": "create table users ();", "0001_posts": "create table posts ();"})
BASE = structs.replace(HEAD, migrations=HEAD.migrations[:1])
REQUEST = Request(HEAD, BASE, BASE.migrations, HEAD.migrations[1:])
FAILURE = SqlFailure(
    "0001_posts", "drizzle/0001_posts.sql", 3, "insert into x", "23505", "duplicate key", "Key (1) exists.", "Look."
)
FRESH, AGAIN, UPGRADE, SAME = (Passed(way, 1) for way in Way)
NO_SAME = NotRun(Way.SAME, "upgrade did not go through")


def facts(*ways: Passed | Failed | Differs | NotRun, request: Request = REQUEST, **more: int) -> ReplayFacts:
    outcomes = {FRESH.way: FRESH, AGAIN.way: AGAIN, UPGRADE.way: UPGRADE, SAME.way: SAME, **{w.way: w for w in ways}}
    return ReplayFacts(Rehearsal(SERVER, request, tuple(outcomes.values())), target_major=more.get("target_major", 0))


def only(given: ReplayFacts) -> Finding:
    (found,) = judge(REPLAY_RULES, given)
    return found


def test_a_rehearsal_that_passed_has_no_finding() -> None:
    assert judge(REPLAY_RULES, facts(target_major=17)) == ()


def test_mc401_names_way_migration_place_statement_state_message_and_hint() -> None:
    found = only(facts(Failed(Way.UPGRADE, 5, FAILURE, Batching.ALL), NO_SAME))
    assert (found.code, found.severity, found.at) == ("MC401", Severity.ERROR, Location("drizzle/0001_posts.sql", 3))
    assert (
        found.message
        == "0001_posts fails on top of what is there (upgrade, all in one transaction): 23505 duplicate key"
    )
    assert found.evidence == "insert into x\ndetail: Key (1) exists.\nhint: Look."


def test_mc401_tells_one_fault_of_two_ways_once() -> None:
    failed = (Failed(Way.FRESH, 5, FAILURE, Batching.ALL), Failed(Way.UPGRADE, 5, FAILURE, Batching.ALL))
    assert only(facts(*failed)).message.startswith(
        "0001_posts fails on an empty database and on top of what is there (fresh and upgrade, all in one transaction)"
    )


def test_mc401_knows_the_way_out_of_an_enum_value() -> None:
    failure = replace(FAILURE, sqlstate="55P04")
    assert "in a migration of the next deploy" in only(facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL))).fix


def test_mc401_tells_what_comes_too_late_in_a_transaction_from_what_cannot_be_in_one() -> None:
    def fix(statement: str) -> str:
        failure = replace(FAILURE, sqlstate="25001", statement=statement)
        return only(facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL))).fix

    assert "Create the index without CONCURRENTLY.\nOr deploy with `migcheck apply`. Write it so that it" in fix(
        "create unique index concurrently i on t (x);"
    )
    assert "cannot run. Leave CONCURRENTLY out.\nOr deploy with `migcheck apply`. Say in" in fix(
        "reindex table concurrently t;"
    )
    assert (
        "cannot run. Take it out and run it by hand, where it changes nothing of the schema (VACUUM, CLUSTER, ALTER "
        "SYSTEM).\nOr deploy with `migcheck apply`. Say in"
    ) in fix("vacuum full t;")
    assert '[[migration]]\ntag = "0001_posts"\ntransaction = "none"' in fix("vacuum;")
    late = (
        "A transaction's isolation level is set before its first query, and Drizzle runs everything pending in one. "
        "Take the statement out. Or put it at the top of the migration, and deploy nothing else before that."
    )
    assert fix("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;") == fix("begin isolation level serializable;") == late


def test_mc401_says_what_runs_outside_of_a_transaction() -> None:
    failure = replace(FAILURE, sqlstate="25001", statement="begin;")
    outside = structs.replace(REQUEST, outside=frozenset({"0001_posts"}))
    found = only(facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL), request=outside))
    assert (
        found.message
        == "0001_posts fails on top of what is there (upgrade, outside of a transaction): 25001 duplicate key"
    )
    assert found.fix.startswith("This migration runs outside of a transaction, each statement alone. Take BEGIN")


def test_mc401_knows_that_no_driver_sends_data_after_a_copy() -> None:
    failure = replace(FAILURE, sqlstate="57014", message="COPY from stdin failed: No source stream defined")
    assert "write the rows as INSERT" in only(facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL))).fix


def test_mc401_tells_the_time_of_the_rehearsal_from_that_which_somebody_sets() -> None:
    def fix(message: str, *, late: bool = False) -> str:
        failure = replace(FAILURE, sqlstate="57014", message=message, late=late)
        return only(facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL))).fix

    assert "raise `timeout` under [scratch]" in fix("still running when the 60 s were over", late=True)
    failure = SqlFailure("0001_posts", FAILURE.path, 3, "", "57014", "late", late=True, until="drizzle/0002_last.sql")
    found = only(facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL)))
    assert (found.at, found.migration, found.evidence) == (Location(FAILURE.path), None, "")
    assert found.message.startswith(f"{FAILURE.path} to drizzle/0002_last.sql fails on top of what is there")
    timed = "canceling statement due to statement timeout"
    assert fix(timed).startswith("None of these migrations sets `statement_timeout`")
    sets = folder_of({"0001_posts": "SET statement_timeout = '1s';"})
    failure = replace(FAILURE, sqlstate="57014", message=timed)
    request = structs.replace(REQUEST, head=sets, new=sets.migrations)
    found = only(facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL), request=request))
    assert found.fix.startswith("This migration sets `statement_timeout`, or one before it")
    assert fix("canceled on purpose") == "Fix the statement that is named."


def test_mc401_has_one_way_out_of_what_is_new_and_another_of_what_has_landed() -> None:
    failed = (Failed(Way.UPGRADE, 5, FAILURE, Batching.ALL), NO_SAME)
    assert only(facts(*failed)).fix == "Fix the statement that is named."
    landed = structs.replace(REQUEST, base=HEAD)
    assert only(facts(*failed, request=landed)).fix.startswith(
        "It has landed as it is. Which of these is it?\n- This change"
    )


def test_mc401_leaves_to_the_history_what_makes_again_what_has_landed() -> None:
    there = replace(FAILURE, sqlstate="42P07", message='relation "posts" already exists')

    def fix(base: Folder, *ways: Way, failure: SqlFailure = there) -> str:
        request = Request(HEAD, base, base.migrations, HEAD.migrations)
        return only(facts(*(Failed(way, 5, failure, Batching.ALL) for way in ways), NO_SAME, request=request)).fix

    restarted = folder_of({"0000_first": "create table users (id int);", "0001_next": "create table posts (id int);"})
    edited = folder_of({"0000_users": "create table users ();", "0001_posts": "create table posts (id int);"})
    assert fix(restarted, Way.UPGRADE) == (
        "It makes again what has landed. Put the landed migrations back, as MC209 says: then this is gone, too."
    )
    assert fix(edited, Way.UPGRADE) == (
        "It makes again what has landed. Put the file back, as MC201 says: then this is gone, too."
    )
    usual = "Fix the statement that is named."
    assert fix(edited, Way.FRESH, Way.UPGRADE) == fix(edited, Way.UPGRADE, failure=FAILURE) == usual


def test_mc401_knows_who_makes_the_schema_of_the_ledger() -> None:
    def fix(schema: str) -> str:
        failure = replace(FAILURE, sqlstate="42P06", message=f'schema "{schema}" already exists')
        request = structs.replace(REQUEST, name=LedgerName("auth", "ledger"))
        return only(facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL), request=request)).fix

    assert fix("auth") == (
        "Drizzle makes the schema auth itself, before any migration, for its ledger. Write `CREATE SCHEMA IF NOT "
        "EXISTS`."
    )
    assert fix("shop") == "Fix the statement that is named."


def test_mc401_names_what_the_ledger_has_and_base_has_not() -> None:
    """Made anew behind a merge, with the text that ran or another: behind what is said of every such refusal."""
    new, landed = HEAD.migrations[1], BASE.migrations[0]
    mine = structs.replace(new, tag="0001_mine", sql=b"CREATE TABLE Posts (id int);")

    def fix(row: LedgerRow, *, said: str = 'relation "posts" already exists', copy: Copy | None = None) -> str:
        # Of a row with the text that ran, the rehearsal builds the file that has it now.
        built = (*REQUEST.built, new) if row.hash == new.hash else REQUEST.built
        request = structs.replace(REQUEST, ledger=Ledger(LedgerName(), (row,)), copy=copy, built=built)
        failure = replace(FAILURE, sqlstate="42P07", message=said)
        known = history_of(HEAD, BASE, mine)
        failed = facts(Failed(Way.UPGRADE, 5, failure, Batching.ALL), NO_SAME, request=request)
        return only(structs.replace(failed, history=known)).fix

    usual, row = "Fix the statement that is named.", LedgerRow(2, mine.hash, new.when - 1)
    there = (
        "{}\nOr is {} in the way, which base does not have? If no database ran it but that of "
        "drizzle.__drizzle_migrations: undo what it did on that database and delete its row there, or build that "
        "database anew; the next deploy then runs what the folder has."
    )
    assert fix(row) == there.format(usual, "0001_mine (row 2)")
    assert fix(LedgerRow(2, new.hash, new.when - 1)) == there.format(usual, "0001_posts (row 2)")
    drift = fix(row, copy=Copy("app", 170_000, "owner", ""))
    assert drift.startswith("The target has it otherwise.")
    assert drift.endswith(there.format("", "0001_mine (row 2)"))
    # What a typing error names; what nobody knows.
    assert fix(row, said='relation "psots" does not exist') == usual
    for other in (LedgerRow(2, mine.hash, landed.when), LedgerRow(2, "f" * 64, 1), LedgerRow(2, new.hash, new.when)):
        assert fix(other) == usual


def test_mc402_warns_where_the_next_deploy_may_do_it() -> None:
    found = only(facts(Failed(Way.FRESH, 5, FAILURE, Batching.ALL, Apart.TRANSACTION)))
    assert (found.code, found.severity) == ("MC402", Severity.WARNING)
    assert found.message == (
        "a new database can only be built with one transaction for each migration: "
        "in one for all (fresh), 0001_posts fails with 23505 duplicate key"
    )


def test_mc402_blocks_where_this_change_edits_the_migration() -> None:
    edited = structs.replace(HEAD.migrations[1], sql=b"create table other ();")
    before: Folder = structs.replace(HEAD, migrations=(HEAD.migrations[0], edited))
    request = Request(HEAD, before, before.migrations, ())
    failed = Failed(Way.FRESH, 5, FAILURE, Batching.ALL, Apart.TRANSACTION)
    assert only(facts(failed, request=request)).severity is Severity.ERROR


def test_mc403_tells_what_a_second_run_changes() -> None:
    found = only(facts(Differs(Way.AGAIN, 5, ("+ table public.a",))))
    assert (found.code, found.severity, found.evidence) == ("MC403", Severity.ERROR, "+ table public.a")
    assert found.message == "the migrator, run again on the same database, changes it"


def test_mc403_tells_what_a_second_run_is_refused() -> None:
    found = only(facts(Failed(Way.AGAIN, 5, FAILURE, Batching.ALL)))
    assert (found.code, found.at) == ("MC403", Location("drizzle/0001_posts.sql", 3))
    assert found.message == "the migrator, run again, runs 0001_posts once more: 23505 duplicate key"


def test_mc404_leaves_what_is_skipped_in_silence_to_other_gates() -> None:
    skipped = structs.replace(REQUEST, new=())
    assert judge(REPLAY_RULES, facts(Differs(Way.SAME, 5, ("- table public.posts",)), request=skipped)) == ()


def test_mc404_leaves_rewritten_history_to_its_gate() -> None:
    gone = structs.replace(HEAD.migrations[0], sql=b"create table people ();")
    request = structs.replace(REQUEST, built=(gone,))
    assert judge(REPLAY_RULES, facts(Differs(Way.SAME, 5, ("- table public.people",)), request=request)) == ()


def test_mc404_judges_a_folder_that_was_squashed_before() -> None:
    """Nothing else ever compares what the databases of the old folder have with what the new one builds."""
    old = HEAD.migrations
    head = folder_of({"0000_all": "create table everything ();"})
    head = structs.replace(head, migrations=(structs.replace(head.migrations[0], when=old[-1].when),))
    ledger = Ledger(LedgerName(), tuple(LedgerRow(row, each.hash, each.when) for row, each in enumerate(old, 1)))
    request = structs.replace(REQUEST, head=head, base=head, built=old, new=(), ledger=ledger)
    told = facts(Differs(Way.SAME, 5, ("- table public.everything",)), request=request)
    assert only(structs.replace(told, target_major=17)).code == "MC404"
    # Where this very change squashes it, gate `history` holds the two against each other.
    now = structs.replace(
        told, rehearsal=structs.replace(told.rehearsal, request=structs.replace(request, base=HEAD)), target_major=17
    )
    assert judge(REPLAY_RULES, now) == ()


def test_mc404_leaves_what_a_ledger_has_otherwise_to_gate_target() -> None:
    """It judges the rows of a target and those in a file: MC507 and MC508 say what to do about them."""
    edited = structs.replace(HEAD.migrations[0], sql=b"create table people ();")
    row = LedgerRow(1, edited.hash, edited.when)
    request = structs.replace(REQUEST, built=(edited,), ledger=Ledger(LedgerName(), (row,)))
    told = facts(Differs(Way.SAME, 5, ("- table public.people",)), request=request)
    assert judge(REPLAY_RULES, told) == ()
    assert judge(REPLAY_RULES, structs.replace(told, target_major=17)) == ()
    as_it_was = structs.replace(request, built=HEAD.migrations[:1], ledger=Ledger(LedgerName(), ()))
    assert only(facts(Differs(Way.SAME, 5, ("- table public.people",)), request=as_it_was)).code == "MC404"


def test_mc405_speaks_only_where_it_is_asked_for() -> None:
    passed = facts()
    reruns = (
        Repeatable("0000_users", "drizzle/0000_users.sql"),
        NotRepeatable("0001_posts", "drizzle/0001_posts.sql", 'relation "posts" already exists', 1, "42P07"),
    )
    told = structs.replace(passed, rehearsal=structs.replace(passed.rehearsal, reruns=reruns))
    assert judge(REPLAY_RULES, told) == ()
    found = only(structs.replace(told, repeatable=True))
    assert (found.code, found.at) == ("MC405", Location("drizzle/0001_posts.sql", 1))
    assert found.message == '0001_posts cannot run twice: 42P07 relation "posts" already exists'
    # What fails the first time is told once; what fails only in one batch with others is asked for all the same.
    for apart, codes in ((None, ["MC401"]), (Apart.TRANSACTION, ["MC402", "MC405"])):
        given = facts(Failed(Way.FRESH, 5, FAILURE, Batching.ALL, apart))
        failed = structs.replace(given, rehearsal=structs.replace(given.rehearsal, reruns=reruns), repeatable=True)
        assert sorted(each.code for each in judge(REPLAY_RULES, failed)) == codes


def test_mc405_asks_it_of_what_runs_outside_of_a_transaction() -> None:
    reruns = (
        NotRepeatable("0000_users", "drizzle/0000_users.sql", "already exists", 1, "42P07"),
        NotRepeatable("0001_posts", "drizzle/0001_posts.sql", "changes again: + index i"),
    )
    request = structs.replace(REQUEST, outside=frozenset({"0001_posts"}))
    passed = facts(request=request)
    found = only(structs.replace(passed, rehearsal=structs.replace(passed.rehearsal, reruns=reruns)))
    assert found.message == "0001_posts cannot run twice: changes again: + index i"
    assert found.fix.startswith("Make each statement one that can run again: IF NOT EXISTS")
    assert found.fix.endswith(
        "where it writes portions, each in a transaction of its own, to a script beside the migrations."
    )
    failed = facts(Failed(Way.UPGRADE, 5, FAILURE, Batching.ALL), NO_SAME, request=request)
    alone = only(structs.replace(failed, rehearsal=structs.replace(failed.rehearsal, reruns=reruns)))
    assert alone.code == "MC401"


def test_mc405_says_no_yes_to_what_was_not_tried() -> None:
    passed = facts()
    reruns = (NotTried("0001_posts", "drizzle/0001_posts.sql", "the rehearsal was not done within 8 s"),)
    told = structs.replace(passed, rehearsal=structs.replace(passed.rehearsal, reruns=reruns))
    assert judge(REPLAY_RULES, told) == ()
    found = only(structs.replace(told, repeatable=True))
    assert (found.code, found.severity, found.at) == ("MC405", Severity.ERROR, Location("drizzle/0001_posts.sql"))
    assert found.message == "0001_posts was not shown to run twice: the rehearsal was not done within 8 s"
    assert found.migration == "0001_posts"
    assert found.fix == "Mend what is named; where the time was over, raise `timeout` under [scratch] in migcheck.toml."


def test_mc406_warns_of_another_major_than_the_targets() -> None:
    found = only(facts(target_major=16))
    assert (found.code, found.severity) == ("MC406", Severity.WARNING)
    assert found.message == "the rehearsal ran on PostgreSQL 17, the target is 16"
    assert found.evidence == "embedded: a wheel"


def test_mc406_says_why_another_server_gave_way() -> None:
    given = facts(target_major=16)
    passed_over = ("embedded PostgreSQL 16: it lacks the extension vector",)
    found = only(structs.replace(given, rehearsal=structs.replace(given.rehearsal, passed_over=passed_over)))
    assert found.evidence.splitlines()[1:] == ["passed over embedded PostgreSQL 16: it lacks the extension vector"]


def on(server: ServerDescription, target_system: int) -> ReplayFacts:
    given = facts()
    return structs.replace(
        given, rehearsal=structs.replace(given.rehearsal, server=server), target_system=target_system
    )


def test_mc407_a_server_that_is_the_targets_own() -> None:
    own = ServerDescription("dsn", 170010, "MIGCHECK_SCRATCH_URL", "not confined", 4711)
    found = only(on(own, 4711))
    assert (found.code, found.severity, found.at) == ("MC407", Severity.WARNING, Location("drizzle"))
    assert found.message == (
        "the rehearsal ran on the target's own server, or on a physical copy of it: MIGCHECK_SCRATCH_URL and the "
        "target have one system identifier"
    )
    assert found.evidence == "system identifier 4711"
    assert judge(REPLAY_RULES, on(own, 4712)) == ()
    assert judge(REPLAY_RULES, on(structs.replace(own, system=0), 0)) == ()


def test_mc408_tells_what_became_of_the_ledger() -> None:
    def on_ledger(request: Request, *lines: str) -> ReplayFacts:
        given = facts(request=request)
        return structs.replace(given, rehearsal=structs.replace(given.rehearsal, ledger_change=lines))

    found = only(on_ledger(REQUEST, "+ row: hash x, created_at 9"))
    assert (found.code, found.severity, found.migration) == ("MC408", Severity.ERROR, "0001_posts")
    assert (found.at, found.evidence) == (Location("drizzle/0001_posts.sql"), "+ row: hash x, created_at 9")
    assert found.message == "drizzle.__drizzle_migrations is not what the migrator alone would leave"
    both = only(on_ledger(Request(HEAD, None, (), HEAD.migrations), "- column hash text"))
    assert (both.at, both.migration) == (Location("drizzle"), None)
    assert judge(REPLAY_RULES, on_ledger(REQUEST)) == ()


def test_mc401_what_is_refused_at_the_commit_is_no_one_migrations() -> None:
    request = Request(HEAD, None, (), HEAD.migrations)
    at_commit = replace(FAILURE, statement="commit", line=1)
    found = only(facts(Failed(Way.UPGRADE, 5, at_commit, Batching.ALL), NO_SAME, request=request))
    assert (found.at, found.migration) == (Location("drizzle"), None)
    assert (
        found.message
        == "the COMMIT of 0000_users to 0001_posts fails on top of what is there (upgrade): 23505 duplicate key"
    )
    assert found.fix.startswith("A deferred constraint")
    # Where there is one migration, or each is committed alone, it is that one's, and of no statement that is named.
    alone = only(facts(Failed(Way.UPGRADE, 5, at_commit, Batching.ALL), NO_SAME))
    assert (alone.at, alone.migration) == (Location("drizzle/0001_posts.sql"), "0001_posts")
    assert alone.message.startswith("the COMMIT of 0001_posts fails on top of what is there (upgrade, ")
    assert alone.fix.startswith("A deferred constraint is looked at when all is committed: see which statement of this")
    assert (
        only(facts(Failed(Way.UPGRADE, 5, at_commit, Batching.EACH), NO_SAME, request=request)).migration
        == "0001_posts"
    )


def test_mc401_names_the_batch_that_was_and_how_each_way_ran_it() -> None:
    at_commit = replace(FAILURE, statement="commit", line=1)
    fresh, upgrade = (Failed(way, 5, at_commit, Batching.ALL) for way in (Way.FRESH, Way.UPGRADE))
    # One is new: on an empty database it is not the only one that is committed.
    found = only(facts(fresh, UPGRADE))
    assert found.message.startswith("the COMMIT of 0000_users to 0001_posts fails on an empty database (fresh): ")
    assert (found.at, found.migration) == (Location("drizzle"), None)
    assert only(facts(fresh, upgrade, NO_SAME)).migration == "0001_posts"
    of_three = folder_of({"0000_users": "", "0001_posts": "", "0002_tags": ""})
    request = Request(of_three, BASE, BASE.migrations, of_three.migrations[1:])
    told = only(facts(fresh, upgrade, NO_SAME, request=request)).message
    assert told.startswith("the COMMIT of 0001_posts to 0002_tags fails on top of what is there (upgrade): ")
    each = Failed(Way.FRESH, 5, FAILURE, Batching.EACH)
    assert only(facts(each, Failed(Way.UPGRADE, 5, FAILURE, Batching.ALL), NO_SAME)).message.startswith(
        "0001_posts fails on an empty database (fresh, one transaction each) and on top of what is there (upgrade, "
        "all in one transaction): "
    )


def test_mc401_is_told_where_a_way_met_it_alone() -> None:
    request = Request(HEAD, None, (), HEAD.migrations)
    alone = Failed(Way.FRESH, 5, replace(FAILURE, migration="0000_users", path="drizzle/0000_users.sql"), Batching.EACH)
    at_commit = Failed(Way.UPGRADE, 5, replace(FAILURE, statement="commit", line=1), Batching.ALL)
    assert only(facts(alone, at_commit, NO_SAME, request=request)).migration == "0000_users"
