"""The way to a target, and what is asked of it as a server."""
