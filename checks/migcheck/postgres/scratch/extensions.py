"""Extensions: which image carries one, and those that the provider lets an owner create.

These are marked as trusted on scratch, without making any beforehand.

`trusted = true` in a control file lets an owner with CREATE on the database create the extension (manual, 38.17.1).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from migcheck.regex import regex

# A library may have the version of its extension behind the name: `$libdir/postgis-3`.
_ABSENT = regex(
    r'extension "(?P<name>[^"]+)" is not available|/extension/(?P<file>[^/"]+)\.control'
    r'|"\$libdir/(?P<library>[\w-]+?)(?:-\d[\w.-]*)?"'
)
# Where it is called otherwise than its extension.
_LIBRARIES = {"_int": "intarray", "pgxml": "xml2", "rtpostgis": "postgis_raster"}
# What Neon lets an owner create (neon.com/docs/extensions) and the community calls untrusted. Those that reach other
# hosts, files or programs are left out: a folder that needs one names it in [scratch] extensions.
PROVIDED = (
    "address_standardizer",
    "anon",
    "autoinc",
    "bloom",
    "dict_int",
    "h3",
    "h3_postgis",
    "hll",
    "hypopg",
    "insert_username",
    "intagg",
    "ip4r",
    "moddatetime",
    "pg_graphql",
    "pg_hashids",
    "pg_ivm",
    "pg_jsonschema",
    "pg_partman",
    "pg_roaringbitmap",
    "pg_stat_statements",
    "pg_tiktoken",
    "pg_trgm",
    "pg_uuidv7",
    "pgjwt",
    "pgrowlocks",
    "pgstattuple",
    "pgtap",
    "pgx_ulid",
    "postgis",
    "postgis_raster",
    "postgis_sfcgal",
    "postgis_tiger_geocoder",
    "postgis_topology",
    "prefix",
    "refint",
    "rum",
    "semver",
    "timescaledb",
    "unit",
    "uuid-ossp",
    "vector",
    "xml2",
)
EXTENSION_OF = {
    "vector": "vector",
    "halfvec": "vector",
    "sparsevec": "vector",
    "hnsw": "vector",
    "ivfflat": "vector",
    "geometry": "postgis",
    "geography": "postgis",
    "citext": "citext",
    "hstore": "hstore",
    "ltree": "ltree",
    "uuid_generate_v4": "uuid-ossp",
    "uuid_generate_v1": "uuid-ossp",
    "crypt": "pgcrypto",
    "gen_salt": "pgcrypto",
    "digest": "pgcrypto",
    "gen_random_bytes": "pgcrypto",
    "similarity": "pg_trgm",
    "gin_trgm_ops": "pg_trgm",
    "unaccent": "unaccent",
}
"""Where a name comes from that no file makes: what the provider's console, or somebody by hand, has installed."""
# These run programs, reach files or other hosts as the server's user, or the bytes of a page past all checks of the
# server's: no project may ask for them.
NEVER = frozenset({"adminpack", "file_fdw", "dblink", "postgres_fdw", "pg_surgery", "pageinspect"})
UNTRUSTED_LANGUAGE = regex(r"pl\w+u(_|$)|_pl\w+u$")
_POSTGIS_3_6 = 18
_IMAGES = {
    "vector": "pgvector/pgvector:pg{major}",
    # Its images carry the release of PostGIS that was current when the major came out (hub.docker.com/r/postgis).
    "postgis": "postgis/postgis:{major}-{postgis}",
    "timescaledb": "timescale/timescaledb:latest-pg{major}",
}
# What comes with PostgreSQL itself (manual, appendix F); wheels and distributions leave some of it out.
_CONTRIB = regex(
    r"amcheck|autoinc|bloom|btree_gin|btree_gist|citext|cube|dblink|dict_(int|xsyn)|earthdistance|file_fdw|fuzzystrmatch"
    r"|hstore|insert_username|intagg|intarray|isn|lo|ltree|moddatetime|pageinspect|pg_(buffercache|freespacemap|prewarm)"
    r"|pg_(stat_statements|surgery|trgm|visibility|walinspect)|pgcrypto|pgrowlocks|pgstattuple|postgres_fdw|refint|seg"
    r"|sslinfo|tablefunc|tcn|tsm_system_(rows|time)|unaccent|uuid-ossp|xml2"
)


def absent_extension(said: str) -> str:
    """The extension that a server refused to make because it is not installed; empty where it says no such thing."""
    found = _ABSENT.search(said)
    if found is None:
        return ""
    return found["name"] or found["file"] or _LIBRARIES.get(found["library"], found["library"])


def trusted_extensions(named: Sequence[str]) -> tuple[str, ...]:
    """The built-in list and what the project names, less what would let migrations out."""
    return tuple(name for name in dict.fromkeys((*PROVIDED, *named)) if _harmless(name))


def _harmless(name: str) -> bool:
    return bool(re.fullmatch(r"[\w-]+", name)) and name not in NEVER and not UNTRUSTED_LANGUAGE.search(name)


def trusted_controls(directory: Path, names: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """Each control file in `directory` that has to change, with its new text."""
    for name in names:
        control = directory / f"{name}.control"
        if control.is_file():
            text = control.read_text(encoding="utf-8", errors="replace")
            if not re.search(r"(?m)^\s*trusted\s*=\s*true", text):
                yield control, f"{text.rstrip()}\ntrusted = true\n"


def image_with(extension: str, major: int) -> str:
    """The image of `major` that has `extension`, or empty where none is known."""
    if _CONTRIB.fullmatch(extension):
        return f"postgres:{major}"
    return _IMAGES.get(extension, "").format(major=major, postgis="3.6" if major >= _POSTGIS_3_6 else "3.5")
