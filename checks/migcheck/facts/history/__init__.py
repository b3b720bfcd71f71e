"""Gate `history`: what has landed, and what a change does to it."""
