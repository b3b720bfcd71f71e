"""Rollbacks: derived, proven, and an undo that is rehearsed."""
