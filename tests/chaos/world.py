"""The whole portal on servers of its own: what `make run` starts, the cast on its stage, every process within a killer's reach."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from tenants import database, models, scope
from tenants.models.base import new_id
from tenants.services.devices import hash_token
from tenants.settings import Settings
from tests import cast
from tests.cast import BOTH, LPG, Enterprise
from tests.databases import SECRET, Database
from tests.workers.playing import free_port
from workers.children import portal_children
from workers.local_services import LocalPostgres, LocalRedis
from workers.nursery import Child, Nursery
from workers.processes import kill_marked, living_in
from workers.supervisor import is_ready

STARTS_WITHIN = 60.0  # seconds
FIRST_SERIAL = 500_001


class World:
    """Running servers and processes; a thread of its own starts again what dies, as the supervisor does."""

    def __init__(self, data_dir: Path, durable: bool) -> None:
        self.data_dir = data_dir
        self.postgres = LocalPostgres(data_dir, durable=durable)
        self.redis = LocalRedis(data_dir, durable=durable)
        self.said: list[str] = []
        self.nursery = Nursery(data_dir, self.said.append)
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def begin(self, cylinders: int, devices: int) -> None:
        """Start everything; returns when the portal says that it is ready."""
        self.nursery.add(self.postgres)
        self.nursery.add(self.redis)
        env = self._environment()
        self.settings = Settings.from_env(env)
        self.database = Database(self.postgres.url, self.settings)
        database.prepare(self.postgres.url, self.settings)
        with self.database.as_admin() as connection:
            cast.play(connection)
            for enterprise in BOTH:
                stock(connection, enterprise, cylinders, devices)
        scope.configure(self.settings)
        self.nursery.add(*portal_children(self.settings, env))
        self._keeper.start()
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until every part answers."""
        deadline = time.monotonic() + STARTS_WITHIN
        while not is_ready(self.settings.public_origin):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the portal isn't ready: {self.said[-5:]}")
            time.sleep(0.1)

    def end(self) -> None:
        """Stop everything, to the last process."""
        self._ending.set()
        with suppress(RuntimeError):
            self._keeper.join(30)
        self.nursery.stop(10)
        scope.dispose()
        kill_marked(str(self.data_dir))

    def child(self, name: str) -> Child:
        """One of the portal's own processes by its name."""
        found = {kept.name: kept for stage in self.nursery.stages for kept in stage}[name]
        if not isinstance(found, Child):
            raise KeyError(name)
        return found

    def pid(self, name: str) -> int | None:
        """The process of that name, if it runs at the moment."""
        return self.nursery.pids().get(name)

    def children_of(self, name: str) -> list[int]:
        """The processes that it started: a worker's horse, the web server's workers."""
        parent = self.pid(name)
        return [] if parent is None else _children(parent)

    def database_processes(self) -> list[int]:
        """The postmaster and each of its processes, all of this world's data folder."""
        return living_in(self.postgres.folder)

    def _keep(self) -> None:
        while not self._ending.wait(0.05):
            self.nursery.watch()

    def _environment(self) -> dict[str, str]:
        port = free_port()
        told = {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "DATA_DIR": str(self.data_dir),
            "SECRET_KEY": SECRET,
            "DEMO": "0",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WORKERS": "2",
            "DEVICE_CALLS_PER_SECOND": "100000",
            "PYTHONUNBUFFERED": "1",
        }
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **told}


@contextmanager
def running_world(cylinders: int = 60, devices: int = 4, *, durable: bool = True) -> Iterator[World]:
    """A world that is gone afterwards, with so many cylinders and devices in each of the two enterprises."""
    data_dir = Path(tempfile.mkdtemp(prefix="portal-chaos-"))
    data_dir.chmod(0o711)
    world = World(data_dir, durable)
    try:
        world.begin(cylinders, devices)
        yield world
    finally:
        world.end()
        shutil.rmtree(data_dir, ignore_errors=True)


def kill(pid: int) -> bool:
    """SIGKILL one process; whether it was there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def token_of(enterprise: Enterprise, number: int) -> str:
    """The bearer token of a device of this world."""
    return f"{enterprise.mark}-chaos-token-{number}"


def code_of(enterprise: Enterprise, number: int) -> str:
    """The label of a cylinder of this world."""
    return f"{enterprise.district}{enterprise.enterprise}{LPG}{FIRST_SERIAL + number:06d}"


def stock(connection: Any, e: Enterprise, cylinders: int, devices: int) -> None:
    """More cylinders, labels on them and devices for one enterprise of the cast."""
    ids = [new_id() for _ in range(cylinders)]
    base = {
        "maker": "K",
        "kind_code": "LPG_WELDED",
        "medium_id": "LPG",
        "registration_no": "R",
        "district": e.district,
    }
    rows: list[tuple[Any, list[dict[str, Any]]]] = [
        (models.Cylinder, [{**base, "id": one, "serial_no": f"K{i}", "max_fill_kg": 15} for i, one in enumerate(ids)]),
        (models.Label, [{"id": new_id(), "code": code_of(e, i), "kind": "metal", "medium_code": LPG, "state": "bound",
                         "cylinder_id": one} for i, one in enumerate(ids)]),
        (models.Device, [{"id": new_id(), "name": f"chaos {i}", "role": "filler", "created_by": "",
                          "token_hash": hash_token(token_of(e, i))} for i in range(devices)]),
    ]  # fmt: skip
    for model, many in rows:
        connection.execute(insert(model).inline(), [{"tenant_id": e.tenant_id, **row} for row in many])


def _children(parent: int) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            with suppress(OSError):
                words = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                if int(words[1]) == parent and words[0] not in "ZX":
                    found.append(int(entry))
    return found
