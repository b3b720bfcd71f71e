"""Whether a step of CI runs beside a database that goes with its job: for what hides its secrets from the file."""

import re
from collections.abc import Iterable, Mapping

from migcheck.regex import regex
from migcheck.scripts.database_hosts import hosts_of
from migcheck.scripts.databases import addresses_in, is_local_url, names_a_database

_LASTS = regex(r"\$|(?!127\.0\.0\.1|0\.0\.0\.0)[\w-]+\.[\w-]", re.ASCII)
_VARIABLE = regex(r"\$\{?(?P<name>\w+)\}?", re.ASCII)
_ENV_FILE = ".env"


def leads_to_own(urls: Iterable[str]) -> bool | None:
    """Whether such addresses lead to a database of the job's own; None where they do not tell.

    A host that only running tells is that of a database that lasts. One without a dot is a container beside the job, or
    no host at all: `POSTGRES_HOST_AUTH_METHOD: trust`.
    """
    told = list(urls)
    if any(map(is_local_url, told)):
        return True
    hosts = (host for each in told for host in (hosts_of(each) if "://" in each else (each,)))
    return False if any(map(_LASTS.match, hosts)) else None


def is_own(settings: Mapping[str, str], told: str, *, served: bool) -> bool:
    """Whether the database of a step is its job's own. `settings` are its variables, `told` is its text.

    `served`: a Postgres that goes with the job runs beside it. What the text itself sets is looked at by command, but
    for what it writes into a file.
    """
    written = {name: _of(settings, value) for name, value in addresses_in(told).items()}
    kept = written if _ENV_FILE in told else {name: url for name, url in written.items() if not is_local_url(url)}
    urls = {name: _of(settings, value) for name, value in settings.items() if names_a_database(name)} | kept
    found = leads_to_own(urls.values())
    return served if found is None else found


def _of(settings: Mapping[str, str], value: str) -> str:
    """`value`, or what `settings` have for it where it is one variable."""
    found = _VARIABLE.fullmatch(value)
    return settings.get(found["name"], value) if found else value
