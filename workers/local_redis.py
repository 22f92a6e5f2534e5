"""A private Redis under DATA_DIR: on a unix socket only, with its append-only file on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers import binaries, processes
from workers.accidents import CannotStart, disk_is_full, failed_step, full_disk
from workers.accounts import account_for
from workers.folders import make_folder, secret, socket_folder, write_private
from workers.interruption import pause

CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
pidfile {pid_file}
requirepass {password}
daemonize no
save ""
appendonly yes
appendfsync {fsync}
maxmemory-policy noeviction
shutdown-timeout 3
"""
DAMAGED = ("bad file format", "unrecoverable error", "aof manifest", "can't open the append-only")


class LocalRedis(processes.Kept):
    """Redis for one DATA_DIR; `start` returns when it answers at `url`."""

    def __init__(self, data_dir: Path, *, durable: bool = True, patience: float = 60.0) -> None:
        super().__init__("redis", data_dir)
        self.folder = data_dir / "redis"
        self.fsync = "everysec" if durable else "no"
        self.patience = patience  # seconds that reading the append-only file may take
        self._socket: Path | None = None

    @property
    def url(self) -> str:
        """The address, with the password; known once started."""
        return f"unix://:{quote(self._password())}@{quote(str(self._socket))}"

    def start(self) -> None:
        """Start the server over its data; an append-only file that can't be read is set aside, since PostgreSQL has the truth."""
        processes.end_leftover(self.folder / "redis.pid", self.folder, signal.SIGTERM, 10.0)
        said_before = processes.size_of(self.log)
        try:
            self._launch()
        except CannotStart:
            said = processes.tail(self.log, said_before).lower()
            if disk_is_full(self.data_dir, said) or not any(words in said for words in DAMAGED):
                raise
            aside = self.folder / f"damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
            (self.folder / "appendonlydir").rename(aside)
            self._launch()

    def _launch(self) -> None:
        server = binaries.find_redis()
        if server is None:
            raise CannotStart(f"Redis {binaries.OLDEST_REDIS} or newer is not installed.")
        account = account_for(self.folder, "redis", "postgres")
        make_folder(self.folder, 0o700, account)
        self._socket = socket_folder(self.data_dir, "redis", "redis.sock", account) / "redis.sock"
        text = CONFIGURATION.format(
            socket=_quoted(self._socket),
            folder=_quoted(self.folder),
            pid_file=_quoted(self.folder / "redis.pid"),
            password=self._password(),
            fsync=self.fsync,
        )
        configuration = write_private(self.folder / "redis.conf", text, account)
        prefix = account.prefix(self.folder) if account else []
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        said_before = processes.size_of(self.log)
        self.spawn([*prefix, str(server), str(configuration)], environment, self.data_dir)
        self._await(said_before)

    def _await(self, said_before: int) -> None:
        deadline = time.monotonic() + self.patience
        once = Retry(NoBackoff(), 0)
        with redis.Redis(unix_socket_path=str(self._socket), password=self._password(), retry=once) as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError as error:
                    if self.ended() or time.monotonic() > deadline:
                        said = processes.tail(self.log, said_before) or str(error)
                        self.stop()
                        if disk_is_full(self.data_dir, said):
                            raise full_disk(self.data_dir) from None
                        raise failed_step("Starting Redis", said, self.data_dir, self.log) from None
                else:
                    return
                pause(processes.TICK)

    def _password(self) -> str:
        return secret(self.data_dir / "secrets" / "redis")


def _quoted(path: Path) -> str:
    """A path as Redis reads it in its configuration."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
