"""What the running release asks, planned before the new migrations and again behind them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from migcheck.drizzle.queries import Identity, Kind, Query, inserting, queries_of, reading, value_queries, written
from migcheck.drizzle.schema import Relation, without
from migcheck.facts.rehearsal import Request, Touched
from migcheck.facts.replay.release.harming import Scene, once
from migcheck.facts.replay.stage import Contents, Stage
from migcheck.facts.replay.watching.naming import Spoken, spoken
from migcheck.facts.sql.release import Broken, OwnQuery, Release, Running, plain
from migcheck.postgres.catalogue.thing import Catalogue, Key
from migcheck.postgres.explaining import Answer, Asked, Refused, explain_all
from migcheck.postgres.left_out import REFUSED, Limit, read_limits
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.standing import Standing, read_standing

# A snapshot says how many statements there are, and each is as long as its tables are wide.
_MOST_TEXT = 16 * 1024 * 1024
# What nobody's statement depends on, wherever it stands.
_NEVER = frozenset({"comment", "grant", "policy", "publication", "sequence"})
Q = TypeVar("Q", Query, Limit)


class Redefined(Struct, frozen=True):
    """`names` are those of what has changed and of what that is part of; `others`: of no table, such as a type."""

    names: frozenset[str]
    others: bool

    def touches(self, name: str) -> bool:
        """Whether what is called `name`, as `schema.table`, may be another for who asks it."""
        return self.others or name in self.names


class Before(Struct, frozen=True):
    """What of a release the database took before: its `relations` that were there as it knows them.

    `standing` has them by the names that Drizzle writes. Of those that something new speaks of, which are `planned`,
    `taken` is what was planned, and `refusing` are the limits that refuse what is left out; `own` which of the
    project's queries were planned, and `untaken` which were not, and why.
    """

    release: Release
    relations: tuple[Relation, ...]
    standing: Mapping[str, Standing]
    planned: frozenset[str]
    taken: frozenset[Identity]
    refusing: tuple[Limit, ...]
    own: tuple[OwnQuery, ...]
    untaken: tuple[tuple[OwnQuery, str], ...]

    def touched(self, redefined: Redefined) -> frozenset[str]:
        """The names of the relations that may have changed."""
        names = map(written, self.relations)
        return frozenset(each for each in names if redefined.touches(self.standing[each].name))

    def running(self, broken: Sequence[Broken] = ()) -> Running:
        """What is told of the release."""
        release = self.release
        known = ((self.standing.get(written(each)), each) for each in release.relations)
        tables = {plain(there.name): each for there, each in known if there is not None}
        # What is behind base need not have all that base's queries ask for.
        untaken = self.untaken if release.named and not release.behind else ()
        return Running(release, tables, once(broken), untaken)


def asked_before(stage: Stage, request: Request) -> Before | None:
    """What the running release asks and the database takes, right before the new migrations; None where there is none.

    Raises UndecidableError where the server is at fault.
    """
    if request.release is None or not request.new:
        return None
    with stage.session("upgrade") as connection:
        return look_before(connection, request.release, spoken(request.new))


def asked_behind(
    stage: Stage,
    request: Request,
    before: Before | None,
    touched: Sequence[Touched],
    contents: tuple[Contents | None, Contents | None],
) -> Running | None:
    """What of it the database refuses behind them, where its `contents` were and are. Raises as `asked_before` does."""
    was, now = contents
    if before is None or was is None or now is None:
        return None
    changed = _redefined(was.catalogue, now.catalogue)
    if not before.touched(changed) and not (before.own and changed.names):
        return before.running()
    with stage.session("upgrade") as connection:
        return look_behind(connection, before, changed, Scene(request.new, touched))


def look_before(connection: Connection, release: Release, words: Spoken) -> Before:
    """Plan what `release` asks of what new migrations speak of in these `words`, on the database that it runs on."""
    standing = read_standing(connection, map(written, release.relations))
    # A snapshot that says more than there is was of another database.
    there = tuple(each for each in release.relations if _is_as_known(each, standing))
    planned = frozenset(written(each) for each in there if words.of(each))
    answers = _plan(connection, queries_of(there, planned))
    taken = frozenset(each.identity for each, answer in answers if answer is None)
    queries = list(_plan_own(connection, release.queries))
    own = tuple(each for each, answer in queries if answer is None)
    untaken = tuple((each, answer.told) for each, answer in queries if isinstance(answer, Refused))
    refusing = tuple(_refusing(connection, planned))
    return Before(release, there, standing, planned, taken, refusing, own, untaken)


def look_behind(connection: Connection, before: Before, redefined: Redefined, scene: Scene) -> Running:
    """Plan again what it asks of what may have changed."""
    touched = before.touched(redefined)
    now = read_standing(connection, touched)
    kept = [each for each in before.relations if written(each) in now or written(each) not in touched]
    asked = ((each, now.get(written(each))) for each in kept)
    lost = {(each.schema, each.name): each.names - there.columns for each, there in asked if there is not None}
    left = {written(each): each for each in without(kept, lost)}
    queries = queries_of(left.values(), touched)
    planned = _plan(connection, (each for each in queries if each.identity in before.taken))
    refused = [(query, answer) for query, answer in planned if isinstance(answer, Refused)]
    broken = [*_changed(before, touched, now, scene), *_limited(connection, before, now, scene)]
    broken += _refused(connection, before, refused, scene, left)
    own = _plan_own(connection, before.own)
    broken += [scene.own(query, answer) for query, answer in own if isinstance(answer, Refused)]
    return before.running(broken)


def _changed(before: Before, touched: frozenset[str], now: Mapping[str, Standing], scene: Scene) -> Iterator[Broken]:
    """What is gone, or is demanded of an insert."""
    for relation in before.relations:
        name = written(relation)
        if name in touched:
            was, then = before.standing[name], now.get(name)
            select, insert = reading(relation), inserting(relation)
            # That all of its columns were there is enough for what reads them.
            if name not in before.planned or select.identity in before.taken:
                yield from scene.lost(relation, was, then, select.text)
            # A sequence that goes takes a default of a table along that nothing new speaks of.
            taken = insert is not None and (name not in before.planned or insert.identity in before.taken)
            if taken and then is not None:
                yield from scene.demanded(relation, was, then)


def _limited(connection: Connection, before: Before, now: Mapping[str, Standing], scene: Scene) -> Iterator[Broken]:
    """What refuses an insert for what that leaves out."""
    limits = [
        each
        for each in _refusing(connection, before.planned & now.keys())
        if not any(each.is_same(one) for one in before.refusing)
    ]
    for relation in before.relations if limits else ():
        name, insert = written(relation), inserting(relation)
        own = [each for each in limits if each.table == name]
        taken = insert is not None and insert.identity in before.taken
        if own and taken and relation.names <= now[name].columns:
            yield from scene.limited(relation, before.standing[name], now[name], own)


def _refusing(connection: Connection, names: Iterable[str]) -> list[Limit]:
    """The limits of what is called so that refuse what has only defaults."""
    limits = list(_bounded(read_limits(connection, names)))
    answers = explain_all(connection, [Asked(each.text) for each in limits])
    return [
        limit
        for limit, answer in zip(limits, answers, strict=True)
        if isinstance(answer, Refused) and answer.sqlstate == REFUSED
    ]


def _refused(
    connection: Connection,
    before: Before,
    found: Sequence[tuple[Query, Refused]],
    scene: Scene,
    left: Mapping[str, Relation],
) -> Iterator[Broken]:
    unwritable = {query.of[0] for query, _ in found if query.kind is Kind.INSERT}
    for query, refusal in found:
        relation, was = left[query.of[0]], before.standing[query.of[0]]
        if query.kind is not Kind.VALUES:
            yield scene.refused(relation, was, query, refusal)
        elif query.of[0] not in unwritable:
            alone = _plan(connection, value_queries(relation))
            yield from scene.values(relation, was, [(each, why) for each, why in alone if isinstance(why, Refused)])


def _is_as_known(relation: Relation, standing: Mapping[str, Standing]) -> bool:
    found = standing.get(written(relation))
    return found is not None and relation.names <= found.columns


def _plan(connection: Connection, queries: Iterable[Query]) -> Iterator[tuple[Query, Answer]]:
    asked = list(_bounded(queries))
    return zip(asked, explain_all(connection, [Asked(each.text, each.parameters) for each in asked]), strict=True)


def _plan_own(connection: Connection, queries: Sequence[OwnQuery]) -> Iterator[tuple[OwnQuery, Answer]]:
    return zip(queries, explain_all(connection, [Asked(each.text, each.parameters) for each in queries]), strict=True)


def _bounded(queries: Iterable[Q]) -> Iterator[Q]:
    left = _MOST_TEXT
    for each in queries:
        left -= len(each.text)
        if left < 0:
            return
        yield each


def _redefined(before: Catalogue, after: Catalogue) -> Redefined:
    """What has changed between the two. What came to be breaks nothing, unless it is part of what was there."""
    was, now = before.things, after.things
    changed = [key for key in was.keys() | now.keys() if was.get(key) != now.get(key) and key.kind not in _NEVER]
    tables = {key.identity for key in was if key.kind in {"table", "view", "materialized view", "foreign table"}}
    names = frozenset(name for key in changed for name in _around(key))
    return Redefined(names, any(key in was and tables.isdisjoint(_around(key)) for key in changed))


def _around(key: Key) -> Iterator[str]:
    yield key.identity
    for at, mark in enumerate(key.identity):
        if mark == ".":
            yield key.identity[:at]
