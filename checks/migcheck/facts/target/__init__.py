"""Gate `target`: the database a deploy goes to, and what it is asked."""
