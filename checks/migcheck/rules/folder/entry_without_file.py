"""MC101."""

from collections.abc import Iterator
from shlex import quote

from migcheck.drizzle.names import file_of, leaves_folder, path_of
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Violation
from migcheck.rule import Trait, rule
from migcheck.wording import TOP, bring_back


@rule("MC101", Trait.UNREADABLE)
def entry_without_file(facts: FolderFacts) -> Iterator[Violation]:
    """Every entry of the journal has its SQL file.

    ## Why it matters
    Drizzle's migrator reads the files of all entries before it runs any. One that is missing ends every deploy with
    `No file ... found`, and `drizzle-kit migrate` then prints nothing at all.

    ## How to fix
    Commit the missing file (`git add`; `git checkout` brings back one that was deleted), or remove the entry if the
    migration was never applied anywhere.

    Where the names differ in case only, the file is found on macOS and Windows and missing on Linux: rename it with
    `git mv`. The entry of a migration that has landed stays: databases have it.
    """
    there = {f"{each.tag}.sql" for each in (*facts.folder.files, *facts.folder.unreadable)}
    folded = {name.casefold(): name for name in there}
    for entry in facts.entries:
        name = file_of(entry.tag)
        if name in there or leaves_folder(entry.tag):
            continue
        near = folded.get(name.casefold())
        yield Violation(
            facts.at(entry),
            f"the journal names {entry.tag}, and there is no {name}",
            migration=entry.tag,
            evidence=_evidence(facts, entry.tag, near),
            fix=_fix(facts, entry.tag, near),
        )


def _evidence(facts: FolderFacts, tag: str, near: str | None) -> str:
    if near:
        return f"there is {near}, whose name differs in case"
    path = path_of(facts.folder.path, tag)
    return f"git ignores {path}, so that no commit has it" if path in facts.ignored else ""


def _fix(facts: FolderFacts, tag: str, near: str | None) -> str:
    path = path_of(facts.folder.path, tag)
    if near:
        was = path_of(facts.folder.path, near.removesuffix(".sql"))
        return f"Rename it: `git -C {TOP} mv {quote(was)} {quote(path)}`."
    if path in facts.ignored:
        # The same for all that one pattern keeps out, the migrations to come among them.
        one, every = quote(min(facts.ignored)), path_of(facts.folder.path, "**/*")
        return (
            f"Take the pattern out of .gitignore (`git -C {TOP} check-ignore -v --no-index {one}` names its line), or "
            f"add `!{every}` on a line below it, and `git add` what it kept out."
        )
    if facts.before is None or not facts.landed_at or facts.submodule or tag not in facts.landed:
        return ""
    was = facts.before.by_tag()[tag].path
    return f"Bring it back as base has it: `{bring_back(facts.landed_at, was, path)}`."
