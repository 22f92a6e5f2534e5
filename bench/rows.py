"""What is measured, a function a figure. Each returns rows for the table."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from bench.load import Answered, send
from bench.world import CYLINDERS, DEVICES, BenchWorld, bare_route
from tenants.models.base import new_id
from tests.cast import BOTH, LPG, Enterprise
from tests.chaos.world import FIRST_SERIAL, code_of, token_of
from workers.jobs.drain_uploads import LINGER

UPLOADS, EVENTS = 10, 100  # per device, per upload


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `against` is how it compares with its yardstick."""

    name: str
    per_second: float
    median_ms: float | None
    p99_ms: float | None
    failed: int
    yardstick: str
    against: float | None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def requests(world: BenchWorld, seconds: int) -> Iterator[Row]:
    """Requests a second: the bare route, the public lookup as page and as JSON, and a verdict."""
    enterprise = BOTH[0]
    origin = world.settings.public_origin
    with bare_route() as url:
        bare = send(url, seconds)
    yield _row("bare Flask route", bare, None)
    lookup = _LOOKUP.format(first=FIRST_SERIAL, count=CYLINDERS, head=_head(enterprise), accept="text/html")
    yield _row("public lookup, page", send(f"{origin}/L", seconds, lookup), bare)
    lookup = lookup.replace("text/html", "application/json")
    yield _row("public lookup, JSON", send(f"{origin}/L", seconds, lookup), bare)
    verdict = _VERDICT.format(
        first=FIRST_SERIAL, count=CYLINDERS, head=_head(enterprise), token=token_of(enterprise, 0)
    )
    send(f"{origin}/api/devices/v1/verdicts", 2, verdict)  # fills the cache
    yield _row("verdict from the cache", send(f"{origin}/api/devices/v1/verdicts", seconds, verdict), bare)


def events(world: BenchWorld) -> Iterator[Row]:
    """Events a second, from the first byte sent until the last is applied, beside a bare multi-row insert of as many rows."""
    total = len(BOTH) * DEVICES * UPLOADS * EVENTS
    bare = total / _bare_insert(world, total)
    yield Row("bare insert, rows", bare, None, None, 0, "", None)
    began = time.perf_counter()
    senders = [
        threading.Thread(target=_send_all, args=(world, e, number)) for e in BOTH for number in range(DEVICES)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    accepted = time.perf_counter() - began
    while _waiting(world):
        time.sleep(0.05)
    applied = time.perf_counter() - began
    hands = f"{world.workers} worker" + "s" * (world.workers > 1)
    yield Row(
        f"events accepted, {hands}", total / accepted, None, None, 0, "bare insert", total / accepted / bare
    )
    yield Row(
        f"events applied, {hands}", total / applied, None, None, 0, "bare insert", total / applied / bare
    )


def one_at_a_time(world: BenchWorld) -> Iterator[Row]:
    """From receipt to done, of single events that come while nothing else does: somebody is awake still, or must be woken."""
    yield _singles(world, "one event, worker awake", 0.3, 20)
    yield _singles(world, "one event, worker asleep", LINGER + 2.0, 5)


def _singles(world: BenchWorld, name: str, pause: float, times: int) -> Row:
    for number in range(times):
        time.sleep(pause)
        _post(world, token_of(BOTH[0], 0), {"events": [_event(BOTH[0], number, "take_in", {}, number)]})
        while _waiting(world):
            time.sleep(0.01)
    wanted = text(
        "SELECT extract(epoch FROM done_at - received_at) * 1000 FROM gas.upload ORDER BY received_at DESC LIMIT :n"
    )
    with world.database.as_admin() as connection:
        took = sorted(float(value) for value in connection.scalars(wanted, {"n": times}))
    median = took[len(took) // 2]
    return Row(name, 1000 / median, median, took[-1], 0, "", None)


def _row(name: str, found: Answered, yardstick: Answered | None) -> Row:
    against = None if yardstick is None else found.per_second / yardstick.per_second
    named = "" if yardstick is None else "bare Flask route"
    return Row(name, found.per_second, found.median_ms, found.p99_ms, found.failed, named, against)


def _head(e: Enterprise) -> str:
    return f"{e.district}{e.enterprise}{LPG}"


def _send_all(world: BenchWorld, e: Enterprise, number: int) -> None:
    """A device's uploads one after the other: take in, check, store in, over cylinders of its own."""
    own = [i for i in range(CYLINDERS) if i % DEVICES == number]
    kinds = (("take_in", {}), ("check_before_fill", {"passed": True}), ("store_in", {}))
    seq = 0
    for upload in range(UPLOADS):
        sent = []
        for place in range(EVENTS):
            kind, data = kinds[(upload + place) % len(kinds)]
            seq += 1
            sent.append(_event(e, own[(upload * EVENTS + place) % len(own)], kind, data, seq))
        _post(world, token_of(e, number), {"events": sent})


def _event(e: Enterprise, cylinder: int, kind: str, data: dict[str, Any], seq: int) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "id": str(new_id()),
        "seq": seq,
        "kind": kind,
        "occurred_at": now,
        "label": code_of(e, cylinder),
        "data": data,
    }


def _post(world: BenchWorld, token: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{world.settings.public_origin}/api/devices/v1/events",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        told = json.load(answer)
    if told["accepted"] != len(body["events"]):
        raise RuntimeError(f"not all accepted: {told}")


def _waiting(world: BenchWorld) -> int:
    with world.database.as_admin() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM gas.upload WHERE state <> 'done'")) or 0)


def _bare_insert(world: BenchWorld, total: int) -> float:
    """Seconds to insert as many rows of one number and one text, 100 a transaction, into a table without walls."""
    with world.database.as_admin() as connection:
        connection.execute(text("CREATE TABLE public.bench_bare (id uuid PRIMARY KEY, body text)"))
    began = time.perf_counter()
    for _ in range(total // EVENTS):
        with world.database.as_admin() as connection:
            connection.execute(
                text(
                    "INSERT INTO public.bench_bare SELECT gen_random_uuid(), 'take_in' FROM generate_series(1, :n)"
                ),
                {"n": EVENTS},
            )
    took = time.perf_counter() - began
    with world.database.as_admin() as connection:
        connection.execute(text("DROP TABLE public.bench_bare"))
    return took


# Every request asks for another cylinder; the citizens come from many addresses.
_LOOKUP = """
math.randomseed(7)
request = function()
  local serial = {first} + math.random(0, {count} - 1)
  local from = string.format("198.51.%d.%d", math.random(0, 255), math.random(1, 254))
  return wrk.format("GET", string.format("/L?id={head}%06d", serial), {{["Accept"] = "{accept}", ["X-Forwarded-For"] = from}})
end
"""
_VERDICT = """
math.randomseed(7)
local headers = {{["Authorization"] = "Bearer {token}", ["Content-Type"] = "application/json"}}
request = function()
  local serial = {first} + math.random(0, {count} - 1)
  local body = string.format('{{"label":"{head}%06d","purpose":"fill"}}', serial)
  return wrk.format("POST", "/api/devices/v1/verdicts", headers, body)
end
"""
