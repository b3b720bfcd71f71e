"""A module for each command, whose `run` returns an exit code, and what they share."""
