"""The gate in front of a Drizzle deploy on Postgres."""

__version__ = "0.1.0"
