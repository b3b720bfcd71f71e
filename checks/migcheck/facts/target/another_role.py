"""Whether a migration goes on as another role than the one that deploys. Pure."""

from collections.abc import Iterable, Sequence
from itertools import islice

from migcheck.drizzle.folder import Migration
from migcheck.postgres.running.alone import statements_of
from migcheck.postgres.running.statements import inside, tokens
from migcheck.regex import regex

# SET LOCAL SESSION AUTHORIZATION has the most.
_BEGINNING = 4
_BLOCKS = (["do"], ["create", "function"], ["create", "procedure"], ["create", "or"])
# In a body, where statements are not told apart: `set role = 'member'` is of an UPDATE there.
_SETS = regex(r"\bset\s+(?:(?:local|session)\s+)?(?:role\b(?!\s*[=.])|session\s+authorization\b)")


def goes_on_as_another(migrations: Iterable[Migration]) -> bool:
    """Whether any of `migrations` sets the role of its session, or has a block or function that may."""
    return any(_sets_role(statement.text) for migration in migrations for statement in statements_of(migration))


def _sets_role(text: str) -> bool:
    match [each.lower() for each in islice(tokens(text), _BEGINNING)]:
        case ["set", "role", *_] | ["set", "local" | "session", "role", *_]:
            return True
        case ["set", "session", "authorization", *_] | ["set", "local" | "session", "session", "authorization"]:
            return True
        case words:
            return _is_block(words) and any(_SETS.search(each) for each in map(_body, tokens(text)))


def _is_block(words: Sequence[str]) -> bool:
    return any(words[: len(each)] == each for each in _BLOCKS)


def _body(token: str) -> str:
    """What a quotation in dollars holds, without its comments."""
    return " ".join(tokens(inside(token))).lower() if token[:1] == "$" else ""
