"""Asking git: its trees, its objects, its history."""
