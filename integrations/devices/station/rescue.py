"""When the file of records is damaged: it is put aside, and whatever can still be read of it goes into a new one with the same ids."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from integrations.devices.station.outbox import Outbox, StoreProblem
from integrations.devices.station.words import Why


@dataclass(frozen=True, slots=True)
class Rescued:
    """Where the old file is now, and what came out of it."""

    aside: Path
    events: int
    whole: bool  # whether reading got to the end


def set_aside(path: Path) -> Rescued:
    """Move the file away and take over its events that the portal hasn't confirmed. Raises StoreProblem when there is no file."""
    aside = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}.damaged")
    if not path.exists():
        raise StoreProblem(Why.STORE_BROKEN, f"{path}: no such file")
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    bodies, whole = _readable(aside)
    outbox = Outbox(path)
    try:
        for body in bodies:
            outbox.take_over(body)
    finally:
        outbox.close()
    return Rescued(aside, len(bodies), whole)


def _readable(path: Path) -> tuple[list[str], bool]:
    """Events not yet confirmed, as far as they can be read; a repeat does no harm, as the portal knows their ids."""
    found: list[str] = []
    try:
        with closing(sqlite3.connect(path)) as db:
            rows = db.execute("SELECT body FROM event NOT INDEXED WHERE state IN ('waiting', 'accepted')")
            for (body,) in rows:
                with suppress(ValueError, TypeError, KeyError):
                    if isinstance(json.loads(body)["seq"], int):
                        found.append(body)
    except sqlite3.Error:
        return found, False
    return found, True
