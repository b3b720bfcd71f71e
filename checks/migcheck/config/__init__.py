"""What a project may configure."""
