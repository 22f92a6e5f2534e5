"""Events wait here until the portal has said what became of each. SQLite with a write-ahead log; a commit is on the disk before it returns.

A fill that begins leaves a line in `fill` before the valve opens, and the line becomes an event in one transaction: whenever the program is
killed, the next start finds the one or the other, never both and never neither.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uuid_utils import uuid7

from integrations.devices.station.words import Why

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    made_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'accepted', 'applied', 'refused', 'rejected', 'malformed')),
    upload TEXT,
    code TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS event_open ON event (state, seq) WHERE state IN ('waiting', 'accepted');
CREATE TABLE IF NOT EXISTS fill (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, draft TEXT NOT NULL,
    gross_g INTEGER NOT NULL, noted_at TEXT NOT NULL) STRICT;
"""
MOST_EVENTS = 500
MOST_BYTES = 900_000  # the portal takes 1 MiB
PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA fullfsync = ON")
SHOWN = 20
ROOM = 16_384  # bytes: a fill's line and its event, with some to spare
Json = dict[str, Any]


class StoreProblem(Exception):
    """Nothing can be kept; `why` is DISK_FULL or STORE_BROKEN."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(f"{why}: {detail}")
        self.why = why


@dataclass(frozen=True, slots=True)
class Begun:
    """A fill that was begun and not yet turned into an event."""

    id: str
    draft: Json
    gross_g: int
    noted_at: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event to send; `body` goes out byte for byte as it was first written."""

    seq: int
    id: str
    body: str


@dataclass(frozen=True, slots=True)
class Result:
    """What the portal said of an event."""

    state: str
    code: str = ""
    message: str = ""


class Outbox:
    """The records of one station; may be used from several threads."""

    def __init__(self, path: Path, min_free_mb: int = 20) -> None:
        self._path, self._min_free = path, min_free_mb * 1_000_000
        self._lock = threading.RLock()
        with _told():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self._prepare()

    def _prepare(self) -> None:
        for statement in PRAGMAS:
            self._db.execute(statement)
        found = self._db.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(str(found))
        self._db.executescript(SCHEMA)
        # A new file begins above every number of an older one that was lost: numbers never come twice from one device.
        begin = int(time.time() * 1000)
        self._db.execute("INSERT OR IGNORE INTO meta VALUES ('next_seq', ?)", (str(begin),))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock, _told():
            return self._db.execute(statement, values).fetchall()

    def check(self) -> None:
        """Raise StoreProblem unless a row can be written and there is room for more."""
        if shutil.disk_usage(self._path.parent).free < self._min_free:
            raise StoreProblem(Why.DISK_FULL, f"under {self._min_free} bytes are free")
        self.remember("room", "x" * ROOM)
        self.remember("room", "")

    def remember(self, key: str, value: str) -> None:
        """Keep a value under a name."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )

    def recall(self, key: str) -> str | None:
        """What was kept under that name."""
        found = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return found[0][0] if found else None

    def begin_fill(self, draft: Json, tare_g: int, at: str) -> str:
        """Write down that gas may flow from now on; returns the id that the event will have."""
        fill_id = str(uuid7())
        with self._writing() as db:
            db.execute("INSERT INTO fill VALUES (1, ?, ?, ?, ?)", (fill_id, _text(draft), tare_g, at))
        return fill_id

    def note_weight(self, gross_g: int, at: str) -> None:
        """The weight now, in case there is no later one."""
        with self._writing() as db:
            db.execute("UPDATE fill SET gross_g = ?, noted_at = ?", (gross_g, at))

    def begun(self) -> Begun | None:
        """The fill that is not yet an event."""
        found = self._rows("SELECT id, draft, gross_g, noted_at FROM fill")
        return Begun(found[0][0], json.loads(found[0][1]), *found[0][2:]) if found else None

    def finish_fill(self, event: Json | None) -> None:
        """The fill that was begun becomes this event, or nothing if there was none."""
        with self._writing() as db:
            if event is not None:
                _add(db, event)
            db.execute("DELETE FROM fill")

    def add(self, event: Json) -> str:
        """Keep another event; returns its id."""
        event = {"id": str(uuid7()), **event}
        with self._writing() as db:
            _add(db, event)
        return str(event["id"])

    def take_over(self, body: str) -> None:
        """An event out of another file, with its own number and byte for byte."""
        event = json.loads(body)
        with self._writing() as db:
            values = (event["seq"], event["id"], body, time.time())
            db.execute("INSERT OR IGNORE INTO event (seq, id, body, made_at) VALUES (?, ?, ?, ?)", values)

    def waiting(self, most: int = MOST_EVENTS) -> list[Waiting]:
        """The oldest events that the portal hasn't taken, as many as go into one call."""
        rows = self._rows(
            "SELECT seq, id, body FROM event WHERE state = 'waiting' ORDER BY seq LIMIT ?",
            (min(most, MOST_EVENTS),),
        )
        batch: list[Waiting] = []
        size = 0
        for row in rows:
            size += len(row[2].encode()) + 1
            if batch and size > MOST_BYTES:
                break
            batch.append(Waiting(*row))
        return batch

    def accepted(self, sent: Sequence[Waiting], upload: str, malformed: dict[int, Result]) -> None:
        """The portal took these, but for the malformed."""
        with self._writing() as db:
            for index, one in enumerate(sent):
                result = malformed.get(index, Result("accepted"))
                db.execute(
                    "UPDATE event SET state = ?, upload = ?, code = ?, message = ? WHERE id = ? AND state = 'waiting'",
                    (result.state, upload, result.code, result.message, one.id),
                )

    def open_uploads(self) -> list[str]:
        """Uploads of which some events have no result yet, oldest first."""
        return [row[0] for row in self._rows(
            "SELECT upload FROM event WHERE state = 'accepted' GROUP BY upload ORDER BY min(seq)"
        )]  # fmt: skip

    def resolve(self, results: dict[str, Result]) -> None:
        """What became of events, by their ids."""
        with self._writing() as db:
            for event_id, result in results.items():
                db.execute(
                    "UPDATE event SET state = ?, code = ?, message = ? WHERE id = ? AND state = 'accepted'",
                    (result.state, result.code, result.message, event_id),
                )

    def send_again(self, upload: str) -> None:
        """The portal doesn't know this upload any more: its events wait again."""
        with self._writing() as db:
            db.execute(
                "UPDATE event SET state = 'waiting', upload = NULL WHERE upload = ? AND state = 'accepted'",
                (upload,),
            )

    def counts(self) -> dict[str, int]:
        """How many events are in each state."""
        return dict(self._rows("SELECT state, count(*) FROM event GROUP BY state"))

    def unhappy(self) -> list[Json]:
        """The newest events that the portal refused or couldn't take, for a person to look at."""
        rows = self._rows(
            "SELECT seq, id, state, code, message, body ->> '$.label', body ->> '$.kind' FROM event"
            " WHERE state IN ('refused', 'rejected', 'malformed') ORDER BY seq DESC LIMIT ?",
            (SHOWN,),
        )
        names = ("seq", "id", "state", "code", "message", "label", "kind")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def events(self) -> Iterator[Json]:
        """Every event with its state, oldest first."""
        for state, body in self._rows("SELECT state, body FROM event ORDER BY seq"):
            yield {"state": state, **json.loads(body)}

    def forget(self, days: float) -> None:
        """Take out applied events older than that."""
        with self._writing() as db:
            db.execute(
                "DELETE FROM event WHERE state = 'applied' AND made_at < ?", (time.time() - days * 86400,)
            )


def _add(db: sqlite3.Connection, event: Json) -> None:
    seq = int(db.execute("SELECT value FROM meta WHERE key = 'next_seq'").fetchone()[0])
    db.execute("UPDATE meta SET value = ? WHERE key = 'next_seq'", (str(seq + 1),))
    body = _text({**event, "seq": seq})
    db.execute(
        "INSERT INTO event (seq, id, body, made_at) VALUES (?, ?, ?, ?)",
        (seq, event["id"], body, time.time()),
    )


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@contextmanager
def _told() -> Iterator[None]:
    """SQLite's and the disk's own words as StoreProblem."""
    try:
        yield
    except sqlite3.Error as problem:
        full = getattr(problem, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE"))
        raise StoreProblem(Why.DISK_FULL if full else Why.STORE_BROKEN, str(problem)) from problem
    except OSError as problem:
        raise StoreProblem(
            Why.DISK_FULL if problem.errno == 28 else Why.STORE_BROKEN, str(problem)
        ) from problem
