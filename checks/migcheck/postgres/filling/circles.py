"""Tables that no row can be in before there is one in the next: circles of foreign keys. No I/O."""

from collections.abc import Iterator, Sequence

from migcheck.postgres.filling.shape import Shape


def circles_of(shapes: Sequence[Shape]) -> Iterator[tuple[Shape, ...]]:
    """Each circle in the order of `shapes`, a table that has to point to itself among them."""
    demands = {each.name: {foreign.to for foreign in each.demanded} for each in shapes}
    reached = {name: _reached(name, demands) for name in demands}
    told = set[str]()
    for shape in shapes:
        if shape.name in reached[shape.name] and shape.name not in told:
            circle = [each for each in shapes if shape.name in reached[each.name] and each.name in reached[shape.name]]
            told |= {each.name for each in circle}
            yield tuple(circle)


def _reached(name: str, demands: dict[str, set[str]]) -> set[str]:
    found, left = set[str](), [name]
    while left:
        new = demands.get(left.pop(), set()) - found
        found |= new
        left += new
    return found
