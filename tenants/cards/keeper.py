"""The keeper of the card file: copies everything once, then follows what changes. `workers/cards.py` runs it.

Every label and cylinder carries the number of the transaction that wrote it last. A round asks for all that was written by the oldest
transaction that was still running at the round before, or by a later one, so that nothing is missed in whatever order they commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import ARRAY, CHAR, bindparam, text
from sqlalchemy.orm import Session

from tenants import scope
from tenants.cards.file import CardWriter
from tenants.services.epoch import cache_epoch

BATCH = 5000  # codes asked for at once
PAUSE, TROUBLED = 0.5, 2.0  # seconds between two rounds
REFERENCE_EVERY = 3.0  # seconds between two looks at enterprises and media
FIRST = "0" * 17

_HORIZON = text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")
_CARDS = text(
    "SELECT CAST(code AS bigint), tenant_id, medium_code, medium_id, batch, CAST(told AS text) FROM gas.public_cards(:codes)"
).bindparams(bindparam("codes", type_=ARRAY(CHAR(17))))
_REFERENCES = {
    "enterprise": text("SELECT tenant_id, CAST(told AS text) FROM gas.public_enterprises() ORDER BY 1"),
    "medium": text("SELECT key, CAST(told AS text) FROM gas.public_media() ORDER BY 1"),
    "medium_code": text("SELECT tenant_id, code, medium_id FROM gas.public_medium_codes() ORDER BY 1, 2"),
}
_ASSAYS = text("SELECT tenant_id, medium_id, batch, CAST(told AS text) FROM gas.public_assays(:since)")
_CHANGED = text("SELECT code, of_label, of_cylinder FROM gas.changed_codes(:since)")
_CODES = text("SELECT code FROM gas.codes_after(:last, :most)")

log = structlog.get_logger(__name__)


class Keeper:
    """Keeps one machine's file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: CardWriter | None = None
        self._epoch = self._horizon = 0
        self._carried: dict[str, tuple[int, int]] = {}  # what the last rounds wrote, by its marks
        self._references: dict[str, int] = {}
        self._look_again = 0.0

    def run(self, wait: Callable[[float], bool]) -> None:
        """Copy, then follow until `wait(seconds)` says to stop; whatever fails is tried again."""
        pause = 0.0
        while not wait(pause):
            try:
                self.round(wait)
                pause = PAUSE
            except Exception:
                log.exception("cards_failed")
                pause = TROUBLED
        if self._writer is not None:
            self._writer.close()

    def round(self, wait: Callable[[float], bool] = lambda _: False) -> int:
        """One look at PostgreSQL: everything where there is nothing to go on from, else what changed; how many cards were written."""
        with scope.relay_scope() as session:
            epoch, horizon = cache_epoch(session), int(session.scalar(_HORIZON) or 0)
        if self._writer is None or epoch != self._epoch:
            written = self._copy(wait)
            self._epoch, self._carried = epoch, {}
        else:
            written = self._follow(self._writer)
        if self._writer is not None:
            self._horizon = horizon
        return written

    def _copy(self, wait: Callable[[float], bool]) -> int:
        began, written, last = time.monotonic(), 0, FIRST
        writer = CardWriter.anew(self._path)
        self._look_again = 0.0
        while True:
            with scope.relay_scope() as session:
                codes = session.scalars(_CODES, {"last": last, "most": BATCH}).all()
                rows = _cards(session, codes)
            with writer.together():
                writer.cards(rows)
            written += len(rows)
            if len(codes) < BATCH:
                break
            last = codes[-1]
            if wait(0):
                writer.close()
                return written
        with scope.relay_scope() as session:
            assays = [tuple(row) for row in session.execute(_ASSAYS, {"since": 0})]
            references = self._read_references(session)
        with writer.together():
            writer.assays(assays)
            for table, said in references.items():
                writer.replace(table, said)
            writer.confirm()
        if self._writer is not None:
            self._writer.close()
        self._writer = writer.publish(self._path)
        log.info("cards_copied", cards=written, seconds=round(time.monotonic() - began, 1))
        return written

    def _follow(self, writer: CardWriter) -> int:
        with scope.relay_scope() as session:
            marks = {
                row.code: (row.of_label, row.of_cylinder)
                for row in session.execute(_CHANGED, {"since": self._horizon})
            }
            codes = [code for code, mark in marks.items() if self._carried.get(code) != mark]
            rows = [row for part in _parts(codes) for row in _cards(session, part)]
            assays = [tuple(row) for row in session.execute(_ASSAYS, {"since": self._horizon})]
            references = self._read_references(session) if time.monotonic() >= self._look_again else {}
        with writer.together():
            writer.cards(rows)
            writer.assays(assays)
            for table, said in references.items():
                writer.replace(table, said)
            writer.confirm()
        self._carried = marks
        return len(rows)

    def _read_references(self, session: Session) -> dict[str, Sequence[Any]]:
        """The tables that many cards share, as far as they changed since the last look."""
        found: dict[str, Sequence[Any]] = {}
        for table, query in _REFERENCES.items():
            rows = [tuple(row) for row in session.execute(query)]
            digest = hash(tuple(rows))
            if self._look_again == 0.0 or self._references.get(table) != digest:
                found[table] = rows
            self._references[table] = digest
        self._look_again = time.monotonic() + REFERENCE_EVERY
        return found


def _cards(session: Session, codes: Sequence[str]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(_CARDS, {"codes": list(codes)})] if codes else []


def _parts(codes: Sequence[str]) -> Iterable[Sequence[str]]:
    return (codes[first : first + BATCH] for first in range(0, len(codes), BATCH))
