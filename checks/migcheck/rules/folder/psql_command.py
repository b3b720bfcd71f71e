"""MC127."""

from collections.abc import Iterator

from migcheck.drizzle.text import line_at, may_escape_anywhere, psql_command_in
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC127", Trait.NEVER_RUNS)
def psql_command(facts: FolderFacts) -> Iterator[Violation]:
    r"""No file holds a command of psql.

    ## Why it matters
    `\i`, `\set`, `\copy` and the like are orders to psql, which never sends them to a server. Drizzle sends them: the
    server refuses the piece (`syntax error at or near "\"`), and with it all that is pending. They come with what was
    written for psql, or by pg_dump, whose newer releases begin a dump with `\restrict`. Outside of quotes and comments
    each backslash begins one: SQL has none there.

    A folder where a file sets `standard_conforming_strings` to anything but `on` is left to the server: a quote behind
    a backslash may end no string there.

    ## How to fix
    Take the command out, and write as SQL what it was to do.

    `\i` and `\ir`: put the text of that file in its place. `\set`: write the values where they are used. `\c`: a
    migration runs in one database. `\copy`: INSERT the rows. `\gexec`: a DO block with EXECUTE. `\restrict` and
    `\unrestrict` of a dump have no counterpart.

    ## Once it has landed
    Leave it if any database has it in its ledger: to change it then would be an edit that no database gets. A file
    that the server refuses ran nowhere; put it right, and a rehearsal that finds base stuck at this file lets the
    repair pass.
    """
    found = [(file, spot) for file in facts.texts if (spot := psql_command_in(file.sql))]
    if found and any(may_escape_anywhere(file.sql) for file in facts.texts):
        return
    for file, spot in found:
        yield Violation(
            Location(file.path, line_at(file.sql, spot.at)),
            f"{file.tag} holds a command of psql, which the server refuses",
            migration=file.tag,
            evidence=spot.what,
            landed=facts.has_landed(file),
        )
