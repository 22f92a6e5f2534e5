"""Accidents, each with a stable code. A refusal is not one of them: it is a fact and is returned and kept."""

from __future__ import annotations

from collections.abc import Mapping


class TraceabilityError(Exception):
    """Something that should not have happened; `code` is stable, `portal/errors.py` alone turns it into HTTP."""

    code = "error"

    def __init__(self, message: str = "", **details: object) -> None:
        super().__init__(message or self.__class__.__doc__ or self.code)
        self.details = details


class NoPrincipal(TraceabilityError):
    """A transaction was begun outside every scope."""

    code = "no_principal"


class NotFound(TraceabilityError):
    """There is no such thing here; another's thing and no thing look the same."""

    code = "not_found"


class Invalid(TraceabilityError):
    """What was sent can't be used; `fields` maps a field to what is wrong with it."""

    code = "invalid"

    def __init__(self, message: str = "", fields: Mapping[str, str] | None = None, **details: object) -> None:
        super().__init__(message, **details)
        self.fields: dict[str, str] = dict(fields or {})


class Conflict(TraceabilityError):
    """The thing has changed or is taken meanwhile."""

    code = "conflict"


class NotAllowed(TraceabilityError):
    """The person is known and may not do this."""

    code = "not_allowed"


class SignInNeeded(TraceabilityError):
    """Nobody is signed in, or the token isn't (or is no longer) good."""

    code = "sign_in_needed"


class TooMany(TraceabilityError):
    """More calls than the limit allows; `retry_after` says in how many seconds to come back."""

    code = "too_many"

    def __init__(self, message: str = "", retry_after: int = 60, **details: object) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class Unavailable(TraceabilityError):
    """The database or another part is away; nothing was accepted, try again."""

    code = "unavailable"
