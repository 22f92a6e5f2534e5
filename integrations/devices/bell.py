"""The bell that wakes a worker after an upload. Whoever composes the program hangs it up; without one, the sweeper comes by anyway."""

from __future__ import annotations

from collections.abc import Callable

import structlog

JOB = "drain_uploads"

log = structlog.get_logger(__name__)


def wake_worker(ring: Callable[[str], object] | None) -> None:
    """Ring if there is a bell; never fails, because the upload is safe in PostgreSQL and the device must be told so."""
    if ring is None:
        return
    try:
        ring(JOB)
    except Exception as problem:
        log.warning("bell_not_heard", job=JOB, problem=type(problem).__name__)
