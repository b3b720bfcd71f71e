"""What new migrations do to the tables that are there, as Squawk's parser reads them: `Seen`, as on a server.

Migrations are read piece by piece, as Drizzle sends them: what is not closed by a semicolon ends with its piece.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate, chain, pairwise

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.drizzle.schema import Relation
from migcheck.facts.lint.beside import READ_BY, Beside, Place
from migcheck.facts.lint.model import READS, WRITES, Model
from migcheck.facts.lint.rows import hide
from migcheck.facts.lint.settings import Settings
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.squawk import Unread, print_tree
from migcheck.facts.lint.statements import apply, refused_in_transaction
from migcheck.facts.lint.tree import Node, Tree, read_tree
from migcheck.facts.lint.whole import done_whole
from migcheck.facts.observation import (
    Change,
    Emptied,
    RefusedInTransaction,
    RequiredColumnAdded,
    Seen,
    TableDropped,
    WorkedThrough,
)
from migcheck.facts.replay.deleting import TakesBack
from migcheck.facts.replay.noticing import changes, lasts, taken
from migcheck.facts.replay.placing import place

_MOST = 256 << 10
"""Bytes of SQL: more takes longer than whoever commits would wait."""
_END = b"\n;\n"
_BY_HAND = re.compile(r"\b(?:not\s+valid|validate\s+constraint|partition)\b", re.IGNORECASE)
"""What drizzle-kit writes nowhere, and its snapshots do not tell of."""
_ENDS = frozenset({"BEGIN", "START_TRANSACTION", "COMMIT_TRANSACTION", "ROLLBACK_TRANSACTION", "PREPARE_TRANSACTION"})
_FEW = 50
NOBODYS = 0
"""The number of no table."""


class _Part(Struct, frozen=True):
    """A piece of a migration; `within` a transaction: of its `batch`, by its `number` there."""

    migration: Migration
    piece: Piece
    within: bool = True
    batch: int = 0
    number: int = 0


class _Read(Struct, frozen=True):
    """What Squawk made of a part, which begins at byte `start` of all. `whole`: all of it could be parsed."""

    part: _Part
    start: int
    statements: list[Node]
    whole: bool


def read_changes(
    landed: Sequence[Migration],
    new: Sequence[Migration],
    tables: Sequence[Relation] | None,
    outside: Collection[str] = (),
) -> tuple[Seen, ...] | Unread:
    """What `new` does to what `landed`, of which a snapshot, if any, has the `tables`. `outside` is as configured."""
    read = _read(list(_parts(new, outside)))
    if isinstance(read, Unread):
        return read
    model = Model(tables, [piece.text for migration in landed for piece in migration.pieces])
    _land(model, _by_hand(landed))
    sql, parts = read
    return _Reading(sql, model).seen(parts)


def _read(parts: Sequence[_Part]) -> tuple[Sql, list[_Read]] | Unread:
    texts = [each.piece.text.encode() for each in parts]
    sql = _END.join((*texts, b""))
    if len(sql) > _MOST:
        return Unread(f"--offline, and more than {_MOST >> 10} KiB of new SQL is read by a rehearsal alone")
    printed = print_tree(sql)
    return printed if isinstance(printed, Unread) else (Sql(sql), list(_split(parts, texts, read_tree(printed))))


def _land(model: Model, parts: Sequence[_Part]) -> None:
    """Let what landed by hand change the model. It is given up where it cannot be read: it is not what is judged."""
    read = _read(parts) if parts else None
    if isinstance(read, tuple):
        sql, known = read
        for each in known:
            if not each.whole:
                hide(model, each.part.piece.text, runs=True)
            for node in each.statements if each.whole else ():
                apply(model, sql, node)
    model.land()


def _by_hand(landed: Sequence[Migration]) -> list[_Part]:
    """Pieces that landed by hand; of too many the shorter ones, which hold no rows but say what is made."""
    found = [
        _Part(migration, each)
        for migration in landed
        if _BY_HAND.search(migration.sql.decode(errors="replace"))
        for each in migration.pieces
        if _BY_HAND.search(each.text)
    ]
    sizes = [len(each.piece.text.encode()) + len(_END) for each in found]
    shortest = sorted(range(len(found)), key=sizes.__getitem__)
    fit = sum(1 for size in accumulate(sizes[each] for each in shortest) if size <= _MOST)
    return [found[each] for each in sorted(shortest[:fit])]


def _parts(new: Sequence[Migration], outside: Collection[str]) -> Iterator[_Part]:
    batch = number = 0
    for migration in new:
        within = migration.tag not in outside
        if not within:
            batch, number = batch + 1, 0
        for each in migration.pieces:
            yield _Part(migration, each, within=within, batch=batch, number=number)
            number += 1
        # Behind it comes its row.
        number += 1
        if not within:
            batch, number = batch + 1, 0


def _split(parts: Sequence[_Part], texts: Sequence[bytes], tree: Tree) -> Iterator[_Read]:
    """What is of which part, up to the first that leaves something open: all behind it would be misread."""
    left, errors, start = iter((*tree.statements, None)), sorted(tree.errors), 0
    node = next(left)
    for part, text in zip(parts, texts, strict=True):
        end = start + len(text) + len(_END)
        own = []
        while node is not None and node.start < end:
            own.append(node)
            node = next(left)
        if any(each.end > end for each in own):
            return
        yield _Read(part, start, own, whole=not any(start <= each < end for each in errors))
        start = end


class _Reading:
    """Statements change the model; what became of each table behind a piece is noticed as on a server."""

    def __init__(self, sql: Sql, model: Model) -> None:
        """Nothing is read yet."""
        self._sql = sql
        self._model = model
        self._blind = False
        self._takes_back = TakesBack()
        self._beside = Beside(model, sql)
        self._settings = Settings(sql)

    def seen(self, read: Sequence[_Read]) -> tuple[Seen, ...]:
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
        names = frozenset(self._model.oids) | self._model.made
        return tuple(
            replace(one, after=sizes[part.batch] - part.number if one.lock else 0)
            for part, oid, told in found
            for one in (self._taken(oid, told),)
            if oid == NOBODYS or self._lasts(oid, one, names)
        ) + tuple(self._beside.told())

    def _taken(self, oid: int, seen: Seen) -> Seen:
        model = self._model
        tables = {**dict.fromkeys(model.made - model.views, NOBODYS), **model.oids}
        # What is above may have the old name later: nobody knows it by a number here.
        read = self._blind or oid in model.heirs or model.is_used(oid, READS)
        return taken(seen, oid, tables, model.first, read=read)

    def _lasts(self, oid: int, seen: Seen, names: frozenset[str]) -> bool:
        # What is made later was not there, whatever was told of it.
        first = self._model.first.get(oid)
        return first is not None and lasts(seen, first, self._model.now.get(oid), names)

    def _piece(self, read: _Read) -> Iterator[tuple[int, Seen]]:
        model, part = self._model, read.part
        model.begin_piece()
        touching, made = dict[int, list[Node]](), dict[tuple[int, Change], Node]()
        whole, held = list[tuple[int, Node, Change]](), dict(model.held)
        kinds = {each.kind for each in read.statements}
        if not read.whole:
            hide(model, part.piece.text, runs=True)
        for node in read.statements if read.whole else ():
            # Outside of a transaction nobody knows who read rows before, nor which locks are held.
            done = list(done_whole(model, self._sql, node, held, kinds))
            self._apply(node, touching, made)
            self._look_around(read, node)
            whole += ((oid, node, change) for oid, change in done if part.within and not self._blind)
            what = "" if not part.within or self._blind else refused_in_transaction(node)
            if what:
                at, statement = place(part.migration.path, self._only(read, [node]), "", TableDropped())
                change = RefusedInTransaction(what)
                yield NOBODYS, Seen(part.migration.tag, at, statement, "", change, source=READ_BY)
        for oid, nodes in touching.items():
            # What one statement alone did not make was made by several: then it is a guess, as on a server.
            where = partial(self._where, read, made, oid, nodes[:_FEW])
            if oid in model.first:
                yield from ((oid, each) for each in self._noticed(part, oid, where))
        told = set[tuple[int, Change]]()
        for oid, node, done_to in whole if whole and not self._takes_back(part.migration) else ():
            worked = isinstance(done_to, WorkedThrough) and ((oid, done_to) in told or oid in touching)
            if oid in model.now and not worked:
                told.add((oid, done_to))
                yield oid, self._told(part, oid, model.now[oid].name, done_to, self._only(read, [node]))

    def _look_around(self, read: _Read, node: Node) -> None:
        def where() -> Place:
            migration = read.part.migration
            return Place(migration.tag, *place(migration.path, self._only(read, [node]), "", TableDropped()))

        self._beside.read(node, where)
        self._settings.read(node, where)

    def _apply(self, node: Node, touching: dict[int, list[Node]], made: dict[tuple[int, Change], Node]) -> None:
        """Let a statement change the model; remember which tables it touched, and what it made of them."""
        model = self._model
        if node.kind in _ENDS:
            self._end()
            # As on a server: what holds which locks from here on is anybody's guess.
            self._blind = True
        apply(model, self._sql, node)
        for oid, was in sorted(model.then.items()):
            now = model.now.get(oid)
            if now != was:
                touching.setdefault(oid, []).append(node)
                for change in changes(model.first[oid], was, now):
                    made.setdefault((oid, change), node)

    def _where(
        self, read: _Read, made: Mapping[tuple[int, Change], Node], oid: int, nodes: Sequence[Node], change: Change
    ) -> Piece:
        node = made.get((oid, change))
        return self._only(read, nodes if node is None else [node])

    def _noticed(self, part: _Part, oid: int, where: Callable[[Change], Piece]) -> Iterator[Seen]:
        model = self._model
        before = model.before[oid]
        for change in changes(model.first[oid], before, model.now.get(oid)):
            if not part.within and isinstance(change, Emptied):
                # As on a server, where nobody could tell it from what is only written anew.
                continue
            yield self._told(part, oid, before.name, change, where(change))

    def _told(self, part: _Part, oid: int, table: str, change: Change, where: Piece) -> Seen:
        model, outside = self._model, not part.within
        at, statement = place(part.migration.path, where, table, change)
        # As on a server: a column that comes with NOT NULL was filled by nothing before.
        earlier = isinstance(change, RequiredColumnAdded) and model.was_used(oid, WRITES)
        return Seen(
            part.migration.tag,
            at,
            statement,
            model.first[oid].name,
            change,
            "" if outside or self._blind else model.held.get(oid, ""),
            read=outside or model.is_used(oid, READS),
            written=(outside or model.is_used(oid, WRITES)) and not earlier,
            source=READ_BY,
            of=above.name if (above := model.first.get(model.first[oid].parent)) is not None else "",
        )

    def _only(self, read: _Read, nodes: Sequence[Node]) -> Piece:
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
