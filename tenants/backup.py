"""Backups: the whole schema in one file, checked when it is written, and put back into an empty database.

Reading is done with the backup's own login, which sees past every wall and can write nothing; putting back needs an administrator.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, make_url, text

from tenants import database
from tenants.errors import Conflict, Invalid, Unavailable
from tenants.planes import BACKUP
from tenants.settings import Settings

ASIDE = "gas_before_restore"
EVIDENCE = "TABLE DATA gas audit "  # a backup without the audit is none


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that can be read back: its size in bytes and the number of things in it."""

    file: str
    size: int
    entries: int


def back_up(settings: Settings, file: Path) -> BackupReport:
    """Write a backup that only its owner can read; raises Conflict when the file exists, Unavailable with what pg_dump said."""
    if file.exists():
        raise Conflict(f"{file} exists already; a backup never overwrites another.")
    url = make_url(settings.login_url(BACKUP))
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as problem:
        raise Invalid(f"{file} can't be written: {problem.strerror}.") from None
    try:
        unfinished.chmod(0o600)
        _run(url, "pg_dump", "--format=custom", "--schema=gas", f"--file={unfinished}")
        entries = list_backup(unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return BackupReport(str(file), file.stat().st_size, entries)


def list_backup(file: Path) -> int:
    """The number of things in a backup; raises Invalid when it can't be read or lacks the audit."""
    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    try:
        said = _run(None, "pg_restore", "--list", str(file))
    except Unavailable:
        raise Invalid(f"{file} is not a backup that can be read.") from None
    lines = [line for line in said.splitlines() if line and not line.startswith(";")]
    if not any(EVIDENCE in line for line in lines):
        raise Invalid(f"{file} is not a backup of this portal.")
    return len(lines)


def restore(settings: Settings, file: Path, *, replace: bool = False) -> int:
    """Put a backup into an empty database and bring it to today's schema; the number of things in it.

    With `replace` what was there goes away, but only after the backup is in. Raises Conflict when the database isn't empty or when
    somebody is connected, Invalid when the file is no backup.
    """
    entries = list_backup(file)
    url = settings.database_url
    with database.admin_engine(url).begin() as connection:
        _require_quiet(connection)
        if _tables(connection) and not replace:
            raise Conflict("The database holds data already; restore into an empty one, or say --replace.")
        database.make_roles(connection, settings)
    with _put_aside(url):
        _run(make_url(url), "pg_restore", "--single-transaction", "--exit-on-error", str(file))
    database.prepare(url, settings)
    with database.admin_engine(
        url
    ).begin() as connection:  # no copy in Redis may look newer than what came back
        connection.execute(
            text("UPDATE gas.cache_epoch SET epoch = greatest(epoch + 1, extract(epoch FROM now())::bigint)")
        )
    return entries


def _require_quiet(connection: Connection) -> None:
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'gas\\_%\\_login'"
        )
    )
    if others:
        raise Conflict(f"The portal is running ({others} connections); stop it before a restore.")


def _tables(connection: Connection) -> int:
    found = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'gas'")
    return int(connection.scalar(found) or 0)


@contextmanager
def _put_aside(url: str) -> Iterator[None]:
    """The schema that was there waits under another name, and comes back if the restore fails."""
    engine = database.admin_engine(url)

    def say(*statements: str) -> None:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    with engine.connect() as connection:
        there = connection.scalar(text("SELECT to_regnamespace('gas') IS NOT NULL"))
    say(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE", *([f"ALTER SCHEMA gas RENAME TO {ASIDE}"] if there else []))
    try:
        yield
    except BaseException:
        say("DROP SCHEMA IF EXISTS gas CASCADE", *([f"ALTER SCHEMA {ASIDE} RENAME TO gas"] if there else []))
        raise
    say(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE")


def _run(url: URL | None, name: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs; the password goes by the environment, never by the command line."""
    env = dict(os.environ)
    command: list[str] = [_program(name), *arguments]
    if url is not None:
        env["PGPASSWORD"] = str(url.password or "")
        plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        command += ["--no-password", "--dbname", plain.render_as_string()]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or [
            f"exit status {done.returncode}"
        ]
        raise Unavailable(f"{name} failed: {said[-1].strip()}")
    return done.stdout


def _program(name: str) -> str:
    """The newest installed one: it can read every older server."""
    places: Sequence[Path] = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])
    )
    found = str(places[-1]) if places else shutil.which(name)
    if found is None:
        raise Unavailable(f"{name} is not installed; it comes with PostgreSQL's client programs.")
    return found
