"""Gathering the facts of each gate, and what a run is given for it."""
