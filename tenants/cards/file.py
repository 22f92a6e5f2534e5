"""The file of cards: SQLite, written by one process and read by many; see `keeper.py` for who writes it.

Enterprises, media and assays stand once and are joined when read. The keeper confirms the file with two clocks, the wall's and the
machine's own: a file from before a restart, or one whose clock was set, is not believed.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tenants.cards.card import Card

FRESH = 20.0  # seconds after which an unconfirmed file isn't believed
LAYOUT = 1  # of the tables below; a file of another layout is made anew
REOPEN_AFTER = 1.0  # seconds between two looks for a newer file
_TABLES = """
CREATE TABLE card (code INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL, medium_code TEXT NOT NULL, medium_id TEXT, batch TEXT,
                   told TEXT NOT NULL);
CREATE TABLE enterprise (tenant_id INTEGER PRIMARY KEY, told TEXT NOT NULL);
CREATE TABLE medium (key TEXT PRIMARY KEY, told TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE medium_code (tenant_id INTEGER, code TEXT, medium_id TEXT NOT NULL, PRIMARY KEY (tenant_id, code)) WITHOUT ROWID;
CREATE TABLE assay (tenant_id INTEGER, medium_id TEXT, batch TEXT, told TEXT NOT NULL, PRIMARY KEY (tenant_id, medium_id, batch))
  WITHOUT ROWID;
CREATE TABLE confirmed (wall REAL NOT NULL, running REAL NOT NULL);
INSERT INTO confirmed VALUES (0, 0);
"""
_ASK = """
SELECT s.wall, s.running, c.told, e.told, m.told, a.told FROM confirmed s
LEFT JOIN card c ON c.code = ?
LEFT JOIN enterprise e ON e.tenant_id = c.tenant_id
LEFT JOIN medium_code mc ON mc.tenant_id = c.tenant_id AND mc.code = c.medium_code AND c.medium_id IS NULL
LEFT JOIN medium m ON m.key = coalesce(c.medium_id, mc.medium_id)
LEFT JOIN assay a ON a.tenant_id = c.tenant_id AND a.medium_id = c.medium_id AND a.batch = c.batch
"""
_REPLACED = {
    "enterprise": ("DELETE FROM enterprise", "INSERT INTO enterprise VALUES (?, ?)"),
    "medium": ("DELETE FROM medium", "INSERT INTO medium VALUES (?, ?)"),
    "medium_code": ("DELETE FROM medium_code", "INSERT INTO medium_code VALUES (?, ?, ?)"),
}


class Stale(Exception):
    """There is no file, or its keeper hasn't confirmed it lately; ask PostgreSQL."""


def running() -> float:
    """Seconds since this machine started, the same for all its processes."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class CardFile:
    """Reads cards; safe to share between threads. Each thread keeps a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()

    def find(self, code: str) -> Card | None:
        """The card of these 17 digits, None for a code that nobody has issued. Raises Stale."""
        _, _, own, *shared = self._row(int(code))
        return None if own is None else Card(own, *shared)

    def age(self) -> float | None:
        """Seconds since the file was confirmed, by the clock that says more; None without a file."""
        try:
            wall, machine = self._connection().execute("SELECT wall, running FROM confirmed").fetchone()
        except (sqlite3.Error, TypeError):
            self.close()
            return None
        return max(time.time() - float(wall), running() - float(machine), 0.0)

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            connection.close()
            self._mine.connection = None

    def _row(self, code: int) -> Any:
        for _ in range(2):
            try:
                row = self._connection().execute(_ASK, (code,)).fetchone()
            except sqlite3.Error:
                row = None
            if row is not None and _believable(row[0], row[1]):
                return row
            if not self._reopened():
                break
        raise Stale

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                f"file:{self._path}?mode=ro", uri=True, isolation_level=None, timeout=0.2
            )
            connection.execute("PRAGMA cache_size = -1000")
            self._mine.connection, self._mine.looked = connection, running()
        return connection

    def _reopened(self) -> bool:
        """Whether another file may lie there now: the keeper makes a new one and puts it in the old one's place."""
        if running() - getattr(self._mine, "looked", 0.0) < REOPEN_AFTER:
            return False
        self._mine.looked = running()
        with suppress(sqlite3.Error):
            self.close()
        return True


def _believable(wall: float, machine: float) -> bool:
    return 0 <= time.time() - wall < FRESH and 0 <= running() - machine < FRESH


class CardWriter:
    """Writes the file; one process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")  # a file that a power cut spoils is made anew

    @classmethod
    def anew(cls, path: Path) -> CardWriter:
        """An empty file beside `path`; `publish` puts it in place."""
        made = path.with_name(f"{path.name}.new")
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(made)
        writer = cls(made)
        writer._connection.executescript(_TABLES)
        writer._connection.execute(f"PRAGMA user_version = {LAYOUT}")
        return writer

    def publish(self, path: Path) -> CardWriter:
        """Put a new file in the place of the old one; readers find it when the old one is no longer confirmed."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.close()
        _remove(path)
        self._path.rename(path)
        _remove(self._path)
        return CardWriter(path)

    def cards(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Keep these cards: code, enterprise, medium code, medium, batch, what is told."""
        self._connection.executemany("INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?, ?, ?)", rows)

    def assays(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Keep these assays: enterprise, medium, batch, what is told."""
        self._connection.executemany("INSERT OR REPLACE INTO assay VALUES (?, ?, ?, ?)", rows)

    def replace(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Keep these rows of `enterprise`, `medium` or `medium_code` and no others."""
        emptied, filled = _REPLACED[table]
        self._connection.execute(emptied)
        self._connection.executemany(filled, rows)

    def confirm(self) -> None:
        """What is in the file is what PostgreSQL had a moment ago."""
        self._connection.execute("UPDATE confirmed SET wall = ?, running = ?", (time.time(), running()))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Readers see all of it or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
