"""The target's URL: read as the application's JavaScript driver reads it, written as libpq does.

Sources: WHATWG URL (the userinfo ends at the last @; libpq takes the first), pg-connection-string 2.9 (`ssl`,
`sslmode=no-verify`), libpq 18 (which parameters there are; an unknown one is an error there, and ignored by drivers).
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, unquote, urlencode

from migcheck.errors import UsageError

_URL = re.compile(r"postgres(?:ql)?://(?P<authority>[^/?#]*)(?:/(?P<database>[^?#]*))?(?:\?(?P<query>[^#]*))?$")
_HOST = re.compile(r"(?P<host>[\w.-]*|\[[0-9a-fA-F:.]+\]|(?:%2[fF][\w.%-]*))(?::(?P<port>\d{0,5}))?")
_LAST_PORT = 65_535
_SSL_ON = frozenset({"1", "true", "require", "no-verify"})


def libpq_url(url: str, name: str) -> str:
    """Return `url` (or a keyword DSN) as libpq takes it. `name` is the variable that holds it, for messages.

    Raises UsageError where it names no Postgres database; the message quotes nothing of it, for it holds a password.
    """
    remedy = f"{name}=postgres://user:password@host:5432/database (in the password, percent-encode / ? # %)"
    if "://" not in url.partition("=")[0]:
        _check(url, f"{name} is neither a Postgres URL nor a keyword DSN", remedy)
        return url
    found = _URL.match(url)
    if found is None:
        problem = "a malformed URL" if url.startswith("postgres") else "no URL of a Postgres database"
        raise UsageError(f"{name} is {problem}", remedy)
    userinfo, _, hosts = found["authority"].rpartition("@")
    parameters = list(_parameters(found["query"] or ""))
    if not all(_is_host(each) for each in hosts.split(",")):
        raise UsageError(f"{name} is a malformed URL: its host or port is none", remedy)
    if not hosts and not any(key in {"host", "hostaddr"} for key, _ in parameters):
        raise UsageError(f"{name} is a malformed URL: it names no host", remedy)
    query = urlencode(parameters, quote_via=quote)
    written = f"postgresql://{_userinfo(userinfo)}{hosts}/{found['database'] or ''}{'?' if query else ''}{query}"
    _check(written, f"{name} is a malformed URL", remedy)
    return written


def _userinfo(text: str) -> str:
    user, colon, password = (text.partition(":")) if text else ("", "", "")
    return f"{_encoded(user)}{colon}{_encoded(password)}@" if text else ""


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="")


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text)
    return found is not None and int(found["port"] or 1) in range(1, _LAST_PORT + 1)


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    """The parameters that libpq knows; `ssl` and `no-verify` said in its words."""
    # psycopg is wanted only by a run that has a target.
    from psycopg.pq import Conninfo  # noqa: PLC0415

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given = dict(parse_qsl(query, keep_blank_values=True))
    if given.get("ssl") in _SSL_ON:
        given.setdefault("sslmode", "require")
    if given.get("sslmode") == "no-verify":
        given["sslmode"] = "require"
    return ((key, value) for key, value in given.items() if key in known)


def _check(conninfo: str, problem: str, remedy: str) -> None:
    from psycopg import ProgrammingError  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        empty = not conninfo_to_dict(conninfo)
    except ProgrammingError:
        # Its message quotes what it could not read, which may be half a password.
        raise UsageError(problem, remedy) from None
    if empty:
        raise UsageError(problem, remedy)
