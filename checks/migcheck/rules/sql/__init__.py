"""Gate `sql`."""
