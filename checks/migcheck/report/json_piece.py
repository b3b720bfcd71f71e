"""What every JSON document that migcheck writes is made of."""

import json
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from migcheck.finding import Location
from migcheck.redact import redact
from migcheck.regex import regex

# Every string passes here, so that no report can hold a password.
Clean = Annotated[str, AfterValidator(redact)]
_SURROGATE = regex("[\ud800-\udfff]")


class Document(BaseModel):
    """A piece of a document that migcheck writes: never changed, and without a key that its schema does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    @classmethod
    def of(cls, source: object, **own: object) -> Self:
        """The piece on `source`: what that has by the names of fields, its place as `file` and `line`, and `own`."""
        at = getattr(source, "at", None)
        place = (
            {"file": at.path, "line": at.line} if isinstance(at, Location) else {"file": getattr(source, "path", None)}
        )
        taken = {name: getattr(source, name) for name in cls.model_fields if hasattr(source, name)}
        placed = {name: told for name, told in place.items() if name in cls.model_fields}
        return cls.model_validate({**taken, **placed, **own})


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
