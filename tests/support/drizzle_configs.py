"""Reading a drizzle.config of which only the text is at hand."""

from migcheck.drizzle.config_file import DrizzleConfig, OtherDialect, Unread, UnreadableConfig, read_config


def read(text: str) -> DrizzleConfig | OtherDialect | UnreadableConfig:
    return read_config("drizzle.config.ts", text.encode())


def unread(text: str) -> Unread:
    """Why the configuration cannot be read, or its `out`."""
    match read(text):
        case UnreadableConfig(why=why) | DrizzleConfig(out=Unread() as why):
            return why
        case found:
            raise AssertionError(found)
