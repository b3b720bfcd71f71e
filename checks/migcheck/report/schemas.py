"""The JSON Schemas of what `--format json` writes, for docs/."""

import json

from pydantic import BaseModel

from migcheck.report.document import Report
from migcheck.report.json_status import StatusReport

_DOCUMENTS: dict[str, type[BaseModel]] = {"report.schema.json": Report, "status.schema.json": StatusReport}


def schemas() -> dict[str, str]:
    """The text of each schema by its file name."""
    return {name: _schema(model) for name, model in _DOCUMENTS.items()}


def _schema(model: type[BaseModel]) -> str:
    # As serialized: a key with a default is always written, so readers may rely on it.
    body = model.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **body}, indent=2) + "\n"
