"""Simulated devices at a real portal: web process, workers and relay run, events go in by HTTP and come out as records."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import requests
from sqlalchemy import text

from portal.cli.gateway import Gateway, Tally, total
from tenants.demo.traffic import Bottle, Yard
from tests.cast import BOTH, A, B
from tests.chaos.world import World, running_world
from tests.databases import SECRET

COMMAND = (sys.executable, "-m", "flask", "--app", "portal", "simulate")
BOTH_OF_THEM = tuple(word for e in BOTH for word in ("--tenant", f"{e.district}-{e.enterprise}"))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_world(cylinders=30, devices=1, durable=False) as made:
        yield made


def environment(world: World, **changes: str) -> dict[str, str]:
    told = {
        "DATABASE_URL": world.settings.database_url, "REDIS_URL": world.settings.redis_url, "DATA_DIR": str(world.data_dir),
        "SECRET_KEY": SECRET, "HOST": world.settings.host, "PORT": str(world.settings.port), "DEMO": "1",
    }  # fmt: skip
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1", **told, **changes}


def run(world: World, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        env=environment(world, **changes),
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )


def devices(world: World) -> list[tuple[Any, ...]]:
    with world.database.stage() as db:
        rows = db.execute(
            text("SELECT tenant_id, role, revoked_at IS NULL FROM gas.device WHERE name LIKE 'simulate%'")
        )
        return sorted(tuple(row) for row in rows)


def test_events_go_in_by_http_and_become_records(world: World) -> None:
    ended = run(world, *BOTH_OF_THEM, "--rate", "60", "--minutes", "0.1", "--json")
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert said["sent"] > 50
    assert said["accepted"] == said["sent"] == said["applied"] + said["refused"] + said["rejected"]
    assert said["applied"] > 0.7 * said["sent"]
    assert (said["malformed"], said["failures"]) == (0, 0)
    assert "sent " in ended.stderr
    with world.database.stage() as db:
        assert (
            db.execute(text("SELECT count(*) FROM gas.device_event WHERE state = 'applied'")).scalar_one()
            >= said["applied"]
        )
        assert (
            db.execute(
                text("SELECT count(DISTINCT tenant_id) FROM gas.fill WHERE at > now() - interval '1 hour'")
            ).scalar_one()
            == 2
        )
    assert devices(world) == [(e.tenant_id, role, False) for e in (A, B) for role in ("driver", "filler")]


def test_ctrl_c_ends_it_cleanly_and_its_devices_are_worthless(world: World) -> None:
    process = subprocess.Popen(
        [*COMMAND, *BOTH_OF_THEM[:2], "--minutes", "10"], env=environment(world), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None
    assert "sent" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 0, wrong
    assert "1 enterprises" in said
    assert not any(alive for _, _, alive in devices(world))


def test_it_is_refused_where_there_is_no_demo_and_where_nobody_answers(world: World) -> None:
    refused = run(world, DEMO="0")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: With DEMO=0 nothing is simulated: what devices report can't be erased.\n"
    nobody = run(world, PORT="1")
    assert (nobody.returncode, nobody.stderr) == (
        1,
        "Error: No portal answers at http://127.0.0.1:1; start it with `make run` first.\n",
    )
    missing = run(world, "--tenant", "999999-999")
    assert missing.stderr == "Error: There is no enterprise 999999-999.\n"


def bottle() -> Bottle:
    return Bottle("37050200101000001", "L", "01", None, None, None, 0)


def test_after_429_the_same_events_are_sent_again_when_it_was_said() -> None:
    bodies: list[Any] = []
    waited: list[float] = []

    class Ending(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0)
            return False

    def answer(status: int, **headers: str) -> requests.Response:
        made = requests.Response()
        made.status_code = status
        made.headers.update(headers)
        made._content = json.dumps({"accepted": 1, "malformed": [], "upload": "u"}).encode()
        return made

    answers = iter([answer(429, **{"Retry-After": "7"}), answer(503), answer(202)])
    gateway = Gateway(
        "http://nowhere",
        Yard("370502-001", (118.5, 37.4), None, [bottle()], Random(1)),
        {False: "a", True: "b"},
        1,
        Ending(),
    )
    gateway._session.request = lambda *_, json, **__: (bodies.append(json), next(answers))[1]  # type: ignore[method-assign]
    gateway._send_some(1)
    assert bodies[0] == bodies[1] == bodies[2]
    assert waited == [7, 1]
    assert (gateway.tally.sent, gateway.tally.accepted, gateway.tally.too_many) == (1, 1, 1)


def test_the_same_seed_makes_the_same_scans() -> None:
    from datetime import UTC, datetime

    def scans(seed: int) -> list[tuple[object, ...]]:
        yard = Yard("370502-001", (118.5, 37.4), "F01", [bottle() for _ in range(30)], Random(seed))
        events = [yard.next_event(datetime(2026, 11, 20, tzinfo=UTC))[1] for _ in range(300)]
        return [(event["kind"], event["label"], event.get("place"), str(event["data"])) for event in events]

    assert scans(1) == scans(1)
    assert scans(1) != scans(2)
    assert {kind for kind, *_ in scans(1)} >= {"take_in", "check_before_fill", "fill", "deliver", "recover"}


def test_together_the_counts_add_up_and_the_longest_lag_counts() -> None:
    assert total([Tally(sent=2, refused=1, lag_s=0.5), Tally(sent=3, lag_s=0.2)]) == Tally(
        sent=5, refused=1, lag_s=0.5
    )
