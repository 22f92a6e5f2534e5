"""What `make run` becomes: starts the private servers, prepares the data, starts and watches the portal's processes, stops all.

The order is the story: this folder and address are free, PostgreSQL, Redis, data, then web, workers, relay and scheduler, then the
addresses on the terminal. A process that dies is started again; Ctrl-C or SIGTERM stops everything in the opposite order. When the
supervisor itself is killed, the kernel tells its children, and the next start clears away whatever is left.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tenants.settings import Settings, SettingsError
from workers import interruption, preflight
from workers.accidents import CannotStart, disk_is_full, explain, failed_step, full_disk
from workers.children import portal_children
from workers.folders import secret
from workers.local_services import needed_services, publish_addresses, withdraw_addresses
from workers.nursery import Child, Nursery
from workers.prepare import PREPARATION, prepare_data
from workers.processes import kill_marked, tail
from workers.terminal import address_of, banner, say

WATCH_EVERY = 0.2  # seconds
READY_WITHIN = 120.0  # seconds
HOPELESS = 5  # early deaths of one process before the portal was ever ready
CHILDREN_STOP_WITHIN = 7.0  # seconds; Redis and PostgreSQL then take well under one each

Children = Callable[[Settings, Mapping[str, str]], Sequence[Child]]


def supervise(
    env: Mapping[str, str],
    children: Children = portal_children,
    preparation: Sequence[str] = PREPARATION,
) -> None:
    """Run the portal until a stop signal; raises CannotStart with one sentence when it doesn't come up."""
    began = time.monotonic()
    data_dir = Path(env.get("DATA_DIR") or "var").resolve()
    with preflight.only_one(data_dir):
        nursery = Nursery(data_dir, say)
        try:
            settings = _settings(env, data_dir)
            kill_marked(str(data_dir))  # what a killed run left behind may still hold the address
            preflight.check_address(settings.host, settings.port)
            _start_services(nursery, env, data_dir)
            child_env = {**env, "DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
            prepare_data(preparation, data_dir, child_env)
            nursery.add(*children(settings, child_env))
            _await_ready(nursery, settings)
            say(banner(settings, time.monotonic() - began))
            while True:
                nursery.watch()
                interruption.pause(WATCH_EVERY)
        except OSError as error:
            raise explain(error, data_dir) from error
        finally:
            _stop(nursery, data_dir)


def _settings(env: Mapping[str, str], data_dir: Path) -> Settings:
    if not env.get("SECRET_KEY"):
        secret(data_dir / "secret_key")
    try:
        return Settings.from_env(env)
    except SettingsError as error:
        raise CannotStart(str(error)) from None


def _start_services(nursery: Nursery, env: Mapping[str, str], data_dir: Path) -> None:
    services = needed_services(data_dir, env)
    for service in services:
        nursery.add(service)
    publish_addresses(data_dir, services)


def _await_ready(nursery: Nursery, settings: Settings) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not is_ready(address_of(settings)):
        nursery.watch()
        if hopeless := nursery.hopeless(HOPELESS):
            raise failed_step(
                f"Starting {hopeless.name}", tail(hopeless.log), settings.data_dir, hopeless.log
            )
        if time.monotonic() > deadline:
            if disk_is_full(settings.data_dir):
                raise full_disk(settings.data_dir)
            logs = settings.data_dir / "logs"
            raise CannotStart(f"The portal did not become ready in {READY_WITHIN:.0f} s; {logs} may say why.")
        interruption.pause(0.1)


def is_ready(address: str) -> bool:
    """Whether the portal at this address says that database, Redis, queue and schema are ready."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


def _stop(nursery: Nursery, data_dir: Path) -> None:
    interruption.ignore()
    with suppress(OSError):
        preflight.say_farewell(data_dir)
    if nursery.pids():
        say("正在停止 · stopping")
    nursery.stop(CHILDREN_STOP_WITHIN)
    with suppress(OSError):
        withdraw_addresses(data_dir)
    kill_marked(str(data_dir))


def main() -> int:
    """Run the portal; 0 after a stop signal, 1 with one sentence on stderr when it can't start."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    interruption.listen()
    try:
        supervise(dict(os.environ))
    except CannotStart as error:
        with suppress(OSError):
            print(error, file=sys.stderr)
        return 1
    except interruption.Stopping:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
