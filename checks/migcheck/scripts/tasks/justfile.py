"""The recipes of a justfile. Each line of one is a script of its own, but for a recipe that begins with `#!`.

Facts: just.systems/man: "Quick Start" (the way up to one; `just DIR/recipe`), "Recipe Parameters" (a recipe takes as
many of the words behind it as it may), "Dependencies", "Working Directory", "Settings" (`shell` is `sh -cu`),
"Attributes" (`[confirm]` asks, `[default]` stands for the first), "Imports", "Shebang Recipes".
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from migcheck.scripts.script import Script
from migcheck.scripts.tasks.runner_calls import JustCall


class Recipe(Struct):
    """What just does for a recipe: what it `needs`, then its lines. `most` are the arguments that it takes.

    `asks`: a person has to say yes first.
    """

    most: int | None = 0
    needs: dict[str, None] = field(default_factory=dict)
    lines: list[Script] = field(default_factory=list)
    asks: bool = False


class Justfile(Struct, frozen=True):
    """The recipes of a justfile, in their order."""

    recipes: Mapping[str, Recipe]

    @property
    def lines(self) -> Iterator[Script]:
        """Every line of every recipe."""
        found = {line.key: line for recipe in self.recipes.values() for line in recipe.lines}
        return iter(found.values())

    def asked(self, call: JustCall) -> Iterator[Script]:
        """The lines that `call` has just run."""
        left = list(self._begun(list(call.words)))
        seen: set[str] = set()
        while left:
            name = left.pop()
            recipe = self.recipes.get(name)
            if recipe is not None and name not in seen and not (recipe.asks and not call.yes):
                seen.add(name)
                left += recipe.needs
                yield from recipe.lines

    def _begun(self, words: list[str]) -> Iterator[str]:
        """The recipes that words of a command line begin; each takes the words behind it that it may."""
        if not words:
            yield from [*self.recipes][:1]
        while words:
            while (inside := "::".join(words[:2])) in self.recipes and len(words) > 1:
                words[:2] = [inside]
            if words[0] not in self.recipes:
                return
            yield words[0]
            most = self.recipes[words[0]].most
            del words[: len(words) if most is None else most + 1]
