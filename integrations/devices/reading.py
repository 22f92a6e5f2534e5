"""A call's body: too large, not JSON, the wrong shape, or what a view can work with."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError

from integrations.devices.body import Flaw, flaw_in, read_json
from integrations.devices.problems import Problem
from integrations.devices.schemas import MOST_EVENTS
from integrations.devices.shape import Wrong, flawed, what_is_wrong
from integrations.devices.words import EVENTS, language

LARGEST_BODY = 1024 * 1024
Asked = TypeVar("Asked", bound=BaseModel)


def read_events(request: Request) -> list[Any]:
    """The list of a call's events, whatever they are; raises Problem when there is no such list."""
    body = _body(request)
    if not isinstance(body, dict):
        raise _invalid(
            request,
            [
                flawed(body.code)
                if isinstance(body, Flaw)
                else Wrong("not_an_object", None, EVENTS["not_an_object"])
            ],
        )
    if flaw := flaw_in(list(body)):
        raise _invalid(request, [flawed(flaw)])
    if unknown := [name for name in body if name != "events"]:
        raise _invalid(request, [Wrong("unknown_field", unknown[0][:64], EVENTS["unknown_field"])])
    events = body.get("events")
    if not isinstance(events, list) or not events:
        raise Problem("no_events")
    if len(events) > MOST_EVENTS:
        raise Problem("too_many_events")
    return events


def read_as(shape: type[Asked], request: Request) -> Asked:
    """The body in one shape; raises Problem with every field that can't be used."""
    body = _body(request)
    if flaw := flaw_in(body):
        raise _invalid(request, [flawed(flaw)])
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        raise _invalid(request, what_is_wrong(shape, error)) from None


def _body(request: Request) -> Any:
    """The body's value with flaws in place; raises Problem."""
    if not request.is_json or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("unsupported_media_type")
    request.max_content_length = LARGEST_BODY + 1  # a body of unknown length is cut there without a word
    raw = request.get_data(cache=False)
    if len(raw) > LARGEST_BODY:
        raise Problem("too_large")
    try:
        return read_json(raw)
    except ValueError:
        raise Problem("malformed_json") from None


def _invalid(request: Request, wrongs: list[Wrong]) -> Problem:
    spoken = language(request)
    errors = [{"field": one.field or "", "code": one.code, "message": one.said.in_(spoken)} for one in wrongs]
    return Problem("invalid", errors=errors)
