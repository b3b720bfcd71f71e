"""What migrations left behind around the tables, by what was seen of it behind each of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.locating import Words, locate, says
from migcheck.facts.replay.watching.naming import spoken_in
from migcheck.facts.sql.left_behind import DefinerLeftOpen, GrantedToAll, NameCut, TakenAlong, TriggerDisabled
from migcheck.facts.sql.observation import Change, Seen
from migcheck.postgres.surroundings import ROW_RIGHTS, Right, State, Thing, Things
from migcheck.sql_names import bare

VANISH = frozenset({"view", "materialized view", "trigger", "policy", "foreign key"})
"""What CASCADE takes along without a word, and is none of a table's rows or columns."""
_WORDS = {"foreign key": "constraint"}
_NAMED_ALONE = frozenset({"schema", "trigger", "policy", "foreign key"})
_OF_UPKEEP = "MAINTAIN"
_OF_SCHEMAS = "CREATE"
"""What harms of the rights on a schema: who may make things there is met by whoever looks names up in it."""


class Step(Struct, frozen=True):
    """What was wrong in a moment, and who ran since the one before: of several, nobody saw which did what."""

    ran: tuple[Migration, ...]
    state: State

    def by(self, *words: Words) -> Migration:
        """Who did what is told by any of `words`, for all that their text tells."""
        return next((each for each in self.ran if says(each, *words)), self.ran[0])


class Leavings(Struct, frozen=True):
    """What there was `first`, what was wrong with it then (`began`), behind each step, and what there is `last`."""

    first: Things
    began: State
    steps: Sequence[Step]
    last: Things

    def told(self) -> Iterator[Seen]:
        """What came to be wrong, and still is so."""
        there = {each.oid: each for each in self.first.things}
        before = self.began
        for step in self.steps:
            yield from self._definers(step, before)
            yield from self._rights(step, before, there)
            yield from self._disabled(step, before, there)
            yield from self._gone(step, before, there)
            before = step.state

    @property
    def _end(self) -> State:
        return self.steps[-1].state

    def _definers(self, step: Step, before: State) -> Iterator[Seen]:
        for each in sorted((step.state.definers - before.definers - self.began.definers) & self._end.definers):
            function = each.partition("(")[0]
            name = bare(function)
            words = (name, "definer")
            yield _seen(step.by(words, (name,)), "", DefinerLeftOpen(function), words, (name,))

    def _rights(self, step: Step, before: State, there: Mapping[int, Thing]) -> Iterator[Seen]:
        new = (step.state.rights - before.rights - self.began.rights) & self._end.rights
        rights: dict[int, set[str]] = {}
        for each in new:
            if not each.to_come and each.on in there and self._is_felt(each, there[each.on]):
                rights.setdefault(each.on, set()).add(f"{each.right} ({each.column})" if each.column else each.right)
        for oid in sorted(rights):
            thing, every = there[oid], ("grant", "to public")
            words = (*every, _name(thing))
            table = thing.name if thing.kind == "table" else ""
            on = thing.name if thing.kind == "table" else f"{thing.kind} {thing.name}"
            change = GrantedToAll(on, tuple(sorted(rights[oid])))
            yield _seen(step.by(words, every), table, change, words, (*every, "all", "in"), every)
        yield from self._rights_to_come(step, new, there)

    def _rights_to_come(self, step: Step, new: Collection[Right], there: Mapping[int, Thing]) -> Iterator[Seen]:
        """By default, which nobody sees at the table that gets it."""
        rights: dict[str, set[str]] = {}
        for each in new:
            felt = each.right == _OF_SCHEMAS if each.to_come == "schema" else each.right != _OF_UPKEEP
            if each.to_come and felt and (each.on in there or not each.on):
                of = f" of {there[each.on].name}" if each.on else ""
                rights.setdefault(f"each new {each.to_come}{of}", set()).add(each.right)
        words = ("default privileges", "grant", "to public")
        for on in sorted(rights):
            yield _seen(step.by(words, words[:1]), "", GrantedToAll(on, tuple(sorted(rights[on]))), words, words[:1])

    def _is_felt(self, right: Right, thing: Thing) -> bool:
        if thing.kind == "schema":
            return right.right == _OF_SCHEMAS
        return right.right != _OF_UPKEEP and not (thing.oid in self.last.guarded and right.right in ROW_RIGHTS)

    def _disabled(self, step: Step, before: State, there: Mapping[int, Thing]) -> Iterator[Seen]:
        new = (step.state.disabled - before.disabled - self.began.disabled) & self._end.disabled
        for trigger in (there[oid] for oid in sorted(new) if oid in there):
            table = there[trigger.of].name
            words = ("disable", "trigger", bare(table))
            named = (*words, trigger.name)
            yield _seen(step.by(named, words), table, TriggerDisabled(trigger.name), named, words)

    def _gone(self, step: Step, before: State, there: Mapping[int, Thing]) -> Iterator[Seen]:
        now = {each.oid for each in self.last.things}
        called = {(each.kind, each.of, each.name) for each in self.last.things}
        for thing in (there[oid] for oid in sorted(step.state.gone - before.gone)):
            if thing.of not in now or (thing.kind, thing.of, thing.name) in called or self._is_over(thing, there):
                continue
            if any(_is_meant(each, thing) for each in step.ran):
                continue
            table = there[thing.of].name if there[thing.of].kind == "table" else ""
            to = there[thing.to].name if thing.to in there and thing.to not in now else ""
            yield _seen(step.by(("cascade",)), table, TakenAlong(thing.kind, thing.name, to), ("cascade",), sure=False)

    def _is_over(self, key: Thing, there: Mapping[int, Thing]) -> bool:
        """Whether a foreign key went with a column of its own, or there is one to a table of that name again."""
        if any((key.of, each) in self.last.dropped for each in key.columns):
            return True
        to = {key.to, *(each.oid for each in self.last.things if key.to in there and each.name == there[key.to].name)}
        return bool(key.to) and any(each.of == key.of and each.to in to for each in self.last.things)


def names_cut(cut: Mapping[tuple[str, str], Migration], first: Things, last: Things) -> Iterator[Seen]:
    """Of the names that the server said it cut, those that something has since."""
    for (name, kept), migration in cut.items():
        if kept in last.names - first.names:
            yield _seen(migration, "", NameCut(name, kept), (name,))


def _is_meant(migration: Migration, thing: Thing) -> bool:
    """Whether `migration` names what is gone, or puts together a statement that drops things of its kind."""
    text = migration.sql.decode("utf-8", "replace")
    made_up = spoken_in(text).words is None and says(migration, ("drop", *_WORDS.get(thing.kind, thing.kind).split()))
    return made_up or says(migration, (_name(thing),))


def _name(thing: Thing) -> str:
    """Its name alone."""
    return thing.name if thing.kind in _NAMED_ALONE else bare(thing.name)


def _seen(migration: Migration, table: str, change: Change, words: Words, *else_: Words, sure: bool = True) -> Seen:
    at, statement = locate(migration, words, *else_) if sure else locate(migration, (), words, *else_)
    return Seen(migration.tag, at, statement, table, change)
