"""Postgres over a WebSocket, as Neon serves it where port 5432 is closed: libpq talks to a private socket of ours."""
