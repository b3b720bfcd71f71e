"""MC124."""

import re
from collections.abc import Iterator

from migcheck.drizzle.text import line_at
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule

_MARKER = re.compile(rb"^(?:<{7}|>{7})(?: [^\n]{0,60})?\r?$", re.MULTILINE)


@rule("MC124")
def conflict_markers(facts: FolderFacts) -> Iterator[Violation]:
    """No file holds the markers of a merge conflict.

    ## Why it blocks
    The merge was committed half done: Postgres refuses the markers, and what stands between them is two versions of one
    migration.

    ## How to fix
    Resolve the conflict in the file.
    """
    for file in facts.texts:
        found = _MARKER.search(file.sql) if b"<<<<<<<" in file.sql or b">>>>>>>" in file.sql else None
        if found:
            yield Violation(
                Location(file.path, line_at(file.sql, found.start())),
                f"{file.tag} holds the markers of a merge conflict",
                migration=file.tag,
                evidence=found.group().decode().strip(),
                severity=facts.of_file(file),
            )
