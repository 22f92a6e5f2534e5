"""The command line: one clear line on error, in both languages; the exit status is 0 only if all is well."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from integrations.devices.station import check, logs, rescue, simulate
from integrations.devices.station.config import Config, ConfigProblem, load
from integrations.devices.station.credentials import SecretProblem, new_key, write_secret
from integrations.devices.station.drivers.choose import hardware, valve
from integrations.devices.station.drivers.simulated import Bench
from integrations.devices.station.outbox import Outbox, StoreProblem
from integrations.devices.station.portal import NoAnswer, Problem
from integrations.devices.station.runtime import Runtime, build, outbox_path, portal
from integrations.devices.station.words import SENTENCES, Why

BAD_CONFIG, BAD_SECRET, BAD_STORE, NOT_GOOD = 2, 3, 4, 1


def say(line: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status."""
    told = _parser().parse_args(arguments)
    logs.to_stderr()
    try:
        config = load(told.config)
        return _command(told, config)
    except ConfigProblem as problem:
        say(f"配置有误 · the configuration can't be used\n{problem}")
        return BAD_CONFIG
    except SecretProblem as problem:
        say(f"密钥文件不可用 · the secret can't be used: {problem}")
        return BAD_SECRET
    except StoreProblem as problem:
        said = SENTENCES[problem.why]
        say(f"{said.zh} · {said.en} ({problem})")
        return BAD_STORE
    except (NoAnswer, Problem) as problem:
        say(f"平台无应答或拒绝 · the portal: {problem}")
        return NOT_GOOD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="station", description="充装枪联锁程序 · station agent at a filling gun"
    )
    parser.add_argument("--config", type=Path, required=True, help="station.toml")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="try each part and the portal, print a table")
    what.add_argument("--shut", action="store_true", help="shut the valve and end")
    what.add_argument(
        "--simulate", type=Path, metavar="LABELS", help="fill the labels of this file on simulated hardware"
    )
    what.add_argument(
        "--set-aside", action="store_true", help="put damaged records aside and save what can be read"
    )
    what.add_argument("--enrol", metavar="TOKEN", help="make a key, enter it with a one-time token")
    parser.add_argument(
        "--checks", action="store_true", help="with --simulate: report a passed check before each fill"
    )
    return parser


def _command(told: argparse.Namespace, config: Config) -> int:
    if told.check:
        lines = check.check(config, hardware(config, Bench()))
        say(check.table(lines))
        return 0 if all(line.good for line in lines) else NOT_GOOD
    if told.shut:
        return _shut(config)
    if told.set_aside:
        return _set_aside(config)
    if told.enrol:
        return _enrol(config, told.enrol)
    return _simulate(config, told.simulate, told.checks) if told.simulate else _run(config)


def _run(config: Config) -> int:
    _shut(config)  # before anything else can go wrong
    outbox = Outbox(outbox_path(config))
    runtime = build(config, hardware(config, Bench()), outbox)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    try:
        runtime.run(ending)
    finally:
        outbox.close()
    return 0


def _shut(config: Config) -> int:
    interlock = valve(config, Bench())
    try:
        interlock.connect()
        interlock.shut()
        return 0
    except OSError as problem:
        said = SENTENCES[Why.VALVE_LOST]
        say(f"{said.zh} · {said.en}: {problem}")
        return NOT_GOOD
    finally:
        interlock.close()


def _set_aside(config: Config) -> int:
    done = rescue.set_aside(outbox_path(config))
    say(
        f"已移至 · moved to {done.aside}\n取回记录 · events saved: {done.events}{'' if done.whole else ' (不完整 · not all)'}"
    )
    return 0 if done.whole else NOT_GOOD


def _enrol(config: Config, token: str) -> int:
    if config.server.key_file is None:
        raise ConfigProblem("server.key_file: needed, with key_id (any text until it is known)")
    private, public = new_key()
    write_secret(config.server.key_file, private)
    body = {"token": token, "public_key": public, "name": config.station.gun, "model": "station-agent"}
    try:
        told = portal(config, None).enrol(body)
    except (NoAnswer, Problem):
        config.server.key_file.unlink()
        raise
    say(f'server.key_id = "{told["key_id"]}"')
    return 0


def _simulate(config: Config, file: Path, checks: bool) -> int:
    try:
        labels = [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
    except OSError as problem:
        raise ConfigProblem(f"--simulate: {problem}") from None
    config, bench = simulate.simulated(config), Bench(flow_gps=1500.0)
    outbox = Outbox(outbox_path(config))
    runtime = build(config, hardware(config, bench), outbox)
    ending = threading.Event()
    loop = threading.Thread(target=runtime.run, args=(ending,), name="loop")
    loop.start()
    try:
        _play(runtime, bench, labels, checks)
    finally:
        ending.set()
        loop.join()
        with suppress(StoreProblem):
            say(" ".join(f"{state}={number}" for state, number in sorted(outbox.counts().items())))
        outbox.close()
    return 0


def _play(runtime: Runtime, bench: Bench, labels: list[str], checks: bool) -> None:
    for done in simulate.shift(runtime, bench, labels, checks=checks):
        net = "—" if done.net_g is None else f"{done.net_g / 1000:.3f}"
        say(f"{done.label}  {done.why.value:20}  flowed {done.gas_g / 1000:7.3f} kg  weighed {net:>7} kg")
    simulate.settle(runtime)
