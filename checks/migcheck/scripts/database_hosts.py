"""Which hosts the address of a database names.

Facts: libpq "Connection URIs" (several hosts with commas between; `?host=` for the one before the path; a directory, as
it is or with `%2F`, for a Unix socket; where there is none PGHOST, or else the socket at hand), and what
`pg-connection-string` and `new URL()` make of the same: the host stands behind the last `@` before the path.
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote

from migcheck.regex import regex

_PUT_IN = regex(r"\$\{\{[^{}]{0,500}\}\}|\$\{[^{}]{0,500}\}")
_PORT = regex(r":[^:\]]*$")
_OPTIONS = frozenset({"host", "hostaddr"})
_VARIABLE = "$"
_UNTOLD = (_VARIABLE,)
_OF_NO_HOST = regex(r"\w+://(?:[^/?@]*@)?/[^/?]")


def hosts_of(url: str) -> tuple[str, ...]:
    """The hosts of a URL, those before its path and those of its options, in small letters; none of what is no URL.

    One that only running tells begins with `$`. Of a URL that programs read in several ways, for a raw `/` or `?` in
    its password, that is all of them.
    """
    _, _, rest = _PUT_IN.sub(_VARIABLE, url.strip()).partition("://")
    place, _, query = rest.partition("?")
    authority, _, path = place.partition("/")
    if "@" in path or "@" in query:
        return _UNTOLD
    return tuple(each.lower() for each in (*_before_path(authority), *_in_options(query)) if each)


def names_no_host(url: str) -> bool:
    """Whether `url` names a database and no host of it: that is what PGHOST says, or a socket of this machine."""
    return _OF_NO_HOST.match(url) is not None and not hosts_of(url)


def _before_path(authority: str) -> Iterator[str]:
    # A user may be called `postgres`, and a password `localhost`.
    return (unquote(_PORT.sub("", each)) for each in authority.rpartition("@")[2].split(","))


def _in_options(query: str) -> Iterator[str]:
    return (each for name, value in parse_qsl(query) if name in _OPTIONS for each in value.split(","))
