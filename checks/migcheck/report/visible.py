"""Text made safe to show: no password, no control character, no order to the log viewer.

What is shown quotes SQL and server messages of a change under review, so it is hostile until proven otherwise.
"""

from migcheck.odd_names import spelled_names
from migcheck.redact import redact
from migcheck.regex import regex

# C0 without tab and newline, DEL, C1, and the marks that end a line or make text read in another order than it stands.
_CONTROL = regex("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# CI runners take `::error::` at the start of a line, and `##[command]` anywhere in it, for commands; Azure Pipelines
# `##vso[task.setvariable …]` as well, and TeamCity `##teamcity[buildStatus …]`.
_COMMAND = regex(r"(?<!\S)::|#(?=#[A-Za-z]*\[)")
# A hostile statement can raise a message of megabytes.
_LONGEST = 4_000


def visible(text: str) -> str:
    """Return `text` redacted, with control characters spelled out and log commands broken.

    Newlines stay, save in a name that is remembered.
    """
    spelled = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", spelled_names(redact(text)))
    return _COMMAND.sub(lambda found: ": :" if found[0] == "::" else "# ", spelled)


def shortened(text: str) -> str:
    """Return `text`, or of one that is too long for a report its first 4000 characters and an ellipsis."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
