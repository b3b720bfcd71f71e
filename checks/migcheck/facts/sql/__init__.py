"""Gate `sql`: what new migrations do to the tables that are there."""
