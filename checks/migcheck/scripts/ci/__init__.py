"""What CI systems and platforms run."""
