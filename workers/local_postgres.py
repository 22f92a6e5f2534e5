"""A private PostgreSQL under DATA_DIR: on a unix socket only, made when missing, repaired by itself after a crash."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from workers import binaries, processes
from workers.accidents import CannotStart, disk_is_full, failed_step, full_disk
from workers.accounts import Account, account_for
from workers.folders import make_folder, secret, socket_folder, write_private
from workers.interruption import pause

ADMIN = "gas_admin"
DATABASE = "gas"
PORT = 5432  # only a part of the socket's name: nothing listens on TCP
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    "synchronous_commit": "on",
}
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
}


class LocalPostgres(processes.Kept):
    """PostgreSQL for one DATA_DIR; `start` returns when the database `gas` takes connections at `url`."""

    stop_signal = signal.SIGINT  # "fast": ends sessions, writes everything down
    last_signal = signal.SIGQUIT  # "immediate": recovers at the next start
    death_signal = "INT"

    def __init__(self, data_dir: Path, *, durable: bool = True, patience: float = 120.0) -> None:
        super().__init__("postgres", data_dir)
        self.folder = data_dir / "postgres"
        self.settings = SETTINGS if durable else SETTINGS | THROW_AWAY
        self.patience = patience  # seconds that recovery after a crash may take
        self._sockets: Path | None = None

    @property
    def url(self) -> str:
        """The administrator's address of the database `gas`; known once started."""
        login = f"{ADMIN}:{quote(self._password())}"
        return f"postgresql://{login}@/{DATABASE}?host={quote(str(self._sockets), safe='')}&port={PORT}"

    def start(self) -> None:
        """Start the server over its data, making both when missing; raises CannotStart with one sentence."""
        account = account_for(self.folder, "postgres")
        self._end_leftovers()
        found = self._find()
        if not (self.folder / "PG_VERSION").exists():
            self._make(found, account)
        self._sockets = socket_folder(self.data_dir, "postgres", f".s.PGSQL.{PORT}", account)
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        command = [
            str(found.folder / "postgres"),
            "-D",
            str(self.folder),
            "-k",
            _quoted(self._sockets),
            *options,
        ]
        said_before = processes.size_of(self.log)
        self.spawn([*self._prefix(account), *command], _environment(), self.data_dir)
        self._await(said_before)

    def _find(self) -> binaries.Postgres:
        version = self.folder / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else None
        found = binaries.find_postgres(major)
        if found is None:
            name = f"PostgreSQL {major}" if major else f"PostgreSQL {binaries.OLDEST_POSTGRES} or newer"
            raise CannotStart(f"{name} with PostGIS is not installed, and {self.folder} needs it.")
        return found

    def _make(self, found: binaries.Postgres, account: Account | None) -> None:
        new = self.folder.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        make_folder(new, 0o700, account)
        password = write_private(self.data_dir / "run" / "password", self._password(), account)
        options = ["--username", ADMIN, "--auth=scram-sha-256", "--pwfile", str(password), "--data-checksums"]
        options += ["--locale=C.UTF-8", "--encoding=UTF8"]
        options += [] if self.settings.get("fsync") != "off" else ["--no-sync"]
        initdb = [str(found.folder / "initdb"), "-D", str(new), *options]
        try:
            done = subprocess.run(
                _as(account, new, initdb),
                env=_environment(),
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            password.unlink()
        if done.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise failed_step("Making the database", done.stderr, self.data_dir)
        new.rename(self.folder)

    def _end_leftovers(self) -> None:
        """End what a killed run left running over this very folder, and nothing else."""
        pid_file = self.folder / "postmaster.pid"
        processes.end_leftover(pid_file, self.folder, signal.SIGINT, 30.0)
        deadline = time.monotonic() + 10
        while (alive := processes.living_in(self.folder)) and time.monotonic() < deadline:
            pause(processes.TICK)  # the sessions of a killed server notice within moments
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        pid_file.unlink(missing_ok=True)  # its number may belong to another program by now

    def _await(self, said_before: int) -> None:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return self._ensure_database()
            except psycopg2.OperationalError as error:
                said = processes.tail(self.log, said_before)
                if self.ended() or time.monotonic() > deadline:
                    reason = _fatal(said) or str(error)
                    self.stop()
                    raise failed_step("Starting PostgreSQL", reason, self.data_dir, self.log) from None
            pause(processes.TICK)

    def _ensure_database(self) -> None:
        connection = psycopg2.connect(
            host=str(self._sockets), port=PORT, user=ADMIN, password=self._password(), dbname="postgres"
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg2.Error as error:
            if disk_is_full(self.data_dir, str(error)):
                raise full_disk(self.data_dir) from None
            raise
        finally:
            connection.close()

    def _password(self) -> str:
        return secret(self.data_dir / "secrets" / "postgres")

    def _prefix(self, account: Account | None) -> list[str]:
        return account.prefix(self.folder) if account else []


def _as(account: Account | None, needs: Path, command: list[str]) -> list[str]:
    return ["setpriv", *account.prefix(needs), *command] if account else command


def _quoted(folder: Path) -> str:
    """A folder as one member of PostgreSQL's list of folders."""
    return '"' + str(folder).replace('"', '""') + '"'


def _fatal(said: str) -> str:
    lines = [
        line for line in said.splitlines() if "FATAL" in line or "PANIC" in line or "No space left" in line
    ]
    return lines[0].partition("FATAL:")[2].strip() or lines[0] if lines else ""


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
