"""What must be true once everything has been started again and has come to rest; what isn't comes out as a sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import text

from tenants import scope
from tenants.services.apply.inbox import TRIES_TOGETHER
from tenants.services.epoch import cache_epoch
from tenants.services.facts import cylinder_facts
from tenants.services.recount import drift
from tenants.verdict_cache import VerdictCache
from tests.cast import BOTH
from tests.chaos.client import Log
from tests.chaos.world import World

COMES_TO_REST_WITHIN = 120.0  # seconds

_EFFECTS = text("""
SELECT e.id::text AS id, e.kind, e.state, e.code, r.n AS receipts, coalesce(f.n, 0) AS fills, coalesce(v.n, 0) AS violations,
  coalesce(c.n, 0) AS checks, coalesce(t.n, 0) AS traces, e.message->>'zh' AS reason
FROM gas.device_event e
JOIN (SELECT id, count(*) AS n FROM gas.device_event GROUP BY 1) r USING (id)
LEFT JOIN (SELECT event_id, count(*) AS n FROM gas.fill GROUP BY 1) f ON f.event_id = e.id
LEFT JOIN (SELECT event_id, count(*) AS n FROM gas.violation GROUP BY 1) v ON v.event_id = e.id
LEFT JOIN (SELECT event_id, count(*) AS n FROM gas.fill_check GROUP BY 1) c ON c.event_id = e.id
LEFT JOIN (SELECT event_id, count(*) AS n FROM gas.trace_event GROUP BY 1) t ON t.event_id = e.id
JOIN gas.upload u ON u.tenant_id = e.tenant_id AND u.id = e.upload_id
JOIN gas.device d ON d.tenant_id = u.tenant_id AND d.id = u.device_id AND d.name LIKE 'chaos %'
""")


@dataclass(slots=True)
class Found:
    """What the database says beside the clients' logs."""

    events: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    judged_otherwise: list[str] = field(default_factory=list)
    quarantined: int = 0
    overtaken: int = 0
    wrong: list[str] = field(default_factory=list)  # everything else that should not be
    lag_s: dict[str, float] = field(default_factory=dict)

    @property
    def fine(self) -> bool:
        """Nothing lost, nothing doubled, nothing out of place."""
        out_of_order = bool(self.judged_otherwise) and not self.overtaken
        return not (self.lost or self.doubled or self.wrong or out_of_order)


def come_to_rest(world: World) -> None:
    """Wait until nothing is on its way any more; raises TimeoutError."""
    deadline = time.monotonic() + COMES_TO_REST_WITHIN
    waiting = text(
        "SELECT (SELECT count(*) FROM gas.upload WHERE state <> 'done') + (SELECT count(*) FROM gas.outbox WHERE relayed_at IS NULL)"
    )
    while True:
        with world.database.as_admin() as connection:
            left = connection.scalar(waiting)
        if not left:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{left} uploads and domain events still wait; {world.said[-5:]}")
        time.sleep(0.2)


def look(world: World, logs: Sequence[Log], drift_before: Mapping[int, object]) -> Found:
    """Compare the logs with the database."""
    scope.dispose()  # connections to a server that was killed
    found = Found()
    acknowledged = set().union(*(log.acknowledged for log in logs))
    expected = {event: state for log in logs for event, state in log.expected.items()}
    with world.database.as_admin() as connection:
        rows = {row.id: row for row in connection.execute(_EFFECTS)}
        retried = text("SELECT count(*) FROM gas.upload WHERE attempts > :most")
        found.overtaken = int(connection.scalar(retried, {"most": TRIES_TOGETHER}) or 0)
        found.lag_s = _lag(connection)
    found.events = len(acknowledged)
    found.lost = [event for event in acknowledged if event not in rows or rows[event].state == "pending"]
    for row in rows.values():
        _judge(row, found, expected.get(row.id))
    found.wrong += [answer for log in logs for answer in log.odd]
    found.wrong += [
        f"totals of {tenant} drift" for tenant, was in drift_before.items() if drift_now(tenant) != was
    ]
    found.wrong += list(_stale_copies(world))
    return found


def drift_now(tenant_id: int) -> object:
    """Where the totals of one enterprise differ from a recount."""
    with scope.tenant_scope(tenant_id) as session:
        return dict(drift(session))


def _judge(row: Any, found: Found, expected: str | None) -> None:
    records = (row.fills, row.violations, row.checks, row.traces)
    if row.receipts != 1 or max(records) > 1 or row.fills + row.violations > 1:
        found.doubled.append(row.id)
    if row.code == "quarantined":
        found.quarantined += 1
    elif expected not in (None, row.state):
        found.judged_otherwise.append(f"{row.kind} {row.id}: {row.state} ({row.code}) instead of {expected}")
    if records != _must_be(row):
        found.wrong.append(f"{row.kind} {row.id} is {row.state} ({row.code}) with {records}")
    if row.state == "rejected" and not row.reason:
        found.wrong.append(f"{row.id} was rejected without a reason")


def _must_be(row: Any) -> tuple[int, int, int, int]:
    """Fills, violations, checks and trace events of an event in this state."""
    if row.state == "rejected":
        return (0, 0, 0, 0)
    if row.state == "refused":
        return (0, 1, 0, 1)
    return (int(row.kind == "fill"), 0, int(row.kind.startswith("check_")), 1)


def _stale_copies(world: World) -> Iterator[str]:
    cache = VerdictCache.at(world.settings.redis_url)
    for enterprise in BOTH:
        with scope.worker_scope(enterprise.tenant_id) as session:
            ids = [row.id for row in session.execute(text("SELECT id FROM gas.cylinder"))]
            facts, epoch = cylinder_facts(session, ids), cache_epoch(session)
        for copy in cache.by_ids(enterprise.tenant_id, epoch, ids)[0].values():
            if copy != replace(
                facts[copy.id], stage=copy.stage
            ):  # where it stands in its round is no reason for anything
                yield f"the cache differs about {copy.id} of {enterprise.mark}: {copy} is not {facts[copy.id]}"


def _lag(connection: Any) -> dict[str, float]:
    wanted = text("""
        SELECT percentile_disc(ARRAY[0.5, 0.9, 0.99, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM done_at - received_at))
        FROM gas.upload WHERE state = 'done' AND attempts > 0""")
    values = connection.scalar(wanted) or [0, 0, 0, 0]
    return {
        name: round(float(value), 3) for name, value in zip(("p50", "p90", "p99", "max"), values, strict=True)
    }
