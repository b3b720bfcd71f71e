"""Running migrations as Drizzle does, and the ledger."""
