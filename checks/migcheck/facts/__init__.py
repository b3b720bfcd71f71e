"""All I/O that gathers: folder, history, rehearsal, target, project."""
