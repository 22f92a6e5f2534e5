"""What stands in the file, and what is said when it can't be used."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.devices.station.cli import BAD_CONFIG, BAD_SECRET, main
from integrations.devices.station.clocks import Clock
from integrations.devices.station.config import ConfigProblem, load, read
from integrations.devices.station.credentials import (
    Bearer,
    SecretProblem,
    Signed,
    new_key,
    read_secret,
    write_secret,
)
from integrations.devices.station.drivers.choose import hardware
from integrations.devices.station.drivers.simulated import Bench
from tests.house.source import ROOT
from tests.integrations.station.place import BEGIN, Time

GOOD: dict[str, Any] = {
    "station": {"gun": "G-01", "data": "/var/lib/station"},
    "server": {"url": "https://portal.example", "token_file": "/etc/station/token"},
    "reader": {"driver": "serial", "port": "/dev/ttyUSB1"},
    "scale": {"driver": "xk3190", "port": "/dev/ttyUSB0"},
    "interlock": {"driver": "modbus_tcp", "host": "192.168.1.20", "coil": 0},
    "fill": {"target_kg": 14.5},
}


@pytest.mark.parametrize(
    ("table", "changes", "named"),
    [
        ("station", {"gun": ...}, "station.gun: "),
        ("station", {"gum": "G"}, "station.gum: "),
        ("station", {"language": "fr"}, "station.language: "),
        ("server", {"url": "http://portal.example"}, "server.url: https"),
        ("server", {"url": "portal"}, "server.url: "),
        ("server", {"token_file": ...}, "server: token_file or key_file"),
        ("server", {"key_file": "k"}, "server: token_file or key_file"),
        ("server", {"token_file": ..., "key_file": "k"}, "server: key_file and key_id"),
        ("reader", {"driver": "magic"}, "reader: "),
        ("scale", {"rest_for_s": 0}, "scale.rest_for_s: "),
        ("scale", {"format": "a9"}, "scale.format: "),
        ("scale", {"driver": "modbus_tcp"}, "scale.host: "),
        ("interlock", {"coil": 65_536}, "interlock.coil: "),
        ("fill", {"target_kg": float("nan")}, "fill.target_kg: "),
        ("fill", {"target_kg": "much"}, "fill.target_kg: "),
        ("override", {"allowed": ["scale_silent"]}, "override.allowed: only blocked, no_answer"),
    ],
)
def test_the_key_at_fault_is_named(table: str, changes: dict[str, Any], named: str) -> None:
    part = {key: value for key, value in {**GOOD.get(table, {}), **changes}.items() if value is not ...}
    with pytest.raises(ConfigProblem) as problem:
        read({**GOOD, table: part})
    assert any(line.startswith(named) for line in str(problem.value).splitlines()), problem.value


def test_a_scale_on_modbus_says_where_its_bits_are() -> None:
    scale = {"driver": "modbus_rtu", "port": "/dev/ttyS0", "address": 0, "type": "int32", "grams_per_unit": 1}
    read({**GOOD, "scale": scale})
    for wrong in ({"stable_bit": 1}, {"unit": 3}):
        with pytest.raises(ConfigProblem, match="scale"):
            read({**GOOD, "scale": {**scale, **wrong}})


def test_scale_and_relay_on_one_line_share_it() -> None:
    line = {"driver": "modbus_rtu", "port": "/dev/ttyS0"}
    config = read(
        {
            **GOOD,
            "scale": {**line, "address": 0, "type": "int32", "grams_per_unit": 1},
            "interlock": {**line, "coil": 0},
        }
    )
    found = hardware(config, Bench())
    assert found.scale._bus is found.interlock._bus  # type: ignore[attr-defined]


def test_the_guides_example_is_a_configuration(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "station.md").read_text()
    example = guide.partition("```toml\n")[2].partition("```")[0]
    assert read(tomllib.loads(example)).interlock.driver == "modbus_tcp"
    (tmp_path / "station.toml").write_text(example)
    assert load(tmp_path / "station.toml").server.token_file == tmp_path / "token"


def test_a_line_on_error_and_a_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "station.toml"
    assert main(["--config", str(path)]) == BAD_CONFIG
    path.write_text("[station\n")
    assert main(["--config", str(path)]) == BAD_CONFIG
    path.write_text(
        '[station]\ngun="G"\ndata="d"\n[server]\nurl="http://127.0.0.1:9"\ntoken_file="token"\n[reader]\ndriver="simulated"\n'
        '[scale]\ndriver="simulated"\n[interlock]\ndriver="simulated"\n[fill]\ntarget_kg=1\n'
    )
    (tmp_path / "token").write_text("abc")
    (tmp_path / "token").chmod(0o644)
    assert main(["--config", str(path)]) == BAD_SECRET
    assert "chmod 600" in capsys.readouterr().out
    assert main(["--config", str(path), "--shut"]) == 0


@pytest.mark.parametrize(("text", "mode"), [("abc", 0o640), ("abc", 0o604), ("", 0o600), ("\udcff", 0o600)])
def test_a_secret_that_others_may_read_or_that_is_none(tmp_path: Path, text: str, mode: int) -> None:
    path = tmp_path / "token"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    path.chmod(mode)
    with pytest.raises(SecretProblem):
        read_secret(path)


def test_a_secret_is_written_once_for_its_owner(tmp_path: Path) -> None:
    private, _ = new_key()
    write_secret(tmp_path / "key", private)
    assert read_secret(tmp_path / "key") == private
    with pytest.raises(SecretProblem):
        write_secret(tmp_path / "key", private)
    with pytest.raises(SecretProblem):
        Signed("id", "c2hvcnQ=")
    with pytest.raises(SecretProblem):
        Bearer("two words")


def test_the_portals_clock_is_carried_on_by_the_steady_one() -> None:
    time = Time()
    clock = Clock(steady=time, wall=time.wall)
    assert (clock.now(), clock.trust(), clock.offset_s()) == (BEGIN, "own", None)
    clock.hear(BEGIN + timedelta(hours=1), time())
    time.seconds += 60
    assert (clock.now(), clock.trust(), clock.offset_s()) == (
        BEGIN + timedelta(seconds=3660),
        "synced",
        3600.0,
    )
    time.seconds += 90_000
    assert clock.trust() == "stale"


def test_a_clock_that_was_put_back_gives_no_earlier_time() -> None:
    newest = datetime(2026, 6, 1, tzinfo=UTC)
    assert Clock(newest, wall=lambda: BEGIN).now() == newest
