"""Gate `project`: what goes to the database by another way."""
