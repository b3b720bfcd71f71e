"""What stands in a project's TypeScript and JavaScript about migrating, read and never run."""
