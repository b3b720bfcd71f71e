"""A page of the docs whose blocks are run: what it says, cut into cases.

`<!-- case: NAME -->` begins a case; its blocks follow in their order, up to the next case. A block is `sh`, `sql`,
`toml` or `text`, which is what the block before it prints (`…` stands for anything). A block under a line that ends
with a path and a colon is that file. A command ends with 0 where no comment `# exit code N` says another.
`<!-- NAME -->` above a table names it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CASE = re.compile(r"^<!-- case: (?P<name>[\w-]+) -->$", re.MULTILINE)
_BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`(?P<path>[\w./]+)`[^`]*:$")
_EXIT_CODE = re.compile(r"\s+# exit code (?P<code>\d+)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `path` is of the file that it is the text of; empty where it is to be run."""

    kind: str
    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a block `sh`, and how it ends."""

    line: str
    code: int


def cases(page: str) -> dict[str, tuple[Block, ...]]:
    """The blocks of each case, by its name."""
    found = list(_CASE.finditer(page))
    ends = [*(each.start() for each in found[1:]), len(page)]
    return {each["name"]: tuple(_blocks(page, each.end(), end)) for each, end in zip(found, ends, strict=True)}


def blocks(page: str) -> tuple[Block, ...]:
    """All the blocks of a page."""
    return tuple(_blocks(page, 0, len(page)))


def file_of(page: str, path: str) -> str:
    """The text of a file that stands before the first case."""
    first = next(_CASE.finditer(page)).start()
    return next(block.text for block in _blocks(page, 0, first) if block.path == path)


def commands(block: Block) -> tuple[Command, ...]:
    """The lines of a block `sh`."""
    return tuple(_command(line) for line in block.text.splitlines())


def table(page: str, name: str) -> list[list[str]]:
    """The cells of the table below `<!-- NAME -->`, row by row, without its head and without marks of code."""
    below = page.partition(f"<!-- {name} -->\n")[2].partition("\n\n")[0]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in below.splitlines()[2:]]


def dead_links(page: str) -> set[str]:
    """The `#places` that the page links to and has no heading for, as GitHub names them."""
    titles = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    places = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    return set(re.findall(r"\]\(#([^)]*)\)", page)) - places


def lacking(expected: str, printed: str) -> str:
    """The first line of `expected` that does not stand in `printed` behind those before it; empty where all do."""
    lines = iter(line.rstrip() for line in printed.splitlines())
    for line in filter(str.strip, expected.splitlines()):
        pattern = ".*".join(map(re.escape, line.rstrip().split("…")))
        if not any(re.fullmatch(pattern, each) for each in lines):
            return line
    return ""


def _blocks(page: str, start: int, end: int) -> Iterator[Block]:
    for match in _BLOCK.finditer(page, start, end):
        told = [line for line in page[: match.start()].splitlines() if line and not _CASE.match(line)]
        path = _FILE.search(told[-1]) if told and match["kind"] in ("sql", "toml") else None
        yield Block(match["kind"], match["text"], path["path"] if path else "")


def _command(line: str) -> Command:
    code = _EXIT_CODE.search(line)
    return Command(_EXIT_CODE.sub("", line), int(code["code"]) if code else 0)
