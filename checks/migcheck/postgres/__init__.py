"""Scratch servers, running pieces, the ledger, the catalogue fingerprint."""
