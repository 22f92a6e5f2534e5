"""A Redis of one test that can die at any moment and comes back with what it last wrote down, or with nothing."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.binaries import find_redis


class FrailRedis:
    """A server on a unix socket in its own folder; `kill` is kill -9."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{folder}/redis.sock"
        self.client = redis.Redis.from_url(self.url, retry=Retry(NoBackoff(), 0))

    @property
    def runs(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        server = find_redis()
        assert server is not None
        words = ["--port", "0", "--unixsocket", f"{self._folder}/redis.sock", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [str(server), *words, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
        )
        while not self._answers():
            time.sleep(0.002)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def write_down(self) -> None:
        """What is kept now survives the next death; what comes later doesn't."""
        self.client.save()

    def forget_all(self) -> None:
        """As new: no keys, and nothing on disk."""
        self.client.flushall()
        (self._folder / "dump.rdb").unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


@contextmanager
def frail_redis() -> Iterator[FrailRedis]:
    with tempfile.TemporaryDirectory(prefix="portal-frail-") as folder:
        server = FrailRedis(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
