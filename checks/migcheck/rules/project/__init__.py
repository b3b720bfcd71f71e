"""Gate `project`."""
