"""The private servers of one DATA_DIR, and the file that tells every other process where they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from workers.folders import write_private
from workers.local_postgres import LocalPostgres
from workers.local_redis import LocalRedis

__all__ = ["LocalPostgres", "LocalRedis", "needed_services", "publish_addresses", "withdraw_addresses"]

Service = LocalPostgres | LocalRedis


def needed_services(data_dir: Path, env: Mapping[str, str] | None = None) -> list[Service]:
    """The servers to start here: those whose address was not given as DATABASE_URL or REDIS_URL."""
    env = os.environ if env is None else env
    services: list[Service] = []
    if not env.get("DATABASE_URL"):
        services.append(LocalPostgres(data_dir))
    if not env.get("REDIS_URL"):
        services.append(LocalRedis(data_dir))
    return services


def publish_addresses(data_dir: Path, services: list[Service]) -> Path:
    """Write `DATA_DIR/run/services.json`, readable by its owner only: the addresses of what was started here."""
    keys = {"postgres": "database_url", "redis": "redis_url"}
    addresses = {keys[service.name]: service.url for service in services}
    return write_private(data_dir / "run" / "services.json", json.dumps(addresses, indent=1) + "\n")


def withdraw_addresses(data_dir: Path) -> None:
    """Forget the addresses of servers that have stopped."""
    (data_dir / "run" / "services.json").unlink(missing_ok=True)
