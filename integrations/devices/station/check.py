"""`--check`: each part is tried once and says in a line how it is. The valve is asked and never opened."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from integrations.devices.station.clocks import steady
from integrations.devices.station.config import Config
from integrations.devices.station.drivers.base import Scale, TagReader
from integrations.devices.station.drivers.choose import Hardware
from integrations.devices.station.outbox import Outbox
from integrations.devices.station.portal import Problem
from integrations.devices.station.runtime import credential, outbox_path, portal
from integrations.devices.station.words import SENTENCES

WAIT_S = 3.0
UNKNOWN_CODE = "00000000000000000"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    part: str
    good: bool
    said: str


def check(config: Config, hardware: Hardware) -> list[Line]:
    """Try everything; never raises."""
    tried: tuple[tuple[str, Callable[[], str]], ...] = (
        ("secret 密钥", lambda: _secret(config)),
        ("portal 平台", lambda: _time(config)),
        ("device 设备身份", lambda: _known(config)),
        ("records 记录库", lambda: _records(config)),
        ("reader 读写器", lambda: _reader(hardware.reader)),
        ("scale 秤", lambda: _scale(hardware.scale)),
        ("valve 阀门", lambda: _valve(hardware)),
    )
    return [_try(part, what) for part, what in tried]


def table(lines: list[Line]) -> str:
    """The lines below one another."""
    width = max(_width(line.part) for line in lines)
    return "\n".join(
        f"{'OK  ' if line.good else 'FAIL'}  {line.part}{' ' * (width - _width(line.part))}  {line.said}"
        for line in lines
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _try(part: str, what: Callable[[], str]) -> Line:
    try:
        return Line(part, True, what())
    except Exception as problem:  # whatever it is, the table names it
        return Line(part, False, f"{problem or type(problem).__name__}"[:200])


def _secret(config: Config) -> str:
    return type(credential(config)).__name__.lower()


def _time(config: Config) -> str:
    told = portal(config, None).time()
    ahead = (told.at - datetime.now(UTC)).total_seconds()
    return f"{config.server.url} · clock 时钟 {ahead:+.1f} s (±{told.unsure_s:.1f})"


def _known(config: Config) -> str:
    try:
        told = portal(config, credential(config)).verdict({"label": UNKNOWN_CODE, "purpose": "fill"})
    except Problem as problem:
        raise RuntimeError(f"{problem.status} {problem.code} {problem.title}") from None
    if told.get("verdict") != "block":
        raise RuntimeError("a code of nobody's wasn't blocked")
    return "may ask for verdicts 可查询判定"


def _records(config: Config) -> str:
    outbox = Outbox(outbox_path(config))
    try:
        outbox.check()
        return (
            " ".join(f"{state}={number}" for state, number in sorted(outbox.counts().items())) or "empty 空"
        )
    finally:
        outbox.close()


def _reader(reader: TagReader) -> str:
    reader.connect()
    try:
        until = steady() + WAIT_S
        while steady() < until:
            if tag := reader.read():
                return f"read 已读: {tag.label or tag.uid}"
        return "connected, nothing scanned 已连接，未读到标签"
    finally:
        reader.close()


def _scale(scale: Scale) -> str:
    scale.connect()
    try:
        until, weight = steady() + WAIT_S, None
        while steady() < until and not (weight and weight.stable):
            weight = scale.read() or weight
    finally:
        scale.close()
    if weight is None:
        raise RuntimeError("no weight 没有数据")
    if weight.flaw is not None:
        raise RuntimeError(f"{SENTENCES[weight.flaw].en} {SENTENCES[weight.flaw].zh}")
    return f"{weight.grams / 1000:.3f} kg, {'at rest 稳定' if weight.stable else 'moving 不稳定'}"


def _valve(hardware: Hardware) -> str:
    valve = hardware.interlock
    valve.connect()
    try:
        if valve.is_open():
            raise RuntimeError("it is open 阀门是开着的")
        return "shut 已关" if valve.is_open() is False else "doesn't tell 无反馈"
    finally:
        valve.close()
