"""What a view says of itself, so that the OpenAPI document and the readable page can be made by looking at the views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from integrations.devices.words import Said

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Description:
    """One call: what it is for, what goes in, what comes out, and which problems are its own."""

    summary: Said
    detail: Said
    status: int
    answer: type[BaseModel] | None  # None: a file of the type `file`
    body: type[BaseModel] | None = None
    problems: tuple[str, ...] = ()
    example: Any = None
    file: str = ""
    query: tuple[tuple[str, Said], ...] = ()


def described(description: Description) -> Callable[[View], View]:
    """Tag a view with its description."""

    def tag(view: View) -> View:
        view.description = description  # type: ignore[attr-defined]
        return view

    return tag


def description_of(view: Callable[..., Any]) -> Description | None:
    """What a view says of itself, or None."""
    return getattr(view, "description", None)
