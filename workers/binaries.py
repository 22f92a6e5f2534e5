"""Finding PostgreSQL with PostGIS, and Redis, where the packages put them. Standard library only: the set-up asks too."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST_POSTGRES = 15
OLDEST_POSTGIS = (3, 3)
OLDEST_REDIS = 7
_REDIS_PATH = "/usr/bin:/usr/local/bin:/usr/sbin"
_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")


@dataclass(frozen=True, slots=True)
class Postgres:
    """An installed PostgreSQL of a good version, with PostGIS of a good version or without."""

    folder: Path
    major: int
    has_postgis: bool


def find_postgres(major: int | None = None) -> Postgres | None:
    """The newest PostgreSQL with PostGIS, or the one of a given major version that an existing data folder needs."""
    fit = [each for each in installed_postgres() if each.has_postgis and major in (None, each.major)]
    return max(fit, key=lambda each: each.major, default=None)


def installed_postgres() -> list[Postgres]:
    """Every installed PostgreSQL that is new enough, whether it has PostGIS or not."""
    on_path = shutil.which("pg_ctl")
    folders = {path.resolve() for pattern in _FOLDERS for path in Path("/").glob(pattern.lstrip("/"))}
    folders |= {Path(on_path).resolve().parent} if on_path else set()
    found = []
    for folder in sorted(folders):
        major = _number(_said(folder / "postgres", "--version"), r"\(PostgreSQL\) (\d+)")
        if major and major[0] >= OLDEST_POSTGRES and (folder / "initdb").exists():
            found.append(Postgres(folder, major[0], _has_postgis(folder, major[0])))
    return found


def find_redis() -> Path | None:
    """The Redis server, if it is new enough."""
    found = shutil.which("redis-server") or shutil.which("redis-server", path=_REDIS_PATH)
    version = _number(_said(Path(found), "--version"), r"v=(\d+)") if found else None
    return Path(found) if found and version and version[0] >= OLDEST_REDIS else None


def _has_postgis(folder: Path, major: int) -> bool:
    share = Path(_said(folder / "pg_config", "--sharedir").strip() or f"/usr/share/postgresql/{major}")
    control = share / "extension" / "postgis.control"
    if not control.exists():
        return False
    version = _number(control.read_text(), r"default_version\s*=\s*'(\d+)\.(\d+)")
    return version is not None and version >= OLDEST_POSTGIS


def _said(program: Path, argument: str) -> str:
    try:
        return subprocess.run([program, argument], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _number(text: str, pattern: str) -> tuple[int, ...] | None:
    found = re.search(pattern, text)
    return tuple(int(part) for part in found.groups()) if found else None
