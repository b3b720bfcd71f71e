"""What a Drizzle folder is: journal, entries, pieces, hash, snapshots. No I/O."""
