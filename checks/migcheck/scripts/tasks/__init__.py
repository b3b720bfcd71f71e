"""What package managers and task runners run."""
