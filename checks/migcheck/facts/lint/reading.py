"""What new migrations do to the tables that are there, as Squawk's parser reads them: `Seen`, as on a server.

Migrations are read piece by piece, as Drizzle sends them: what is not closed by a semicolon ends with its piece.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.drizzle.schema import Relation
from migcheck.facts.lint.beside import READ_BY, Beside, Place
from migcheck.facts.lint.model import READS, WRITES, Model
from migcheck.facts.lint.parsing import PlacedPiece, Read, by_hand, parse, placed, unparsed
from migcheck.facts.lint.rows import hide
from migcheck.facts.lint.settings import Settings
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.squawk import Unread
from migcheck.facts.lint.statements import apply, refused_in_transaction
from migcheck.facts.lint.tree import Node
from migcheck.facts.lint.whole import done_whole
from migcheck.facts.replay.watching.deleting import takes_back
from migcheck.facts.replay.watching.lasting import lasts
from migcheck.facts.replay.watching.locks import lock_alone
from migcheck.facts.replay.watching.noticing import adds, changes, taken
from migcheck.facts.replay.watching.placing import place, stated_in
from migcheck.facts.replay.watching.retyped import as_written
from migcheck.facts.sql.observation import (
    Change,
    Deleted,
    End,
    RefusedInTransaction,
    RequiredColumnAdded,
    Seen,
    TableDropped,
    TransactionEnded,
    WorkedThrough,
)
from migcheck.facts.sql.unparsed import Unparsed

_ENDS = {
    "COMMIT_TRANSACTION": End.KEPT,
    "ROLLBACK_TRANSACTION": End.UNDONE,
    "PREPARE_TRANSACTION": End.SET_ASIDE,
}
# What stands between statements, and the end that each piece is given.
_NOTHING = frozenset({"COMMENT", "EMPTY_STMT"})
_FEW = 50
NOBODYS = 0
"""The number of no table."""


class Changes(Struct, frozen=True):
    """What was read, and what could not be; `partitions` says which table each is of."""

    seen: tuple[Seen, ...]
    unparsed: tuple[Unparsed, ...]
    partitions: Mapping[str, str] = {}


def read_changes(
    landed: Sequence[Migration],
    new: Sequence[Migration],
    tables: Sequence[Relation] | None,
    outside: Collection[str] = (),
) -> Changes | Unread:
    """What `new` does to what `landed`, of which a snapshot, if any, has the `tables`. `outside` is as configured."""
    asked = list(placed(new, outside))
    read = parse(asked)
    if isinstance(read, Unread):
        return read
    model = Model(tables, [piece.text for migration in landed for piece in migration.pieces])
    _land(model, by_hand(landed))
    sql, pieces = read
    parts = {name: model.name_of(above) for name, above in model.partitions.items()}
    seen = _Reading(sql, model).seen(pieces)
    return Changes(seen, tuple(unparsed(asked, pieces)), parts | {each.table: each.of for each in seen if each.of})


def _land(model: Model, pieces: Sequence[PlacedPiece]) -> None:
    """Let what landed by hand change the model. It is given up where it cannot be read: it is not what is judged."""
    read = parse(pieces) if pieces else None
    if isinstance(read, tuple):
        sql, known = read
        for each in known:
            if not each.whole:
                hide(model, each.part.piece.text, runs=True)
            for node in each.statements if each.whole else ():
                apply(model, sql, node)
    model.land()


class _PieceRead(Struct):
    """What the statements of a piece did: which touch each table, and which made something of it.

    `whole` is what was done to all rows of one, `ended` what has to do with the transaction.
    """

    touching: dict[int, list[Node]] = field(default_factory=dict)
    made: dict[tuple[int, Change], Node] = field(default_factory=dict)
    whole: list[tuple[int, Node, Change]] = field(default_factory=list)
    ended: list[tuple[int, Seen]] = field(default_factory=list)


class _Reading:
    """Statements change the model; what became of each table behind a piece is noticed as on a server."""

    def __init__(self, sql: Sql, model: Model) -> None:
        """Nothing is read yet."""
        self._sql = sql
        self._model = model
        self._blind = False
        self._ended = set[int]()
        self._emptied = set[int]()
        self._beside = Beside(model, sql)
        self._settings = Settings(sql)

    def seen(self, read: Sequence[Read]) -> tuple[Seen, ...]:
        """What became of the tables, and still is so when everything was read."""
        found = []
        for before, each in pairwise(chain((None,), read)):
            assert each is not None
            if before is not None and before.part.migration is not each.part.migration:
                together = before.part.batch == each.part.batch and not self._blind
                passed_on = list(self._settings.pass_on(each.part.migration))
                found += [(before.part, NOBODYS, one) for one in passed_on if together]
            if before is not None and before.part.batch != each.part.batch:
                self._end()
            found += [(each.part, *one) for one in self._piece(each)]
        sizes = {each.part.batch: each.part.number for each in read}
        model = self._model
        names = frozenset(model.oids) | model.made
        tables = {**dict.fromkeys(model.made - model.views, NOBODYS), **model.oids}
        return tuple(
            replace(one, after=sizes[part.batch] - part.number if one.lock and part.within else 0)
            for part, oid, told in found
            for one in (self._taken(oid, told, tables),)
            if oid == NOBODYS or self._lasts(oid, one, names)
        ) + tuple(self._beside.told())

    def _taken(self, oid: int, seen: Seen, tables: Mapping[str, int]) -> Seen:
        model = self._model
        # What is above may have the old name later: nobody knows it by a number here.
        read = self._blind or oid in model.heirs or model.is_used(oid, READS)
        return taken(seen, oid, tables, model.first, read=read)

    def _lasts(self, oid: int, seen: Seen, names: frozenset[str]) -> bool:
        # What is made later was not there, whatever was told of it.
        first = self._model.first.get(oid)
        return first is not None and lasts(seen, first, self._model.now.get(oid), names)

    def _piece(self, read: Read) -> Iterator[tuple[int, Seen]]:
        did = self._statements(read)
        yield from did.ended
        for oid in did.touching:
            if oid in self._model.first:
                yield from ((oid, each) for each in self._noticed(read, did, oid))
        if did.whole and not takes_back(read.part.migration.sql):
            yield from self._done_whole(read, did)

    def _statements(self, read: Read) -> _PieceRead:
        """Let the statements of a piece change the model."""
        model, part, did = self._model, read.part, _PieceRead()
        model.begin_piece()
        held, kinds = dict(model.held), {each.kind for each in read.statements} - _NOTHING
        if not read.whole:
            hide(model, part.piece.text, runs=True)
        for node in read.statements if read.whole else ():
            # Outside of a transaction nobody knows which locks are held.
            done = list(done_whole(model, self._sql, node, held, kinds))
            if not self._refused(part, node):
                self._apply(node, did)
            self._look_around(read, node)
            within = part.within and not self._blind
            did.whole += ((oid, node, change) for oid, change in done if within or isinstance(change, Deleted))
            if (change := self._of_transaction(part, node)) is not None:
                at, statement = place(part.migration, self._only(read, [node]), "", TableDropped())
                did.ended.append((NOBODYS, Seen(part.migration.tag, at, statement, "", change, source=READ_BY)))
        return did

    def _done_whole(self, read: Read, did: _PieceRead) -> Iterator[tuple[int, Seen]]:
        """What was done to all rows of a table, once for each."""
        told = set[tuple[int, Change]]()
        for oid, node, done_to in did.whole:
            again = isinstance(done_to, WorkedThrough) and ((oid, done_to) in told or oid in did.touching)
            if isinstance(done_to, Deleted):
                again = oid in self._emptied
                self._emptied.add(oid)
            if oid in self._model.now and not again:
                told.add((oid, done_to))
                where = self._only(read, [node])
                yield oid, self._told(read.part, oid, self._model.now[oid].name, done_to, where)

    def _of_transaction(self, part: PlacedPiece, node: Node) -> TransactionEnded | RefusedInTransaction | None:
        """What the statement has to do with the transaction that it runs in."""
        if not part.within:
            return None
        if node.kind in _ENDS:
            self._end()
            # As on a server: what holds which locks from here on is anybody's guess.
            self._blind = True
            first = part.batch not in self._ended
            self._ended.add(part.batch)
            return TransactionEnded(_ENDS[node.kind]) if first else None
        what = self._refused(part, node)
        return RefusedInTransaction(what) if what else None

    def _refused(self, part: PlacedPiece, node: Node) -> str:
        """What the server refuses where the statement stands: it does nothing else there. Else empty."""
        return refused_in_transaction(self._sql, node) if part.within and not self._blind else ""

    def _look_around(self, read: Read, node: Node) -> None:
        def where() -> Place:
            migration = read.part.migration
            return Place(migration.tag, *place(migration, self._only(read, [node]), "", TableDropped()))

        self._beside.read(node, where)
        self._settings.read(node, where)

    def _apply(self, node: Node, did: _PieceRead) -> None:
        """Let a statement change the model; remember which tables it touched, and what it made of them."""
        model = self._model
        apply(model, self._sql, node)
        for oid, was in sorted(model.then.items()):
            now = model.now.get(oid)
            if now != was:
                did.touching.setdefault(oid, []).append(node)
                for change in changes(model.first[oid], was, now):
                    did.made.setdefault((oid, change), node)

    def _noticed(self, read: Read, did: _PieceRead, oid: int) -> Iterator[Seen]:
        model = self._model
        before = model.before[oid]
        tables = model.first[oid], before, model.now.get(oid)
        for change in changes(*tables):
            # What one statement alone did not make was made by several: then it is a guess, as on a server.
            node = did.made.get((oid, change))
            where = self._only(read, did.touching[oid][:_FEW] if node is None else [node])
            written = as_written(change, stated_in(read.part.migration, where), tables)
            yield self._told(read.part, oid, before.name, written, where)

    def _told(self, part: PlacedPiece, oid: int, table: str, change: Change, where: Piece) -> Seen:
        model, outside = self._model, not part.within
        # Behind a COMMIT each runs for itself as well.
        alone = self._blind and not takes_back(part.migration.sql)
        if outside or alone:
            added = oid in model.before and adds(model.before[oid], model.now.get(oid))
            lock = lock_alone(change, where.text, added=added)
        else:
            lock = "" if self._blind else model.held.get(oid, "")
        at, statement = place(part.migration, where, table, change)
        # As on a server: a column that comes with NOT NULL was filled by nothing before.
        earlier = isinstance(change, RequiredColumnAdded) and model.was_used(oid, WRITES)
        return Seen(
            part.migration.tag,
            at,
            statement,
            model.first[oid].name,
            change,
            lock,
            read=outside or model.is_used(oid, READS),
            written=(outside or model.is_used(oid, WRITES)) and not earlier,
            source=READ_BY,
            of=above.name if (above := model.first.get(model.first[oid].parent)) is not None else "",
        )

    def _only(self, read: Read, nodes: Sequence[Node]) -> Piece:
        """The piece without all that is not of `nodes`, each of these in its line."""
        content, text, at = self._sql.content, "", read.start
        end = at + len(read.part.piece.text.encode())
        for node in nodes:
            written = content[node.start : min(node.end, end)].decode(errors="replace")
            text += "\n" * content.count(b"\n", at, node.start) + written
            at = node.end
        return Piece(text, read.part.piece.line)

    def _end(self) -> None:
        """A transaction ends, and its locks with it."""
        self._model.held.clear()
