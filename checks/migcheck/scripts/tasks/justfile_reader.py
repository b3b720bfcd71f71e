"""From the text of a justfile, and of what it imports, to its recipes.

Facts: just.systems/man: "Modules" (`mod foo` is foo.just, foo/mod.just or a justfile in foo; `just foo bar`, `just
foo::bar`; recipes are run where the file of the module lies).
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from posixpath import dirname, join, normpath

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.file_names import JUSTFILES
from migcheck.scripts.tasks.justfile import Justfile, Recipe
from migcheck.scripts.tasks.justfile_scripts import Line, Recipes, scripts_of
from migcheck.scripts.tasks.justfile_words import Word, header, value_of, words_in
from migcheck.scripts.tasks.make_parts import Parts

_LONGEST = 500
"""Characters of a value, which can stand in a line many times, and of a recipe's name, which each line has."""
_MOST_FILES = 50
"""Read beside the justfile itself; one that several modules import counts for each."""
_THREE_QUOTES = regex(r"'''|\"\"\"|```")
_LONGEST_MODULE = 50
_MOST_RECIPES = 1_000
"""Of a module. Each has the names of all that are around it."""
_DEEPEST = 5
_IMPORT = regex(r"import\s*\??\s+(?P<told>.+)")


def read_justfile(path: str, content: bytes, parts: Parts | None = None, directory: str | None = None) -> Justfile:
    """The justfile at `path`, run in `directory` or else in its own.

    What is imported from elsewhere than `parts` is passed over.
    """
    home = dirname(path) or "."
    away = directory is not None
    recipes = Recipes(f"{path} in {directory}" if away else path, directory or home, away=away)
    reader = _Reader(parts or Parts(), recipes, within=(path,))
    reader.file(path, content)
    return Justfile(reader.made())


def imported_by(path: str, content: bytes) -> Iterator[str]:
    """What the justfile at `path` imports of its repository, and where its modules may lie."""
    text = content.decode("utf-8", "replace") if b"import" in content or b"mod" in content else ""
    for _, each in _logical_lines(text):
        told = _IMPORT.match(each)
        strings = (word.text for word in words_in(told["told"]) if word.kind == "string") if told else ()
        module = _module_in(words_in(each)) if each.startswith("mod") else None
        for place in (*(normpath(join(dirname(path), one)) for one in strings), *_places(path, module)):
            if not place.startswith(("/", "..", "~")):
                yield place


def _module_in(words: Sequence[Word]) -> tuple[str, str] | None:
    """The name of the module that a line takes in, and where it says that this lies; None where it takes in none."""
    match [each for each in words if each != Word("sign", "?")]:
        case [Word("name", "mod"), Word("name", name)] if len(name) <= _LONGEST_MODULE:
            return name, ""
        case [Word("name", "mod"), Word("name", name), Word("string", place)] if len(name) <= _LONGEST_MODULE:
            return name, place
        case _:
            return None


def _places(path: str, module: tuple[str, str] | None) -> Sequence[str]:
    """Where a module of the justfile at `path` may lie."""
    if module is None:
        return ()
    home = normpath(join(dirname(path), module[1] or module[0]))
    return (home if module[1] else f"{home}.just", *(f"{home}/{each}" for each in ("mod.just", *JUSTFILES)))


class _Reader(Struct):
    """What a justfile says with what it imports: its `recipes`, and other names of these.

    `within` are the modules that it is read for, outermost first, itself the last. `read` are its own files: another
    module may have the same ones. `opened` are those of all modules, as often as they were read.
    """

    parts: Parts
    recipes: Recipes
    aliases: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[Word, ...]] = field(default_factory=list)
    modules: dict[str, Recipe] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    read: set[str] = field(default_factory=set)
    opened: list[str] = field(default_factory=list)

    def made(self) -> dict[str, Recipe]:
        """The recipes by their names, before all others the one that is the default."""
        found, first = dict[str, Recipe](), ""
        for head, attributes, lines in self.recipes.told:
            recipe = found.setdefault(head.name, Recipe(head.most))
            recipe.needs |= dict.fromkeys(head.needs)
            recipe.lines += scripts_of(self.recipes, head.name, attributes, lines)
            recipe.asks = recipe.asks or any(Word("name", "confirm") in each for each in attributes)
            first = first or (head.name if any(Word("name", "default") in each for each in attributes) else "")
        found = {name: found[name] for name in (first, *found) if name} | self.modules
        return found | {alias: found[name] for alias, name in self.aliases.items() if name in found}

    def file(self, path: str, content: bytes) -> None:
        """Read a file to its end, with what it imports."""
        self.read.add(path)
        self.opened.append(path)
        lines: list[Line] = []
        for number, text in _logical_lines(content.decode("utf-8", "replace")):
            if text[:1] in ("", " ", "\t"):
                lines.append(Line(path, number, text))
                continue
            lines = []
            words = words_in(text)
            head = header(words)
            if text.startswith("["):
                self.attributes.append(words)
                continue
            if told := _IMPORT.match(text):
                self._take_in(path, words_in(told["told"]))
            elif (module := _module_in(words)) is not None:
                self._module(path, module)
            elif words and not self._is_set(words) and head is not None and len(head.name) <= _LONGEST:
                self.recipes.told.append((head, tuple(self.attributes), lines))
            self.attributes.clear()

    def _take_in(self, path: str, words: Sequence[Word]) -> None:
        """Read a file that is imported, where it is there and was not read yet."""
        named = next((each.text for each in words if each.kind == "string"), "")
        place = normpath(join(dirname(path), named))
        if place in self.parts.files and place not in self.read and len(self.opened) <= _MOST_FILES:
            self.file(place, self.parts.taken(place))

    def _module(self, path: str, module: tuple[str, str]) -> None:
        """Read a module, whose recipes have its name before theirs."""
        place = next((each for each in _places(path, module) if each in self.parts.files), None)
        if place is None or place in self.within or len(self.opened) > _MOST_FILES or len(self.within) > _DEEPEST:
            return
        recipes = Recipes(place, dirname(place) or ".")
        inner = _Reader(self.parts, recipes, within=(*self.within, place), opened=self.opened)
        inner.file(place, self.parts.taken(place))
        for name, each in islice(inner.made().items(), _MOST_RECIPES):
            needs = {f"{module[0]}::{one}": None for one in each.needs}
            # Without a recipe, a module is its first.
            self.modules.setdefault(module[0], own := replace(each, needs=needs))
            self.modules[f"{module[0]}::{name}"] = own

    def _is_set(self, words: Sequence[Word]) -> bool:
        """Whether a line sets something, which is noted."""
        match words:
            case (Word("name", "alias"), Word("name", name), Word("sign", ":="), Word("name", other), *_):
                self.aliases[name] = other
            case (Word("name", "set"), Word("name", name), *rest):
                told = [each.text for each in rest if each.kind in ("string", "name")]
                self.recipes.settings[name] = " ".join(told) if rest else "true"
            case (Word("name", "export"), Word("name", name), Word("sign", ":=" | "="), *rest):
                self.recipes.exported.add(name)
                self._note(name, rest)
            case (Word("name", name), Word("sign", ":="), *rest):
                self._note(name, rest)
            case _:
                return False
        return True

    def _note(self, name: str, rest: Sequence[Word]) -> None:
        value = value_of(rest)
        if value is not None and len(value) <= _LONGEST:
            self.recipes.values[name] = value


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers. Outside of a body one goes on behind a backslash, and to the end of three quotes."""
    begin, held = 1, list[str]()
    in_body = is_open = False
    for number, each in enumerate(text.split("\n"), 1):
        line = each.removesuffix("\r")
        if not held:
            begin, in_body, is_open = number, line[:1] in ("", " ", "\t"), False
        held.append(line)
        # Of the new line alone: a text that stays open would be gone through again at each line of it.
        is_open ^= len(_THREE_QUOTES.findall(line)) % 2 == 1
        if in_body or not (line.endswith("\\") or is_open):
            told = "\n".join(held)
            yield begin, told.replace("\\\n", " ") if not in_body else told
            held.clear()
