"""Rows that are made up for tables which have none."""
