"""Where the folders are and how they are judged: of migcheck, of drizzle.config, of the environment."""
