"""Paths and texts that a file makes of constants: what `+` and the functions of Node come to.

Sources: Node's documentation of `path.join`, `path.resolve`, `path.dirname`, `fileURLToPath` and `new URL`.
"""

from collections.abc import Sequence
from posixpath import basename, dirname, join, normpath

from migcheck.regex import regex
from migcheck.typescript.plain import BesideFile, Url, Value

# Longer than any path; a small file can put together gigabytes.
_LONGEST = 4096
# What a URL leaves as it is, and which of that ends in a directory: text behind it is in that.
_PLAIN_URL = regex(r"(?!/)[A-Za-z0-9_./@-]+")
_OF_A_DIRECTORY = regex(r"(?:.*/)?\.{0,2}")


def added(one: Value, other: Value) -> str | BesideFile | None:
    """What `one + other` is, where a text goes on with a text; a path may stand first. None where that is not plain."""
    match one, other:
        case str(), str() if len(one) + len(other) <= _LONGEST:
            return one + other
        case "", BesideFile():
            return other
        case BesideFile(path), str() if len(path) + len(other) <= _LONGEST:
            if other.startswith("/"):
                return BesideFile(normpath(path + other))
            # Else it is put to the name of a directory, which is not known of these.
            return BesideFile(path + other) if basename(path) not in {".", ".."} or not other else None
        case _:
            return None


def called(function: str, given: Sequence[Value]) -> Value:  # noqa: PLR0911 - one for each
    """What one of Node's functions gives back, by its name; None where that is not plain."""
    match function, given:
        case "process.cwd", []:
            # Text may stand behind it: a path of the program's, and not the one from the root that this alone would be.
            return "."
        case "URL", [Url() as same]:
            return same
        case "URL", [str(text), Url(path)] if _PLAIN_URL.fullmatch(text):
            return Url(normpath(join(dirname(path), text)) + "/" * bool(_OF_A_DIRECTORY.fullmatch(text)))
        case "fileURLToPath", [Url(path)]:
            return BesideFile(path)
        case "dirname", [BesideFile(path)]:
            return BesideFile(normpath(join(path, "..")))
        case "join" | "resolve" | "normalize", [first, *others]:
            return _joined(first, others, anew=function == "resolve")
        case _:
            return None


def _joined(first: Value, others: Sequence[Value], *, anew: bool) -> str | BesideFile | None:
    """Paths joined. Where each of them may begin `anew`, the last that does drops what is before it."""
    at = max((at for at, each in enumerate(others) if isinstance(each, BesideFile)), default=None) if anew else None
    dropped, head, rest = ([], first, others) if at is None else ([first, *others[:at]], others[at], others[at + 1 :])
    texts = [each for each in rest if isinstance(each, str)]
    if len(texts) < len(rest) or not all(isinstance(each, str | BesideFile) for each in (*dropped, head)):
        return None
    path = "/".join(each for each in (head if isinstance(head, str) else "", *texts) if each) or "."
    if len(path) > _LONGEST or (anew and any(each.startswith("/") for each in (head, *texts) if isinstance(each, str))):
        return None
    inside = "/" * (path.endswith("/") and not anew)
    if isinstance(head, BesideFile):
        return BesideFile(normpath(f"{head.path}/{path}") + inside)
    return normpath(path) + inside
