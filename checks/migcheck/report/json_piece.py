"""What every JSON document that migcheck writes is made of."""

import json
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from migcheck.redact import redact

# Every string passes here, so that no report can hold a password.
Clean = Annotated[str, AfterValidator(redact)]
_SURROGATE = re.compile("[\ud800-\udfff]")


def as_json(report: BaseModel) -> str:
    """`report` as one JSON document that ends with a newline.

    A file name that is not UTF-8 has surrogates in it, which few parsers take: each becomes U+FFFD.
    """
    text = json.dumps(report.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False)
    return _SURROGATE.sub("\ufffd", text) + "\n"


class Document(BaseModel):
    """A piece of a document that migcheck writes: never changed, and without a key that its schema does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")
