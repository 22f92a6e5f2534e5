"""One PostgreSQL and one Redis for a whole test run, made in a temporary folder and thrown away afterwards.

They are the same private servers that `make run` starts, on unix sockets only, but without waiting for the disk.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from workers.local_services import LocalPostgres, LocalRedis


@dataclass(frozen=True, slots=True)
class Services:
    """Where the servers of this run are; `database_url` is the administrator's address of the empty database `gas`."""

    postgres: LocalPostgres
    redis: LocalRedis
    data_dir: Path

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        return self.redis.url


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Running servers; each pytest-xdist worker has its own."""
    data_dir = Path(tempfile.mkdtemp(prefix="portal-test-"))
    data_dir.chmod(0o711)  # as root, PostgreSQL runs as another user and passes through
    postgres, redis = LocalPostgres(data_dir, durable=False), LocalRedis(data_dir, durable=False)
    try:
        postgres.start()
        redis.start()
        yield Services(postgres, redis, data_dir)
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(data_dir, ignore_errors=True)
