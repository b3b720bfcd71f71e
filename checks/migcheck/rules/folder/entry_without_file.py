"""MC101."""

from collections.abc import Iterator

from migcheck.drizzle.names import file_of, leaves_folder
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC101")
def entry_without_file(facts: FolderFacts) -> Iterator[Violation]:
    """Every entry of the journal has its SQL file.

    ## Why it blocks
    Drizzle's migrator reads the files of all entries before it runs any. One that is missing ends every deploy with
    `No file ... found`, and `drizzle-kit migrate` then prints nothing at all.

    ## How to fix
    Commit the missing file (`git checkout` brings back one that was deleted), or remove the entry if the migration was
    never applied anywhere.

    Where the names differ in case only, the file is found on macOS and Windows and missing on Linux: rename it with
    `git mv`.
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
            evidence=f"there is {near}, whose name differs in case" if near else "",
        )
