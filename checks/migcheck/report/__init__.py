"""Verdict in, text out: for people and for machines."""
