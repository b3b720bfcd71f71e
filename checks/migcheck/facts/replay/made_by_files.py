"""What the files of a folder make themselves, by their text: what is missed of that is no lack of a server's. Pure."""

import re
from collections.abc import Sequence

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import decode
from migcheck.drizzle.text import has_statement
from migcheck.postgres.running.statements import without_comments
from migcheck.regex import regex

_CREATES_EXTENSION = regex(r"(?i)\bcreate\s+extension\b")
# CREATE, the words of the kind, perhaps a schema, the name; what follows ON or WITH or the like is only referred to.
_ANY = (
    r"\b(?:create\s+[a-z]+(?:\s+(?!(?:as|for|foreign|from|on|schema|tablespace|to|with)\b)[a-z]+){0,5}?\s+"
    r"|rename\s+to\s+)"
    r'(?:"?[\w$]+"?\s*\.\s*)?'
)
_OF_KIND = r"\b(?:create\s+{kind}\s+(?:if\s+not\s+exists\s+)?|alter\s+{kind}\s+\S+\s+rename\s+to\s+)"
# By the server's words for them. A table or a schema may have the name of any, and is none.
_NAMED_APART = {
    "access method": r"access\s+method",
    "extension": "extension",
    "foreign server": "server",
    "foreign-data wrapper": r"foreign\s+data\s+wrapper",
    "publication": "publication",
    "role": "(?:role|user|group)",
    "server": "server",
    "tablespace": "tablespace",
}


def is_made(name: str, migrations: Sequence[Migration], kind: str = "") -> bool:
    """Whether any file with a statement creates something of this name, or gives it the name, by its text.

    `kind`, in the server's words, matters where such have a namespace of their own.
    """
    apart = _NAMED_APART.get(kind)
    begins = _OF_KIND.format(kind=apart) if apart else _ANY
    made = re.compile(rf'{begins}"?{re.escape(name)}"?(?![\w$]|\s*\.)', re.IGNORECASE)
    # What a comment says of it makes nothing.
    texts = (decode(each.sql) for each in migrations if has_statement(each.sql))
    return any(made.search(without_comments(text)) for text in texts if name.casefold() in text.casefold())


def extension_schema(extension: str, migrations: Sequence[Migration]) -> str:
    """The schema in which a file makes the extension, in so many words; empty where none does."""
    said = re.compile(
        rf'\s+(?:if\s+not\s+exists\s+)?"?{re.escape(extension)}"?\s(?:.*\s)?schema\s+"?(?P<schema>\w+)',
        re.IGNORECASE | re.DOTALL,
    )
    texts = (without_comments(piece.text) for each in migrations for piece in each.pieces)
    made = (_CREATES_EXTENSION.split(statement, 1)[1:] for text in texts for statement in text.split(";"))
    found = (said.match(rest) for behind in made for rest in behind)
    return next((each["schema"] for each in found if each), "")
