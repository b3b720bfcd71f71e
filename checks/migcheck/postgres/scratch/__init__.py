"""Scratch servers of every kind."""
