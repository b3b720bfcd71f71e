"""The new migrations on tables that have rows: what is refused then, or may be on a target."""
