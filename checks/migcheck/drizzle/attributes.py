"""What .gitattributes has to say of a migrations folder, so that every machine hashes the same bytes."""


def attributes_line(folder: str, *, landed_with_cr: bool) -> str:
    """The line for the SQL files of `folder`, a path from the root.

    Where files of it have landed with CR, their bytes stay as they are: to turn them into LF now would be an edit.
    """
    pattern = "*.sql" if folder == "." else f"{folder}/**/*.sql"
    shown = f'"{pattern}"' if " " in pattern else pattern
    return f"{shown} {'-text' if landed_with_cr else 'text eol=lf'}"
