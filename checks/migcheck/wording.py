"""Words that rules and reports share."""

from collections.abc import Iterable, Sequence
from json import dumps
from operator import ne
from shlex import quote

from migcheck.regex import regex

TOP = '"$(git rev-parse --show-toplevel)"'
"""The top of the repository, for a shell in any directory of it."""

GENERATE_ANEW = (
    "A migration that has not landed is made anew: delete it (file, snapshot, entry), change the schema, and run "
    "`drizzle-kit generate`."
)
"""How whoever wrote a migration makes another of it: a second one behind it takes nothing of it back."""

_TABLE = "[[waiver]]"
_TABLES = regex(r"\[\[(waiver|migration)\]\]")
_SHOWN = 5
_ENDS = (".", ":", ";", ",", "?", "!")


def counted(count: int, noun: str) -> str:
    """`1 migration`, `2 migrations`, `0 migrations`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """The first five names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def first_of(lines: Sequence[str], shown: int, *, rest: str = "more") -> list[str]:
    """The first `shown` lines, and how many more there are; all, where there is one more: that takes no more room."""
    if len(lines) <= shown + 1:
        return list(lines)
    return [*lines[:shown], f"… and {len(lines) - shown} {rest}"]


def from_top(path: str) -> str:
    """`path`, which is relative to the repository's top, as most commands of git take it in any directory."""
    return quote(f":/{path}")


def bring_back(revision: str, was: str, path: str) -> str:
    """The command that brings back the file `was` of a revision, as `path`, in any directory of the repository."""
    if was == path:
        return f"git checkout {revision} -- {from_top(path)}"
    return f"git show {quote(f'{revision}:{was}')} > {TOP}/{quote(path)}"


def bring_back_of_submodule(name: str, commit: str, place: str, path: str) -> str:
    """The command that brings back `path` of a submodule that was at `place`, from what git keeps of it."""
    kept = f'"$(git rev-parse --absolute-git-dir)"/{quote(f"modules/{name}")}'
    return f"git --git-dir={kept} --work-tree={TOP}/{quote(place)} checkout {commit[:12]} -- {from_top(path)}"


def is_unwritten(reason: str) -> bool:
    """Whether a reason still ends as those of a `waiver_table` do, which are for people to finish."""
    return reason.rstrip().endswith(("...", "…"))


def waiver_table(code: str, about: str, reason: str) -> str:
    """A waiver for people to finish: the day is theirs. `about` is a tag or a path."""
    return f'{_waiver_of(code, about)}reason = "{reason}"\nuntil = YYYY-MM-DD'


def waiver_in_folder(fix: str, code: str, tag: str, folder: str) -> str:
    """`fix` with `folder` in the waiver of `code` and `tag` that it may end with: other folders have that tag too."""
    said = _waiver_of(code, tag)
    return fix.replace(said, f"{said}folder = {dumps(folder, ensure_ascii=False)}\n")


def in_file(fix: str, file: str, table: Sequence[str]) -> str:
    """`fix` with `file` in the place of migcheck.toml, and its tables below `table`."""
    above = "".join(f"{each}." for each in table)
    return _TABLES.sub(lambda found: f"[[{above}{found[1]}]]", fix.replace(" in migcheck.toml", f" in {file}"))


def offers_waiver(fix: str) -> bool:
    """Whether a waiver to copy stands in `fix`."""
    return _TABLE in fix


def _waiver_of(code: str, about: str) -> str:
    return f'{_TABLE}\ncode = "{code}"\nmigration = {dumps(about, ensure_ascii=False)}\n'


def waived_by_path(code: str, path: str) -> str:
    """The way out for what people know better of a file. It begins a line of its own."""
    return "\nIf it is right as it is, waive it in migcheck.toml:\n" + waiver_table(code, path, "accepted: ...")


def waived_by_migration(code: str, migration: str) -> str:
    """The way out for what is meant to be so. It begins a line of its own."""
    return "\nIf it is meant, say so in migcheck.toml:\n" + waiver_table(code, migration, "meant: ...")


def held_nowhere(put_back: str, it: str = "it", they: str = "it") -> str:
    """What to do about what no ledger that was read holds as it landed; `put_back` is a sentence."""
    return (
        f"Nothing, where no other database has {it}: no ledger that was read holds {it} as {they} landed. "
        f"Where one may, {put_back[:1].lower()}{put_back[1:]}"
    )


def undone_there(what: str) -> str:
    """The way out for a database that ran `what` before it was made anew, for the end of a sentence."""
    return (
        f"undo {what} on that database and delete its row there, or build that database anew; the next deploy then "
        "runs what the folder has."
    )


def next_apply_waits(seconds: float) -> str:
    """What the next deploy does where another holds its lock, which `lock_wait` says; 0 asks once."""
    told = f"waits up to {seconds:g} s for it, and is refused then" if seconds else "is refused, as `lock_wait` is 0"
    return f"the next `migcheck apply` {told}"


def near_code(asked: str, codes: Iterable[str]) -> str | None:
    """The one code that differs from `asked` in a single character; None where none does, or several do."""
    near = [code for code in codes if len(code) == len(asked) and sum(map(ne, code, asked.upper())) == 1]
    return near[0] if len(near) == 1 else None


def one_line(text: str) -> str:
    """`text` with its lines joined by `; `, or by a space where one ends with a mark; a single line stays as it is."""
    if "\n" not in text:
        return text
    # A server points at a column of the line above: on one line that points nowhere.
    lines = [line.strip() for line in text.splitlines() if line.strip(" \t^")]
    return "".join(line + (" " if line.endswith(_ENDS) else "; ") for line in lines[:-1]) + "".join(lines[-1:])
