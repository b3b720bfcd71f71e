"""MC124."""

import re
from collections.abc import Iterator

from migcheck.drizzle.text import line_at
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.regex import regex
from migcheck.rule import rule

_MARKER = regex(rb"^(?:<{7}|>{7})(?: [^\n]{0,60})?\r?$", re.MULTILINE)


@rule("MC124")
def conflict_markers(facts: FolderFacts) -> Iterator[Violation]:
    """No file holds the markers of a merge conflict.

    ## Why it matters
    The merge was committed half done: Postgres refuses the markers, and what stands between them is two versions of one
    migration.

    ## How to fix
    Resolve the conflict in the file.

    A marker without its counterpart warns: it may be text inside a string; anywhere else the server refuses it.

    ## Once it has landed
    Leave it if any database ran it: to change it then would be an edit that no database gets. A file that the server
    refuses ran nowhere; put it right, and a rehearsal that finds base stuck at this file lets the repair pass.
    """
    for file in facts.texts:
        found = list(_MARKER.finditer(file.sql)) if b"<<<<<<<" in file.sql or b">>>>>>>" in file.sql else []
        if found:
            paired = len({each.group()[:1] for each in found}) > 1
            yield Violation(
                Location(file.path, line_at(file.sql, found[0].start())),
                f"{file.tag} holds the markers of a merge conflict",
                migration=file.tag,
                evidence=found[0].group().decode("utf-8", "replace").strip(),
                severity=Severity.ERROR if paired else Severity.WARNING,
                landed=facts.has_landed(file),
            )
