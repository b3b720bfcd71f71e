"""Statements that turn one catalogue into another: what a rollback is proposed from."""
