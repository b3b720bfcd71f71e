"""The catalogue fingerprint: everything a migration can make in a database, as readable things that can be compared."""

from migcheck.postgres.catalogue.compare import difference, head, stands
from migcheck.postgres.catalogue.contents import row_counts
from migcheck.postgres.catalogue.reading import catalogue_reader, read_catalogue
from migcheck.postgres.catalogue.thing import Catalogue, Key

__all__ = ["Catalogue", "Key", "catalogue_reader", "difference", "head", "read_catalogue", "row_counts", "stands"]
