"""What a project runs, read out of its scripts and never run. Nothing here reads a file."""
