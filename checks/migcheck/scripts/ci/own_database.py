"""Whether a step of CI runs beside a database that goes with its job: for what hides its secrets from the file."""

import re
from collections.abc import Iterable, Mapping

from migcheck.regex import regex
from migcheck.scripts.database_hosts import hosts_of
from migcheck.scripts.databases import addresses_in, is_local_address, is_local_url, names_a_database
from migcheck.scripts.file_names import ENVIRONMENT

_LASTS = regex(r"\$|/cloudsql/|(?!127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal$)[\w-]+\.[\w-]", re.ASCII)
_OF_THE_WEB = ("http://", "https://")
_VARIABLE = regex(r"\$\{?(?P<name>\w+)\}?", re.ASCII)


def leads_to_own(urls: Iterable[str]) -> bool | None:
    """Whether such addresses lead to a database of the job's own; None where they do not tell.

    A host that only running tells is that of a database that lasts. One without a dot is a container beside the job, or
    no host at all: `POSTGRES_HOST_AUTH_METHOD: trust`.
    """
    # `SUPABASE_URL` is no address of a Postgres.
    told = [each for each in urls if not each.startswith(_OF_THE_WEB)]
    if any(map(is_local_url, told)):
        return True
    hosts = (host for each in told for host in (hosts_of(each) if "://" in each else (each,)))
    if any(map(_LASTS.match, hosts)):
        return False
    return True if any(map(is_local_address, told)) else None


def kept(written: Mapping[str, str], told: str) -> dict[str, str]:
    """Which of the addresses `written` in `told`, a step's text, tell of its database.

    What the text itself sets is looked at by command, but for what it writes into a file.
    """
    return {name: url for name, url in written.items() if ENVIRONMENT in told or not is_local_url(url)}


def is_own(settings: Mapping[str, str], told: str, *, served: bool) -> bool:
    """Whether the database of a step is its job's own. `settings` are its variables, `told` is its text.

    `served`: a Postgres that goes with the job runs beside it.
    """
    written = {name: value_of(settings, value) for name, value in addresses_in(told).items()}
    urls = {name: value_of(settings, value) for name, value in settings.items() if names_a_database(name)}
    urls |= kept(written, told)
    found = leads_to_own(urls.values())
    return served if found is None else found


def value_of(settings: Mapping[str, str], value: str) -> str:
    """`value`, or what `settings` have for it where it is one variable."""
    found = _VARIABLE.fullmatch(value)
    return settings.get(found["name"], value) if found else value
