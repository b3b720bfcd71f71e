"""Passwords leave every output: text, JSON, log lines and tracebacks go through `redact` before they are written.

Two nets. One knows the forms a password is written in (URL, keyword DSN, query parameter, environment, SQL). The other
knows the secrets of this run, so that a server's message that repeats one in no form at all is caught as well.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote

from migcheck.regex import regex
from migcheck.wording import one_line

HIDDEN = "***"

# Shorter ones, and those that are also the user's or the database's name, would hide half of an innocent message.
_SHORTEST_LEARNT = 6

# The password ends at the LAST @ of the word: people paste passwords with a raw @, : or / in them.
# One slash is left of two where a URL was taken for a path.
_URL = regex(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}:/{1,2})(?P<rest>\S+)")
# PASSWORD itself is what our own remedies write in its place.
_USERINFO = regex(r"\A(?P<user>[^:@]*):(?!PASSWORD@[^@]*$).*@", re.DOTALL)
_QUERY = regex(r"(?P<key>[?&](?:ssl)?password=)(?P<value>[^&#\s]*)", re.IGNORECASE)

# In a string of SQL a quote is written twice, and one of a string within it four times. Tried before a plain string,
# which takes the first two for an empty one and leaves the password behind them.
_NESTED = r"''(?:''[^']+''|[^']*(?:''''[^']*)*)''"
_STRING = r"'(?:''|\\.|[^'\\])*(?:'|$)"
_VALUE = rf"""(?:{_NESTED}|\\'.*?(?:\\'|$)|{_STRING}|"(?:\\.|[^"\\])*(?:"|$)|(?:\\.|[^\s\\])+)"""
# A word behind `--password` is its value, on one line or in a list, of YAML as well; another option is none.
_OPTION = (
    r"""(?<![\w-])-{1,2}(?!-?no-)[\w-]{0,60}passw(?:or)?d"""
    r"""(?:["'][^\S\n]*,\s*(?!-)|[^\S\n]*,\s*(?![\s-])|(?:[^\S\n]|\\\n)+(?![\s-]|\\\n)"""
    r"""|["']?[^\S\n]*\n\s*-\s+(?!-))"""
)
_KEYWORD = regex(
    rf"(?P<key>(?:ssl)?passw(?:or)?d\s*(?::=|=>|=)\s*(?!=)|{_OPTION}){_VALUE}",
    re.IGNORECASE | re.DOTALL,
)
# Comments, few and short: every password in a text of nothing but comments would read all of it.
_COMMENTS = r"(?:(?:/\*(?:[^*]|\*(?!/)){0,300}\*/|--[^\n]{0,300}\n)\s*)"
# SQL joins strings that a line end parts.
_CONTINUED = rf"(?:[^\S\n]*(?:--[^\n]{{0,300}})?\n\s*{_STRING})*"
_SQL = regex(
    rf"""(?P<key>\b(?:ssl)?password(?:\s+{_COMMENTS}{{0,5}}|{_COMMENTS}{{1,5}})|"(?:ssl)?password"\s*{_COMMENTS}{{0,5}})"""
    rf"(?:(?:E|U&)?(?:(?P<nested>{_NESTED})|{_STRING})|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|$)){_CONTINUED}",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED_KEY = regex(
    r"""(?P<key>(?P<quote>(?P<nested>(?:''){1,2})|["'])[\w.-]{0,60}passw(?:or)?d(?P=quote)\s*(?:=>|[:=])\s*)"""
    rf"""(?(nested){_NESTED}|(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))""",
    re.IGNORECASE | re.DOTALL,
)

# What libpq guesses of whoever was lost: mostly it was the network, and the server is well.
_GUESS = regex(
    r"[;,]?\s*This probably means the server terminated abnormally;?\s+before or while processing the request\.?"
)

_learnt: set[str] = set()


def redact(text: str) -> str:
    """Return `text` with every password in it replaced by `***`. Safe to apply twice."""
    for secret in sorted(_learnt, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _URL.sub(_redact_url, text)
    text = _SQL.sub(lambda found: _hidden_string(found, "'"), text)
    text = _QUOTED_KEY.sub(lambda found: _hidden_string(found, '"'), text)
    return _KEYWORD.sub(_redact_keyword, text)


def said_by(error: Exception) -> str:
    """What `error` says, redacted and on one line, its notes in brackets."""
    notes = "".join(f" ({each})" for each in getattr(error, "__notes__", ()))
    return redact(_GUESS.sub("", " ".join(one_line(f"{error}{notes}").split())))


def learn(url: str) -> None:
    """Remember the passwords of `url`, or of a keyword DSN: `redact` hides them wherever they turn up, in any form."""
    innocent = set(re.split(r"[/:?&=.@'\s]", redact(url)))
    for password in _passwords_in(url):
        for form in {password, unquote(password), quote(unquote(password), safe=""), quote_plus(unquote(password))}:
            if len(form) >= _SHORTEST_LEARNT and form not in innocent:
                _learnt.add(form)


def _passwords_in(url: str) -> Iterator[str]:
    """Each password of a connection string, as it is written there and without the quotes of a keyword DSN."""
    userinfo, found, _ = url.partition("://")[2].rpartition("@")
    _, colon, password = userinfo.partition(":")
    if found and colon:
        # An "@" in a query is not the password's, one in a password is: both readings are remembered.
        yield password
        yield password.partition("@")[0]
    if "://" in url:
        yield from (each["value"] for each in _QUERY.finditer(url))
        return
    for each in _KEYWORD.finditer(url):
        written = each[0].removeprefix(each["key"])
        yield re.sub(r"\\(.)", r"\1", written.strip("'"))


def forget() -> None:
    """Forget every secret that was learnt."""
    _learnt.clear()


def _redact_url(found: re.Match[str]) -> str:
    rest = _USERINFO.sub(rf"\g<user>:{HIDDEN}@", found["rest"], count=1)
    return found["scheme"] + _QUERY.sub(rf"\g<key>{HIDDEN}", rest)


def _hidden_string(found: re.Match[str], quote: str) -> str:
    # Behind a nested one may stand the quote that ends the outer one: a plain one would go on with it the next time.
    quote = "''" if found["nested"] is not None else quote
    return f"{found['key']}{quote}{HIDDEN}{quote}"


def _redact_keyword(found: re.Match[str]) -> str:
    # A query parameter was hidden with its URL: what follows it (&sslmode=require) is not part of the password.
    whole = found[0]
    return whole if whole.startswith(found["key"] + HIDDEN) else found["key"] + HIDDEN
