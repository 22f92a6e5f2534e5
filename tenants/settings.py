"""Where the program runs and with which secrets, read once from the environment.

`Settings.from_env()` is the only reader of environment variables for addresses and secrets. What is not set is taken from
the files that the supervisor keeps under `DATA_DIR`, so that an administration command finds the servers of a running portal.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from tenants.planes import Plane

DEFAULT_DEMO_PASSWORD = "Demo-2026-qiping"  # noqa: S105 - the published password of the demo accounts
SHORTEST_SECRET = 32


class SettingsError(Exception):
    """The program can't start with these settings; the message is one sentence for the person who started it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the program was told from outside."""

    host: str
    port: int
    data_dir: Path
    database_url: str
    redis_url: str
    secret_key: str
    public_origin: str
    demo: bool
    demo_password: str
    workers: int
    trusted_proxies: int
    lookups_per_minute: int = 30_000  # of all citizens together
    device_calls_per_second: int = 50  # of one enterprise's devices, for each kind of call

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process; raises SettingsError with one sentence when they can't be used."""
        env = os.environ if env is None else env
        data_dir = Path(env.get("DATA_DIR") or "var").resolve()
        services = _services(data_dir)
        host, port = env.get("HOST") or "127.0.0.1", _whole(env, "PORT", 8000)
        demo = (env.get("DEMO") or "1") != "0"
        return cls(
            host=host,
            port=port,
            data_dir=data_dir,
            database_url=env.get("DATABASE_URL") or services.get("database_url", ""),
            redis_url=env.get("REDIS_URL") or services.get("redis_url", ""),
            secret_key=_secret(env, data_dir, demo),
            public_origin=(env.get("PUBLIC_ORIGIN") or f"http://{host}:{port}").rstrip("/"),
            demo=demo,
            demo_password=env.get("DEMO_PASSWORD") or DEFAULT_DEMO_PASSWORD,
            workers=_whole(env, "WORKERS", 2),
            trusted_proxies=_whole(env, "TRUSTED_PROXIES", 0),
            lookups_per_minute=max(1, _whole(env, "LOOKUPS_PER_MINUTE", 30_000)),
            device_calls_per_second=max(1, _whole(env, "DEVICE_CALLS_PER_SECOND", 50)),
        )

    def derived_secret(self, purpose: str) -> str:
        """A secret of its own for each purpose, from SECRET_KEY; hex, 64 characters."""
        return hmac.new(self.secret_key.encode(), purpose.encode(), sha256).hexdigest()

    @property
    def cards_path(self) -> Path:
        """This machine's file of cards."""
        return self.data_dir / "run" / "cards" / "cards.sqlite"

    @property
    def lookups_path(self) -> Path:
        """Where this machine counts how often citizens ask."""
        return self.data_dir / "run" / "lookups.counts"

    @property
    def reports_path(self) -> Path:
        """Where this machine counts how often citizens report."""
        return self.data_dir / "run" / "reports.counts"

    @property
    def limits_url(self) -> str:
        """Where budgets are counted, as the `limits` package writes it; in this process when there is no Redis."""
        redis = self.redis_url
        return f"redis+{redis}" if redis.startswith("unix:") else redis or "memory://"

    def plane_url(self, plane: Plane) -> str:
        """The SQLAlchemy address of the database as this plane's login, which by itself may do nothing."""
        return self.login_url(plane.login)

    def login_url(self, login: str) -> str:
        """The same database for any of the program's own logins."""
        if not self.database_url:
            raise SettingsError("No database: start the portal with `make run` first, or set DATABASE_URL.")
        parts = urlsplit(self.database_url)
        where = parts.netloc.rpartition("@")[2]
        query = urlencode(parse_qsl(parts.query))
        netloc = f"{login}:{quote(self.derived_secret('db:' + login))}@{where}"
        return urlunsplit(("postgresql+psycopg2", netloc, parts.path, query, ""))


def _services(data_dir: Path) -> dict[str, str]:
    try:
        text = (data_dir / "run" / "services.json").read_text()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except PermissionError:
        raise SettingsError(f"{data_dir}/run/services.json belongs to another user.") from None
    found: dict[str, str] = json.loads(text)
    return found


def _secret(env: Mapping[str, str], data_dir: Path, demo: bool) -> str:
    secret = env.get("SECRET_KEY") or ""
    path = data_dir / "secret_key"
    if not secret and demo and path.exists():
        secret = path.read_text().strip()
    if not secret and demo:
        secret = "a-demo-secret-that-everybody-knows"  # noqa: S105 - refused below whenever DEMO=0
    elif not demo and len(secret) < SHORTEST_SECRET:
        raise SettingsError(
            f"DEMO=0 needs a SECRET_KEY of at least {SHORTEST_SECRET} characters of your own."
        )
    return secret


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal():
        raise SettingsError(f"{name} must be a whole number, not {text!r}.")
    return int(text)
