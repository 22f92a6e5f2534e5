"""The configuration: one TOML file. Whatever can't be used is named by its key; a key that nobody knows is an error too."""

from __future__ import annotations

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from integrations.devices.station.words import Why

OVERRIDABLE = frozenset({Why.BLOCKED, Why.NO_ANSWER})
Text = Annotated[str, Field(min_length=1, max_length=64)]
Kg = Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
TcpNumber = Annotated[int, Field(ge=1, le=65535)]
Address = Annotated[int, Field(ge=0, le=65535)]
Bit = Annotated[int, Field(ge=0, le=15)]


class ConfigProblem(Exception):
    """The configuration can't be used; each line names a key."""


class Part(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StationPart(Part):
    """Which gun this is."""

    gun: Text
    place: Text | None = None
    medium: Text | None = None
    operator: Text | None = None
    language: Literal["zh", "en"] = "zh"
    data: Path


class ServerPart(Part):
    """The portal, and a token or a key."""

    url: str
    token_file: Path | None = None
    key_file: Path | None = None
    key_id: str | None = None
    ca_file: Path | None = None
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 5.0

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("http(s)://host[:port], without a path")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise ValueError("https, unless the portal is on this machine")
        return value

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if (self.token_file is None) == (self.key_file is None):
            raise ValueError("token_file or key_file, one of them")
        if (self.key_file is None) != (self.key_id is None):
            raise ValueError("key_file and key_id belong together")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class SerialPart(Part):
    """A serial port."""

    port: str
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


class RestPart(Part):
    """When a scale that doesn't say so is at rest."""

    rest_within_g: Annotated[int, Field(ge=0, le=1000)] = 20
    rest_for_s: Annotated[float, Field(ge=0.2, le=10)] = 1.0


class ReaderPart(Part):
    """What every reader has. `presence`: it reads the tag again and again while it is there."""

    reads: Literal["auto", "label", "uid"] = "auto"
    presence: bool = False
    gone_s: Annotated[float, Field(ge=0.3, le=10)] = 1.5


class SimulatedReaderPart(ReaderPart):
    """No reader."""

    driver: Literal["simulated"]
    presence: bool = True


class SerialReaderPart(SerialPart, ReaderPart):
    """A scanner or RFID reader on a serial port."""

    driver: Literal["serial"]


class TcpReaderPart(ReaderPart):
    """A reader that sends lines to whoever connects."""

    driver: Literal["tcp"]
    host: str
    port: TcpNumber


class KeyboardReaderPart(ReaderPart):
    """A scanner that is a keyboard."""

    driver: Literal["keyboard"]
    device: str


class TerminalReaderPart(ReaderPart):
    """A scanner that types into the program's terminal."""

    driver: Literal["terminal"]


class SimulatedScalePart(Part):
    """No scale."""

    driver: Literal["simulated"]


class Xk3190Part(SerialPart, RestPart):
    """A Yaohua indicator."""

    driver: Literal["xk3190"]
    format: Literal["tf0", "a12e", "ascii"] = "tf0"


class ScaleRegisters(RestPart):
    """Where a Modbus scale keeps its weight."""

    device_id: Annotated[int, Field(ge=1, le=247)] = 1
    address: Address
    type: Literal["int16", "uint16", "int32", "uint32", "float32"]
    word_order: Literal["big", "little"] = "big"
    input_registers: bool = False
    grams_per_unit: Annotated[float, Field(gt=0, le=1e6)]
    status: Address | None = None
    stable_bit: Bit | None = None
    overload_bit: Bit | None = None
    unit: Address | None = None
    unit_is_kg: Annotated[int, Field(ge=0, le=65535)] | None = None

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.status is None and (self.stable_bit is not None or self.overload_bit is not None):
            raise ValueError("stable_bit and overload_bit need status")
        if (self.unit is None) != (self.unit_is_kg is None):
            raise ValueError("unit and unit_is_kg belong together")
        return self


class TcpScalePart(ScaleRegisters):
    """A scale on Modbus TCP."""

    driver: Literal["modbus_tcp"]
    host: str
    port: TcpNumber = 502


class RtuScalePart(SerialPart, ScaleRegisters):
    """A scale on Modbus RTU."""

    driver: Literal["modbus_rtu"]


class SimulatedValvePart(Part):
    """No valve."""

    driver: Literal["simulated"]


class RelayRegisters(Part):
    """Where a Modbus relay is."""

    device_id: Annotated[int, Field(ge=1, le=247)] = 1
    coil: Address
    feedback: Address | None = None
    watchdog: Address | None = None
    watchdog_value: Annotated[int, Field(ge=0, le=65535)] = 0


class TcpRelayPart(RelayRegisters):
    """A relay on Modbus TCP."""

    driver: Literal["modbus_tcp"]
    host: str
    port: TcpNumber = 502


class RtuRelayPart(SerialPart, RelayRegisters):
    """A relay on Modbus RTU."""

    driver: Literal["modbus_rtu"]


class FillPart(Part):
    """How a fill goes."""

    target_kg: Kg
    preact_kg: Annotated[float, Field(ge=0, le=5)] = 0.05
    min_tare_kg: Kg = 1.0
    max_gross_kg: Kg = 60.0
    min_net_kg: Kg = 0.05
    ask_s: Seconds = 10.0
    tare_s: Seconds = 15.0
    settle_s: Seconds = 10.0
    no_flow_s: Seconds = 15.0
    longest_s: Seconds = 600.0


class DisplayPart(Part):
    """The page for the person at the gun; on this machine only."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8160


class OverridePart(Part):
    """Which stops a person may answer for, with a reason. Empty: none."""

    allowed: frozenset[Why] = frozenset()

    @field_validator("allowed")
    @classmethod
    def _only_the_portals(cls, value: frozenset[Why]) -> frozenset[Why]:
        if value - OVERRIDABLE:
            raise ValueError(f"only {', '.join(sorted(OVERRIDABLE))}")
        return value


Reader = Annotated[
    SimulatedReaderPart | SerialReaderPart | TcpReaderPart | KeyboardReaderPart | TerminalReaderPart,
    Field(discriminator="driver"),
]
Scale = Annotated[
    SimulatedScalePart | Xk3190Part | TcpScalePart | RtuScalePart, Field(discriminator="driver")
]
Valve = Annotated[SimulatedValvePart | TcpRelayPart | RtuRelayPart, Field(discriminator="driver")]
DRIVERS = frozenset(
    {"simulated", "serial", "tcp", "keyboard", "terminal", "xk3190", "modbus_tcp", "modbus_rtu"}
)


class Config(Part):
    """The whole file."""

    station: StationPart
    server: ServerPart
    reader: Reader
    scale: Scale
    interlock: Valve
    fill: FillPart
    display: DisplayPart = DisplayPart()
    override: OverridePart = OverridePart()


def load(path: Path) -> Config:
    """The configuration in a file; relative paths in it are beside it. Raises ConfigProblem."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigProblem(f"{path}: {problem}") from None
    for table, keys in (("station", ("data",)), ("server", ("token_file", "key_file", "ca_file"))):
        part = told.get(table)
        for key in keys:
            if isinstance(part, dict) and isinstance(part.get(key), str):
                part[key] = str(path.parent / part[key])
    return read(told)


def read(told: dict[str, object]) -> Config:
    """The same from values; raises ConfigProblem with one line for each key at fault."""
    try:
        return Config.model_validate(told)
    except ValidationError as problem:
        lines = [
            f"{_key(one['loc'])}: {one['msg'].removeprefix('Value error, ')}" for one in problem.errors()
        ]
        raise ConfigProblem("\n".join(lines)) from None


def _key(loc: tuple[int | str, ...]) -> str:
    parts = [str(part) for at, part in enumerate(loc) if not (at == 1 and part in DRIVERS)]
    return ".".join(parts)
