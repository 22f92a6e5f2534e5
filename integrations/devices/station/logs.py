"""One JSON line for each thing that happens, to standard error. A log that can't be written never stops the station."""

from __future__ import annotations

import sys
from contextlib import suppress

import structlog


class Quiet:
    """Writes lines to whatever standard error is now; a closed or full one loses the line, not the loop."""

    def msg(self, line: str) -> None:
        """Write a line."""
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


def to_stderr() -> None:
    """From now on everything is logged there."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        logger_factory=lambda *_: Quiet(),
    )
