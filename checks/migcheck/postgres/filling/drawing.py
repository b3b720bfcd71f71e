"""Drawing rows for a table: first such as differ in everything, then the same again in all but what has to be unique.

By the table's name, so that the same rows are drawn each time. Whether one is taken, the server says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from msgspec import Struct, field

from migcheck.postgres.filling.shape import Column, Foreign, Shape
from migcheck.postgres.filling.values import another, ends_of, is_text, values_of
from migcheck.regex import regex

Row = Mapping[str, str | None]
"""What is given of a row, by column; the rest has its default."""
_TEXT = regex(r"'((?:[^']|'')*)'")
# Of a number with more digits than any type of number has nothing is to be drawn, and Python would not read it.
_NUMBER = regex(r"(?<![\w.])\d{1,40}(?:\.\d{1,40})?(?![\w.])")
_FEW_DIGITS = 4
_LONGEST = 1000
_MOST_HINTS = 20
FEWEST = 8
"""How many rows are drawn at least, and how many values of a type come up for certain."""
# So few values come up twice at least.
_FEW = FEWEST // 2
# One row in so many leaves out what it may.
_SELDOM = 4
_MANY = 1000


class Drawing(Struct):
    """Who draws for the table of `shape`. `parents` are the rows that are there of the tables it points to.

    Of each of those there is what foreign keys point to, as text. `between`: no integer is an end of its type.
    """

    shape: Shape
    parents: Mapping[str, Sequence[Row]]
    between: bool = False
    _random: Random = field(default_factory=Random)
    _pools: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    _orders: dict[str, Sequence[int]] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        """Make ready what is drawn from."""
        hints, taken = _hints(self.shape), set[Sequence[bool]]()
        for column in self.shape.columns:
            nothing = () if column.required else (None,)
            ends = ends_of(column.kind) if self.between else ()
            usual = [each for each in values_of(column.kind) if each.startswith(column.begins) and each not in ends]
            values = dict.fromkeys((*hints.get(column.name, ()), *usual))
            self._pools[column.name] = (*nothing, *values)
            self._orders[column.name] = self._order(column.name, taken)
        self._random.seed(self.shape.name)

    def _order(self, name: str, taken: set[Sequence[bool]]) -> Sequence[int]:
        """In which order the first rows have a column's few values: of two, in step with no column before it.

        There the one value would come together with one of that column's alone.
        """
        self._random.seed(f"{self.shape.name} {name}")
        for _ in range(FEWEST):
            order = self._random.sample(range(FEWEST), FEWEST)
            halves = tuple(each % 2 == order[0] % 2 for each in order)
            if halves not in taken:
                taken.add(halves)
                return order
        return self._random.sample(range(FEWEST), FEWEST)

    @property
    def columns(self) -> Mapping[str, Column]:
        """What can be given, by name."""
        return {each.name: each for each in self.shape.columns if not each.computed}

    def new(self, number: int, tries: int) -> Row:
        """The row `number`, drawn for the time `tries`, both from 0."""
        row: dict[str, str | None] = {}
        for foreign in self.shape.foreign:
            # Of two that may be NULL a check may demand just one: the one does not follow the other.
            row |= self._of_parent(foreign, row, self._random.randrange(_MANY) if tries else number)
        own = {name for key in self.shape.unique for name in key}
        for place, column in enumerate(self.columns.values()):
            if column.name in row:
                continue
            if column.name in own and not column.required and number % FEWEST == FEWEST - 1 and not tries:
                row[column.name] = None
            elif column.counted and tries % 2:
                # Its sequence knows what its check takes.
                continue
            elif column.counted or (column.name in own and self._is_new(column, number, tries)):
                row[column.name] = self._another(column, tries)
            elif not (column.filled and tries and (number + place + tries) % 2):
                pool, order = self._pools[column.name], self._orders[column.name]
                # Each of the first comes up, in another order for each column: of many, no two are NULL in one row.
                first = len(pool) if column.kind.labels else min(len(pool), FEWEST)
                turn = order[number % FEWEST] if first <= _FEW else number + place
                row[column.name] = self._any_of(pool) if tries else pool[turn % first]
        return row

    def tried(self, number: int, times: int) -> Iterator[Row]:
        """The row `number`, drawn so many times, and at last bare: a check over many columns takes their defaults."""
        yield from (self.new(number, tries) for tries in range(times))
        yield self.bare(self.new(number, 0))

    def keys(self, names: Sequence[str], tries: int) -> Row:
        """What a row that is still to come has in these columns."""
        return {name: self._another(self.columns[name], tries) for name in names if name in self.columns}

    def narrow(self, takes: Callable[[Column, str | None, Sequence[str]], bool]) -> None:
        """Leave out what a column does not take by its own checks; all is left where it `takes` nothing."""
        for name, column in self.columns.items():
            checks = [each.holds for each in self.shape.checks if each.columns == (name,) and each.holds]
            if checks:
                pool = self._pools[name]
                self._pools[name] = tuple(each for each in pool if takes(column, each, checks)) or pool

    def repeated(self, row: Row, number: int) -> Row:
        """The same as `row` but for one column of each unique key: of several now this one, now that."""
        again = dict(row)
        for key in self.shape.unique:
            name = key[number % len(key)]
            foreign = next((each for each in self.shape.foreign if name in each.columns), None)
            if foreign is not None:
                again |= self._of_parent(foreign, {}, self._beside(foreign, row))
            elif name in self.columns:
                again[name] = self._another(self.columns[name], 0)
        return again

    def bare(self, row: Row) -> Row:
        """The same with its defaults, and NULL wherever else it may be, for who fills a column only beside another."""
        given = [(self.columns[name], value) for name, value in row.items()]
        kept = ((column, value) for column, value in given if column.counted or not column.filled)
        return {column.name: value if column.required else None for column, value in kept}

    def _is_new(self, column: Column, number: int, tries: int) -> bool:
        """Whether what has to be unique is made anew, and not drawn."""
        return tries % 2 == 1 if tries else number % 2 == 1 or not is_text(column.kind)

    def _any_of(self, pool: Sequence[str | None]) -> str | None:
        nothing = pool[0] is None and self._random.randrange(_SELDOM) == 0
        return None if nothing else self._random.choice(pool)

    def _another(self, column: Column, tries: int) -> str | None:
        self._count += 1
        return another(column.kind, self._count, tries)

    def _beside(self, foreign: Foreign, row: Row) -> int:
        """The number of the parent behind that of `row`."""
        keys = {key: row.get(name) for name, key in foreign.pairs}
        parents = self.parents.get(foreign.to, ())
        return 1 + next((number for number, each in enumerate(parents) if keys.items() <= each.items()), -1)

    def _of_parent(self, foreign: Foreign, row: Row, number: int) -> Row:
        """Values of a foreign key that go with what is given in `row`; NULL, where they may be and there are none."""
        pairs = list(foreign.pairs)
        given = [(column, key) for column, key in pairs if column in row]
        fit = [each for each in self.parents.get(foreign.to, ()) if all(each[key] == row[name] for name, key in given)]
        open_yet = [(name, key) for name, key in pairs if name not in row and name in self.columns]
        optional = [name for name, _ in open_yet if not self.columns[name].required]
        if not fit or (optional and given == [] and number % _SELDOM == _SELDOM - 1):
            return dict.fromkeys(optional)
        parent = fit[number % len(fit)]
        return {name: parent[key] for name, key in open_yet}


def _hints(shape: Shape) -> Mapping[str, Sequence[str]]:
    """What stands in the checks on a column: what they compare with is most likely what they take."""
    found: dict[str, list[str]] = {}
    for check in shape.checks:
        told = list(_told(check.says))[:_MOST_HINTS]
        for name in check.columns:
            found.setdefault(name, []).extend(told)
    texts = {each.name for each in shape.columns if each.kind.category == "S"}
    return {name: [*each, *(_of_length(each) if name in texts else ())] for name, each in found.items()}


def _told(says: str) -> Iterator[str]:
    yield from (each.replace("''", "'") for each in _TEXT.findall(says))
    for number in _NUMBER.findall(_TEXT.sub("", says)):
        yield number
        if "." not in number:
            yield from (str(int(number) + 1), str(int(number) - 1))


def _of_length(hints: Sequence[str]) -> Iterator[str]:
    """Texts that are as long as a number says."""
    for each in hints:
        if len(each) <= _FEW_DIGITS and each.isdecimal() and 0 < int(each) <= _LONGEST:
            yield "x" * int(each)
