"""How often anyone may ask: per client, per network, per code, per enterprise and altogether, in a minute.

Thousands of phones can stand behind one IPv4 address of a mobile network, so the client's share is generous. Whoever walks through the
numbers of one enterprise, from however many addresses, meets that enterprise's share of unknown codes.

Counts stand in a small file that all web processes of a machine map into memory: a count-min sketch of fixed size, two cells a key,
each with the minute it belongs to, so that nothing grows and nothing has to be emptied. Two processes may lose a count between them; a
stranger's count is added to somebody's only where both cells are shared, once in many thousand millions.
"""

from __future__ import annotations

import mmap
import os
import time
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import ip_network
from pathlib import Path

from tenants.callers import client_of

CELLS = 1 << 18  # a power of two
MOST = (1 << 20) - 1  # that a cell can count; a larger share is none
PER_CLIENT, PER_NETWORK, PER_CODE = 60, 600, 120


@dataclass(frozen=True, slots=True)
class Shares:
    """Lookups a minute."""

    client: int = PER_CLIENT
    network: int = PER_NETWORK
    code: int = PER_CODE
    unknown_of_enterprise: int = 300
    altogether: int = 30_000

    @classmethod
    def of(cls, altogether: int) -> Shares:
        """The usual shares; an installation that answers more of all citizens answers more about one code and one enterprise too."""
        more = max(1, altogether // 30_000)
        return cls(code=PER_CODE * more, unknown_of_enterprise=300 * more, altogether=altogether)


class Spent(Exception):
    """A share is used up; `wait` seconds until the next minute."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"ask again in {wait} s")
        self.wait = wait


class Budget:
    """The counts of one machine. Safe to share between threads and processes; `enabled` False lets everything pass."""

    def __init__(
        self, path: Path | None, secret: str, shares: Shares | None = None, period: int = 60
    ) -> None:
        self.shares, self._period = shares or Shares(), period  # seconds that a share is for
        self.enabled = True
        self._key = secret.encode()[:64]
        self._cells = memoryview(_mapped(path, CELLS * 2 * 4)).cast("I")

    def spend(self, address: str | None, code: str) -> None:
        """Count one lookup; raises Spent when any share was used up. An empty code stands for whatever is malformed."""
        if not self.enabled:
            return
        minute, client = int(time.time() // self._period), client_of(address)
        shares = self.shares
        if (
            self._count(minute, b"all", shares.altogether)
            or self._count(minute, b"c" + (code or "malformed").encode(), shares.code)
            or self._count(minute, b"n" + network_of(client).encode(), shares.network)
            or self._count(minute, b"a" + client.encode(), shares.client)
        ):
            raise self._spent()

    def miss(self, code: str) -> None:
        """Count a well-formed code that nobody has issued, under the enterprise it names; raises Spent when too many were asked for."""
        if self.enabled and self._count(
            int(time.time() // self._period), b"e" + code[:9].encode(), self.shares.unknown_of_enterprise
        ):
            raise self._spent()

    def reset(self) -> None:
        """Forget every count."""
        self._cells[:] = memoryview(bytes(CELLS * 2 * 4)).cast("I")

    def _spent(self) -> Spent:
        return Spent(self._period - int(time.time() % self._period))

    def _count(self, minute: int, key: bytes, share: int) -> bool:
        """Whether this one is beyond the share. The smaller of the two cells is the count."""
        if share >= MOST:
            return False
        found = int.from_bytes(blake2b(key, key=self._key, digest_size=8).digest(), "little")
        cells, stamp = self._cells, (minute & 0xFFF) << 20
        one, two = found & (CELLS - 1), CELLS + (found >> 32 & (CELLS - 1))
        first = _next(cells[one], stamp)
        second = _next(cells[two], stamp)
        cells[one], cells[two] = stamp | first, stamp | second
        return min(first, second) > share


def _next(cell: int, stamp: int) -> int:
    """The count after one more; a cell of another minute begins anew."""
    return 1 if cell & 0xFFF00000 != stamp else min((cell & 0xFFFFF) + 1, MOST)


def network_of(client: str) -> str:
    """The neighbourhood of a client: an IPv4 address's /24, or the /48 that a site owns."""
    if ":" not in client:
        return client.rpartition(".")[0] or client
    try:
        return str(ip_network(client).supernet(new_prefix=48))
    except ValueError:
        return client


def _mapped(path: Path | None, size: int) -> mmap.mmap:
    """Memory that every process of this machine shares under the path; this process's own where no file can be made."""
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.ftruncate(opened, size)
                return mmap.mmap(opened, size)
            finally:
                os.close(opened)
        except OSError:
            pass
    return mmap.mmap(-1, size)
