"""Which image of PostgreSQL carries an extension. No I/O."""

from migcheck.regex import regex

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


def image_with(extension: str, major: int) -> str:
    """The image of `major` that has `extension`, or empty where none is known."""
    if _CONTRIB.fullmatch(extension):
        return f"postgres:{major}"
    return _IMAGES.get(extension, "").format(major=major, postgis="3.6" if major >= _POSTGIS_3_6 else "3.5")
