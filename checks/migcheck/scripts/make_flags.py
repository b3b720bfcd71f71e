"""What the variable MAKEFLAGS of a Makefile says.

Facts: gnu.org "GNU make", "Communicating Options to a Sub-make" (words; only the first may lack its dash), "Summary of
Options" (what takes an argument takes the rest of its word), and GNU make 4.3, which takes `--en` as well.
"""

from itertools import takewhile

from migcheck.regex import regex

_NAMES = frozenset({"MAKEFLAGS", "GNUMAKEFLAGS"})
# In a bundle of letters, before the first that takes an argument.
_ENVIRONMENT_FIRST = regex(r"--en[a-z-]*|-(?!-)[^CEfIjloOW$]*?e.*")
_REFERENCE = regex(r"\$(?:\([\w.-]+\)|\{[\w.-]+\})")


def puts_environment_first(name: str, value: str) -> bool:
    """Whether the variable `name` is one of options, and as `value` has make take the environment first (`-e`)."""
    if name not in _NAMES:
        return False
    words = [each for each in value.split() if not _REFERENCE.fullmatch(each)]
    options = list(takewhile(lambda each: each != "--", words))
    if options and not options[0].startswith("-") and "=" not in options[0]:
        options[0] = f"-{options[0]}"
    return any(_ENVIRONMENT_FIRST.fullmatch(each) for each in options)
