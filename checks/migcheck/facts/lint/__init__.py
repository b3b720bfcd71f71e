"""Reading what new migrations do to tables out of their SQL, where nothing is rehearsed."""
