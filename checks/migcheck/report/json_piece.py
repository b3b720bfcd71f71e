"""What every JSON document that migcheck writes is made of."""

import json
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from migcheck.redact import redact
from migcheck.regex import regex

# Every string passes here, so that no report can hold a password.
Clean = Annotated[str, AfterValidator(redact)]
_SURROGATE = regex("[\ud800-\udfff]")


class Document(BaseModel):
    """A piece of a document that migcheck writes: never changed, and without a key that its schema does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ErrorReport(Document):
    """What ended the run before anything could be reported, and what to do next.

    `file` and `line`, which is 1-based, are there where it is about a place.
    """

    problem: Clean
    remedy: Clean
    file: Clean | None = None
    line: int | None = None


# The last key of a whole document.
Error = Annotated[
    ErrorReport | None,
    Field(
        description="There only where an error ended the run: then nothing else is reported, and what was done before "
        "it, if anything, stands in the log alone."
    ),
]


def as_json(report: BaseModel) -> str:
    """`report` as one JSON document that ends with a newline.

    A file name that is not UTF-8 has surrogates in it, which few parsers take: each becomes U+FFFD.
    """
    # A reader that is older than the key meets it only where it would have got no document at all.
    absent = {"error"} if getattr(report, "error", None) is None else None
    text = json.dumps(report.model_dump(mode="json", by_alias=True, exclude=absent), indent=2, ensure_ascii=False)
    return _SURROGATE.sub("\ufffd", text) + "\n"
