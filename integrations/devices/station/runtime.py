"""Everything of one station put together from its configuration, and the two who watch that the loop goes on."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from requests.auth import AuthBase

from integrations.devices.station.agent import Agent
from integrations.devices.station.clocks import Clock, steady
from integrations.devices.station.config import Config, FillPart
from integrations.devices.station.credentials import Bearer, Signed, read_secret
from integrations.devices.station.display.server import serve
from integrations.devices.station.display.status import status
from integrations.devices.station.drivers.choose import Hardware
from integrations.devices.station.events import Gun
from integrations.devices.station.judge import Judge
from integrations.devices.station.outbox import Outbox
from integrations.devices.station.portal import Portal
from integrations.devices.station.seen import Limits
from integrations.devices.station.sender import Sender, SenderThread
from integrations.devices.station.sensors import Pump, Sensors, Tags, pumps
from integrations.devices.station.valve import Valve
from integrations.devices.station.words import Why

EVERY_S = 0.1
STALLED_S = 4.0  # after so long without a tick the valve is shut from outside the loop and the program ends
log = structlog.get_logger("station")


@dataclass(slots=True)
class Runtime:
    """A station that can be run."""

    config: Config
    agent: Agent
    sender: Sender
    thread: SenderThread
    pumps: tuple[Pump, Pump]

    def run(self, ending: threading.Event) -> None:
        """Until the end. Raises OSError when the display's port is taken."""
        server = serve(
            self.config.display.port, lambda: status(self.agent, self.sender), self.agent.presses.put
        )
        log.info("display", address=f"http://127.0.0.1:{server.server_address[1]}/")
        watchdog = Watchdog(self.agent.valve)
        for one in (*self.pumps, self.thread, watchdog):
            one.start()
        try:
            notify("READY=1")
            self.agent.run(ending, EVERY_S, watchdog.beat)
        finally:
            watchdog.end()
            for one in (*self.pumps, self.thread):
                one.end()
            for one in (*self.pumps, self.thread):
                one.join(2)
            server.shutdown()
            server.server_close()


class Watchdog(threading.Thread):
    """Shuts the valve and ends the program when the loop stands still; tells systemd while it doesn't."""

    def __init__(
        self, valve: Valve, stalled_s: float = STALLED_S, end: Callable[[int], None] = os._exit
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._valve, self._stalled, self._exit = valve, stalled_s, end
        self._beaten, self._pause = threading.Event(), threading.Event()

    def beat(self) -> None:
        """The loop goes on."""
        self._beaten.set()

    def end(self) -> None:
        """No longer needed."""
        self._pause.set()
        self._beaten.set()

    def run(self) -> None:
        """Wait for beats."""
        while not self._pause.is_set():
            if self._beaten.wait(self._stalled):
                self._beaten.clear()
                notify("WATCHDOG=1")
                self._pause.wait(self._stalled / 4)
                continue
            log.critical("the loop stands still; shutting the valve and ending")
            self._valve.shut_now(Why.STALLED)
            self._exit(70)
            return


def notify(what: str) -> None:
    """Tell systemd, where it listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect("\0" + address[1:] if address.startswith("@") else address)
            line.send(what.encode())


def outbox_path(config: Config) -> Path:
    """Where the records of this machine are."""
    return config.station.data / "outbox.db"


def credential(config: Config) -> AuthBase | None:
    """What the requests carry; raises SecretProblem."""
    server = config.server
    if server.token_file is not None:
        return Bearer(read_secret(server.token_file))
    if server.key_file is not None and server.key_id is not None:
        return Signed(server.key_id, read_secret(server.key_file))
    return None


def portal(config: Config, auth: AuthBase | None) -> Portal:
    """The portal of the configuration."""
    server = config.server
    ca = True if server.ca_file is None else str(server.ca_file)
    return Portal(
        server.url, auth, language=config.station.language, timeout_s=server.timeout_s, ca=ca, clock=steady
    )


def limits(config: Config) -> Limits:
    """The settings of a fill, in grams and seconds."""
    fill: FillPart = config.fill
    return Limits(
        target_g=round(fill.target_kg * 1000),
        preact_g=round(fill.preact_kg * 1000),
        min_tare_g=round(fill.min_tare_kg * 1000),
        max_gross_g=round(fill.max_gross_kg * 1000),
        min_net_g=round(fill.min_net_kg * 1000),
        flow_s=fill.no_flow_s,
        ask_s=fill.ask_s,
        tare_s=fill.tare_s,
        settle_s=fill.settle_s,
        fill_s=fill.longest_s,
        presence=config.reader.presence,
        may_override=config.override.allowed,
    )


def build(config: Config, hardware: Hardware, outbox: Outbox) -> Runtime:
    """The station; nothing runs yet. Raises SecretProblem and StoreProblem."""
    station = config.station
    # Two sessions: a question to the portal doesn't wait for an upload.
    asking, sending = (portal(config, credential(config)) for _ in range(2))
    newest = outbox.recall("newest")
    clock = Clock(datetime.fromisoformat(newest) if newest else None)
    sensors = Sensors(Tags(config.reader.presence, config.reader.gone_s))
    sender = Sender(outbox, sending, clock, steady)
    thread = SenderThread(sender)
    agent = Agent(
        gun=Gun(station.gun, station.place, station.medium),
        limits=limits(config),
        sensors=sensors,
        valve=Valve(hardware.interlock, steady),
        judge=Judge(asking, steady, station.medium, station.gun),
        outbox=outbox,
        clock=clock,
        operator=station.operator,
        news=thread.wake,
    )
    return Runtime(config, agent, sender, thread, pumps(sensors, hardware.reader, hardware.scale))
