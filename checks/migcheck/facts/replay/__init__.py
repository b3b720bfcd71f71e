"""Gathering a rehearsal: what is rehearsed, on which server, in which ways."""
