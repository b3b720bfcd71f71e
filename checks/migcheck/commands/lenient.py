"""What a command line that cannot be used asked for all the same: the format of its report, and where it goes."""

from collections.abc import Sequence

from typer.core import TyperGroup

from migcheck.commands.options import Format, Options


def leniently(group: object, words: Sequence[str]) -> Options | None:
    """The options that can be made out of `words`; None where they name no command of `group`."""
    at = next((at for at, word in enumerate(words) if isinstance(group, TyperGroup) and word in group.commands), None)
    if at is None or not isinstance(group, TyperGroup):
        return None
    name, rest = words[at], list(words[at + 1 :])
    with group.commands[name].make_context(name, rest, resilient_parsing=True, ignore_unknown_options=True) as context:
        told = {key: value for key, value in context.params.items() if key in Options.__struct_fields__}
    return Options.of(name, told | {"output_format": told.get("output_format") or Format.TEXT})
