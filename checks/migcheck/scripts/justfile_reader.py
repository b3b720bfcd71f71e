"""From the text of a justfile, and of what it imports, to its recipes."""

from collections.abc import Iterator, Sequence
from posixpath import dirname, join, normpath

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.justfile import MODULE, Justfile, Recipe
from migcheck.scripts.justfile_scripts import Line, Recipes, scripts_of
from migcheck.scripts.justfile_words import Word, header, value_of, words_in
from migcheck.scripts.make_parts import Parts

_LONGEST = 500
"""Characters of a value, which can stand in a line many times, and of a recipe's name, which each line has."""
_MOST_FILES = 50
_THREE_QUOTES = regex(r"'''|\"\"\"|```")
_IMPORT = regex(r"(?P<what>import|mod)\s*\??\s+(?P<told>.+)")
_MODULES = ("{}.just", "{}/mod.just", "{}/justfile", "{}/.justfile", "{}/Justfile")


def read_justfile(path: str, content: bytes, parts: Parts | None = None, directory: str | None = None) -> Justfile:
    """The justfile at `path`, run in `directory` or else in its own.

    What is imported from elsewhere than `parts` is passed over.
    """
    found: dict[str, Recipe] = {}
    reader = _Reader(path, parts or Parts(), found, directory)
    return Justfile(path, found, above=reader.module(path, content, ""))


def imported_by(path: str, content: bytes) -> Iterator[str]:
    """What the justfile at `path` imports of its repository, or takes for a module, where it says by which path."""
    text = content.decode("utf-8", "replace") if b"import" in content or b"mod" in content else ""
    for _, each in _logical_lines(text):
        told = _IMPORT.match(each)
        for word in words_in(told["told"]) if told else ():
            place = normpath(join(dirname(path), word.text)) if word.kind == "string" else ""
            if place and not place.startswith(("/", "..", "~")):
                yield place


class _Module(Struct):
    """A justfile with what it imports: what it sets, and what its recipes say. `prefix` stands before each name."""

    recipes: Recipes
    prefix: str
    aliases: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[Word, ...]] = field(default_factory=list)


class _Reader(Struct):
    """What is read for the justfile at `path`, into `found`."""

    path: str
    parts: Parts
    found: dict[str, Recipe]
    directory: str | None = None
    read: set[str] = field(default_factory=set)

    def module(self, path: str, content: bytes, prefix: str) -> bool:
        """Read a file to its end, with what it imports. Whether it falls back on the justfiles above it."""
        module = _Module(self._recipes(path), prefix)
        self._file(module, path, content)
        for head, attributes, lines in module.recipes.told:
            name = f"{prefix}{head.name}"
            recipe = self.found.setdefault(name, Recipe(head.most))
            recipe.needs |= dict.fromkeys(f"{prefix}{each}" for each in head.needs)
            recipe.lines += scripts_of(module.recipes, name, attributes, lines)
            recipe.asks = recipe.asks or any(Word("name", "confirm") in each for each in attributes)
            if any(each[1:2] == (Word("name", "default"),) for each in attributes):
                first = {name: recipe, **self.found}
                self.found.clear()
                self.found.update(first)
        for alias, name in module.aliases.items():
            if f"{prefix}{name}" in self.found:
                self.found[f"{prefix}{alias}"] = self.found[f"{prefix}{name}"]
        return module.recipes.settings.get("fallback") == "true"

    def _recipes(self, path: str) -> Recipes:
        home = dirname(path) or "."
        if self.directory is None:
            return Recipes(self.path, home)
        root = f"{self.path} in {self.directory}"
        return Recipes(root, self.directory, away=True) if path == self.path else Recipes(root, home)

    def _file(self, module: _Module, path: str, content: bytes) -> None:
        lines: list[Line] = []
        for number, text in _logical_lines(content.decode("utf-8", "replace")):
            if text[:1] in ("", " ", "\t"):
                lines.append(Line(path, number, text))
                continue
            lines = []
            words = words_in(text)
            head = header(words)
            if text.startswith("["):
                module.attributes.append(words)
                continue
            if told := _IMPORT.match(text):
                self._take_in(module, path, told["what"], words_in(told["told"]))
            elif words and not _is_set(module, words) and head is not None and len(head.name) <= _LONGEST:
                module.recipes.told.append((head, tuple(module.attributes), lines))
            module.attributes.clear()

    def _take_in(self, module: _Module, path: str, what: str, words: Sequence[Word]) -> None:
        here = dirname(path)
        match what, words:
            case "import", (Word("string", name), *_):
                for each in self._there(normpath(join(here, name))):
                    self._file(module, each, self.parts.taken(each))
            case "mod", (Word("name", name), *more):
                told = [each.text for each in more if each.kind == "string"][:1]
                names = told + [f"{each}/{end}" for each in told for end in ("mod.just", "justfile", ".justfile")]
                found = (
                    there
                    for each in names or [each.format(name) for each in _MODULES]
                    for there in self._there(normpath(join(here, each)))
                )
                for each in found:
                    self.module(each, self.parts.taken(each), f"{module.prefix}{name}{MODULE}")
                    return
            case _:
                pass

    def _there(self, path: str) -> Iterator[str]:
        """The file at `path`, where it is there and was not read yet."""
        if path in self.parts.files and path not in self.read and len(self.read) < _MOST_FILES:
            self.read.add(path)
            yield path


def _is_set(module: _Module, words: Sequence[Word]) -> bool:
    """Whether a line sets something, which is noted."""
    match words:
        case (Word("name", "alias"), Word("name", name), Word("sign", ":="), Word("name", other), *_):
            module.aliases[name] = other
        case (Word("name", "set"), Word("name", name), *rest):
            told = [each.text for each in rest if each.kind in ("string", "name")]
            module.recipes.settings[name] = " ".join(told) if rest else "true"
        case (Word("name", "export"), Word("name", name), Word("sign", ":=" | "="), *rest):
            module.recipes.exported.add(name)
            _note(module.recipes, name, rest)
        case (Word("name", name), Word("sign", ":="), *rest):
            _note(module.recipes, name, rest)
        case _:
            return False
    return True


def _note(recipes: Recipes, name: str, rest: Sequence[Word]) -> None:
    value = value_of(rest)
    if value is not None and len(value) <= _LONGEST:
        recipes.values[name] = value


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
