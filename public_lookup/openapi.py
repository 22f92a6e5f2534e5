"""The public part for programs: the shape of the JSON at `/Q` and `/L`, and the OpenAPI 3.1 document that says it.

The shape only describes; `programs.py` writes the answer. A test holds every kind of answer against it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from public_lookup.answers import SHARED_FOR

VERSION = "1.0.0"
Day = date | None
Precision = Literal["day", "month"]


class Shape(BaseModel):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Why(Shape):
    """One reason."""

    code: str = Field(description="Lower-case words; new ones may come")
    message: str = Field(description="For people, in the answer's language")


class Enterprise(Shape):
    """Who fills the cylinder."""

    name: str | None
    licence_no: str | None
    phone: str | None


class Gas(Shape):
    """What is in it."""

    code: str
    name: str


class LastFill(Shape):
    """The last filling."""

    at: datetime
    net_kg: float | None
    enterprise: str


class Batch(Shape):
    """The batch of gas of the last filling; null where no assay of it is known."""

    number: str
    assay_passed: bool | None
    assayed_on: Day


class Label(Shape):
    """The label itself."""

    signature: Literal["genuine", "absent", "wrong"] = Field(
        description="Labels from before have none, and need none"
    )


class Answer(Shape):
    """What is known of a code; what isn't known is null."""

    code: str | None = Field(description="17 digits")
    status: Literal["ok", "due_soon", "do_not_use", "unknown"]
    headline: str
    reasons: list[Why]
    enterprise: Enterprise | None
    medium: Gas | None
    kind: str | None
    serial_no: str | None = Field(description="To be compared with the stamp")
    manufacturer: str | None
    made_on: Day
    last_inspection_on: Day
    next_inspection_on: Day
    end_of_life_on: Day
    precision: dict[str, Precision] = Field(
        description="By the date's name; month: the day is the first and means the month"
    )
    last_fill: LastFill | None
    batch: Batch | None
    label: Label | None
    checked_at: datetime


def document() -> dict[str, Any]:
    """OpenAPI 3.1 of the public lookup."""
    schema = Answer.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.pop("$defs")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gas cylinder lookup · 气瓶查询",
            "version": VERSION,
            "description": "What anybody may know of a cylinder by the code on its label. Without `Accept: application/json` the answer is "
            "a page. 60 lookups a minute for each client.",
        },
        "paths": {f"/{family}": {"get": _lookup(family, gases)} for family, gases in (("Q", "industrial gases"), ("L", "LPG"))},
        "components": {"schemas": {**parts, "Answer": schema}},
    }  # fmt: skip


def _lookup(family: str, gases: str) -> dict[str, Any]:
    said = {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}
    kept = {
        "ETag": {"schema": {"type": "string"}},
        "Cache-Control": {"schema": {"type": "string"}, "description": f"Between us it may be kept for {SHARED_FOR} s"},
    }  # fmt: skip
    wait = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
    return {
        "operationId": f"lookup{family}",
        "summary": f"One cylinder for {gases}",
        "parameters": [
            _parameter("id", "The 17 digits, or the printed address that holds them", required=True),
            _parameter("s", "The signature on newer labels"),
            _parameter("lang", "zh or en; else as Accept-Language says"),
            {**_parameter("If-None-Match", "A tag that was given before"), "in": "header"},
        ],
        "responses": {
            "200": {"description": "A cylinder", "headers": kept, "content": said},
            "302": {"description": "A cylinder of the other family: the sibling address"},
            "304": {"description": "Still what the tag was given for"},
            "400": {"description": "No code", "content": said},
            "404": {"description": "Nobody has issued this code, or its label is on no cylinder", "headers": kept, "content": said},
            "429": {"description": "Too many lookups", "headers": wait, "content": said},
            "503": {"description": "Come back; until then treat the cylinder as not to be used", "headers": wait, "content": said},
        },
    }  # fmt: skip


def _parameter(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }
