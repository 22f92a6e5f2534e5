"""The agent and the whole portal: a shift of cylinders, with the portal there and away; what the database says is what flowed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from integrations.devices.station import simulate
from integrations.devices.station.agent import Press
from integrations.devices.station.check import check
from integrations.devices.station.config import Config, read
from integrations.devices.station.drivers.choose import hardware
from integrations.devices.station.drivers.simulated import Bench, Cylinder
from integrations.devices.station.outbox import Outbox
from integrations.devices.station.runtime import Runtime, build
from integrations.devices.station.seen import Override, Tag
from integrations.devices.station.words import Phase, Why
from tenants.rules.states import Role
from tests.cast import A, B
from tests.chaos.world import World, code_of, running_world, token_of
from tests.house.source import ROOT
from tests.integrations.devices.handheld_key import opened
from tests.integrations.station.proxy import Proxy
from tests.workers.playing import free_port


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_world(40, devices=6, durable=False) as running:
        yield running


def config_of(folder: Path, url: str, token: str, **more: Any) -> Config:
    secret = folder / "token"
    secret.write_text(token)
    secret.chmod(0o600)
    return read(
        {
            "station": {"gun": "G-01", "medium": "01", "operator": f"{A.mark}filler", "data": str(folder / "data"), "language": "en"},
            "server": {"url": url, "token_file": str(secret)},
            "reader": {"driver": "simulated", "presence": True},
            "scale": {"driver": "simulated"},
            "interlock": {"driver": "simulated"},
            "fill": {"target_kg": 2.0, "ask_s": 4.0},
            "display": {"port": 0},
            **more,
        }
    )  # fmt: skip


@contextmanager
def station(config: Config) -> Iterator[tuple[Runtime, Bench]]:
    bench = Bench(flow_gps=1500.0)
    outbox = Outbox(config.station.data / "outbox.db")
    runtime = build(config, hardware(config, bench), outbox)
    ending = threading.Event()
    loop = threading.Thread(target=runtime.run, args=(ending,))
    loop.start()
    try:
        yield runtime, bench
    finally:
        ending.set()
        loop.join(20)
        outbox.close()


def fills(world: World, code: str) -> list[Any]:
    with world.database.as_admin() as connection:
        found = connection.execute(
            text("SELECT event_id, net_kg, gross_kg, tare_kg, gun FROM gas.fill WHERE label_code = :code"),
            {"code": code},
        )
        return list(found)


def violations(world: World, code: str) -> list[Any]:
    with world.database.as_admin() as connection:
        found = connection.execute(
            text("SELECT event_id, refusals FROM gas.violation WHERE label_code = :code"), {"code": code}
        )
        return list(found)


def test_a_shift_is_in_the_database_as_it_was(world: World, tmp_path: Path) -> None:
    labels = [code_of(A, number) for number in range(6)]
    with station(config_of(tmp_path, world.settings.public_origin, token_of(A, 0))) as (runtime, bench):
        done = list(simulate.shift(runtime, bench, labels, checks=True))
        unchecked = list(
            simulate.shift(runtime, bench, [code_of(A, 7), code_of(B, 7), "nonsense"], checks=False)
        )
        simulate.settle(runtime)
        sent = {
            str(event["label"]): event for event in runtime.agent.outbox.events() if event["kind"] == "fill"
        }
    assert [one.why for one in done] == [Why.FULL] * 6
    assert [(one.why, one.gas_g) for one in unchecked] == [(Why.BLOCKED, 0)] * 3
    for one in done:
        ((event_id, net, gross, tare, gun),) = fills(world, one.label)
        assert event_id == UUID(sent[one.label]["id"])
        assert net * 1000 == one.gas_g == one.net_g
        assert (gross - tare, gun) == (net, "G-01")
    assert fills(world, code_of(A, 7)) == []


def test_a_revoked_token_fills_nothing(world: World, tmp_path: Path) -> None:
    with station(config_of(tmp_path, world.settings.public_origin, "unknown")) as (runtime, bench):
        (done,) = simulate.shift(runtime, bench, [code_of(A, 8)], checks=False)
    assert (done.why, done.gas_g) == (Why.NOT_KNOWN_TO_PORTAL, 0)


def overridden(runtime: Runtime, bench: Bench, label: str) -> Cylinder:
    cylinder = Cylinder(Tag(label=label))
    bench.put(cylinder)
    until(lambda: runtime.agent.state.phase is Phase.OVER)
    assert (runtime.agent.state.why, cylinder.gas_g) == (Why.NO_ANSWER, 0)
    runtime.agent.presses.put(Press("override", override=Override(f"{A.mark}filler", "平台断网,居民用气")))
    until(lambda: runtime.agent.state.net_g is not None)
    bench.take()
    until(lambda: runtime.agent.state.phase is Phase.IDLE)
    return cylinder


def until(is_so: Any) -> None:
    simulate.until(is_so, threading.Event())


def test_the_portal_away_for_a_whole_shift_and_then_back(world: World, tmp_path: Path) -> None:
    """Every second cylinder was checked before; the others weren't, and the rule says so once it hears of them."""
    port = free_port()
    labels = [code_of(A, number) for number in range(10, 16)]
    config = config_of(
        tmp_path, f"http://127.0.0.1:{port}", token_of(A, 1), override={"allowed": ["no_answer"]}
    )
    proxy = Proxy(port, world.settings.public_origin)
    with station(config) as (runtime, bench):
        for label in labels[::2]:
            simulate.check_first(runtime.agent.outbox, runtime.agent.clock, label)
        simulate.settle(runtime)
        proxy.end()
        flowed = {label: overridden(runtime, bench, label) for label in labels}
        assert runtime.agent.outbox.counts()["waiting"] == 6
    proxy = Proxy(port, world.settings.public_origin)
    with station(config) as (runtime, _):
        simulate.settle(runtime)
        counts = runtime.agent.outbox.counts()
        unhappy = runtime.agent.outbox.unhappy()
    proxy.end()
    assert counts == {"applied": 6, "refused": 3}
    assert {one["label"] for one in unhappy} == set(labels[1::2])
    for label in labels[::2]:
        ((_, net, *_),) = fills(world, label)
        assert net * 1000 == round(flowed[label].gas_g)
        assert violations(world, label) == []
    for label in labels[1::2]:
        assert fills(world, label) == []
        ((_, refusals),) = violations(world, label)
        assert "pre_fill_check_missing" in refusals


def test_every_part_is_tried(world: World, tmp_path: Path) -> None:
    config = config_of(tmp_path, world.settings.public_origin, token_of(A, 2))
    bench = Bench()
    bench.put(Cylinder(Tag(label=code_of(A, 0))))
    assert [line for line in check(config, hardware(config, bench)) if not line.good] == []
    wrong = config_of(tmp_path, world.settings.public_origin, "unknown")
    assert [line.part.split()[0] for line in check(wrong, hardware(wrong, bench)) if not line.good] == [
        "device"
    ]


@pytest.fixture
def enrol_token(world: World) -> str:
    return opened(A, datetime.now(UTC), Role.FILLER, "gun 9").token


TOML = """
[station]
gun = "G-09"
medium = "01"
operator = "{operator}"
data = "data"
[server]
url = "{url}"
key_file = "key"
key_id = "{key_id}"
[reader]
driver = "simulated"
[scale]
driver = "simulated"
[interlock]
driver = "simulated"
[fill]
target_kg = 2.0
[display]
port = 0
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "integrations.devices.station",
        "--config",
        str(folder / "station.toml"),
        *arguments,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_enrolled_with_a_key_a_shift_from_the_command_line(
    world: World, tmp_path: Path, enrol_token: str
) -> None:
    url, operator = world.settings.public_origin, f"{A.mark}filler"
    (tmp_path / "station.toml").write_text(TOML.format(url=url, key_id="unknown", operator=operator))
    entered = run(tmp_path, "--enrol", enrol_token)
    assert entered.returncode == 0, entered.stdout + entered.stderr
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    key_id = json.loads(entered.stdout.partition("= ")[2])
    (tmp_path / "station.toml").write_text(TOML.format(url=url, key_id=key_id, operator=operator))
    (tmp_path / "labels").write_text(f"{code_of(A, 20)}\n{code_of(A, 21)}\n")
    shift = run(tmp_path, "--simulate", str(tmp_path / "labels"), "--checks")
    assert shift.returncode == 0, shift.stdout + shift.stderr
    assert "applied=4" in shift.stdout
    assert [len(fills(world, code_of(A, number))) for number in (20, 21)] == [1, 1]
