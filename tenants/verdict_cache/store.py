"""The cache's words to Redis, and the only file in `tenants` that imports it.

A Redis that was restarted may have lost its last writes. Its scripts are gone then, because a script lives as long as the process:
each is loaded with the mark of the process in its text, so that calling it in another process fails, and keys carry the same mark.
So a client finds out with its very next call, without asking. (Needs Redis 7, which keeps no scripts on disk.)
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from tenants.verdict_cache import keys, scripts

PATIENCE = 0.2  # seconds to wait for Redis: a verdict from PostgreSQL is quicker than a slow Redis
GREATEST_AGE = 10_000_000  # µs from reading facts to keeping them
LIFETIME_MS = 15 * 60 * 1000
JITTER = 0.1


class CacheAway(Exception):
    """Redis can't be asked now."""


class Kept(StrEnum):
    """What became of facts that were to be kept."""

    KEPT = "kept"
    OLDER = "older"  # what is there is newer
    LATE = "late"  # read too long ago, or before Redis was emptied or restarted


@dataclass(frozen=True, slots=True)
class Token:
    """When facts began to be read, by Redis' clock (µs), and in which epoch and life of Redis; nothing is kept without one."""

    epoch: int
    life: str
    at: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to keep: its name, version and JSON, and the pointers that lead to it."""

    name: str
    version: int
    facts: str
    pointers: tuple[str, ...] = ()
    pointed: str = ""


@dataclass(frozen=True, slots=True)
class _Life:
    mark: str
    look: str
    keep: str
    drop: str


def connect(url: str) -> Redis:
    """A client with short patience; connects when it is first used."""
    return Redis.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


class RedisStore:
    """Looks, keeps and drops in one round trip each; raises CacheAway and nothing else."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._life: _Life | None = None

    def process(self) -> str:
        """The mark of the Redis process that answers now."""
        told = self._call("INFO", "server")
        return str(told["run_id"])[:16]

    def look(self, tenant_id: int, epoch: int, names: Sequence[str]) -> tuple[Token, list[bytes | None]]:
        """What stands under these names, and a token for keeping what is read from now on."""
        for _ in range(2):
            life = self._known_life()
            prefix = keys.prefix(epoch, life.mark, tenant_id)
            try:
                answer = self._call("EVALSHA", life.look, 0, prefix, *names)
            except NoScriptError:
                self._life = None
                continue
            values = [value if isinstance(value, bytes) else None for value in answer[1:]]
            values += [None] * (len(names) - len(values))
            return Token(epoch, life.mark, int(answer[0])), values
        raise CacheAway("Redis keeps forgetting its scripts")

    def keep(self, tenant_id: int, token: Token, entries: Sequence[Entry]) -> list[Kept]:
        """Keep each entry unless what is there is newer or the token is too old; one answer per entry."""
        life = self._known_life()
        if life.mark != token.life:
            return [Kept.LATE] * len(entries)
        prefix = keys.prefix(token.epoch, life.mark, tenant_id)
        answers = self._calls(self._keeping(life, prefix, token, entry) for entry in entries)
        return [self._kept(answer) for answer in answers]

    def drop(self, tenant_id: int, epoch: int, names: Sequence[str]) -> None:
        """Forget these entries, and keep out every copy of them that was read before now."""
        for _ in range(2):
            life = self._known_life()
            try:
                self._call("EVALSHA", life.drop, 0, keys.prefix(epoch, life.mark, tenant_id), *names)
            except NoScriptError:
                self._life = None
            else:
                return
        raise CacheAway("Redis keeps forgetting its scripts")

    def _keeping(self, life: _Life, prefix: str, token: Token, entry: Entry) -> tuple[Any, ...]:
        value = f'{{"v":{entry.version},"at":{token.at},"facts":{entry.facts}}}'
        lifetime = round(LIFETIME_MS * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - spreads expiry
        head = ("EVALSHA", life.keep, 0, prefix, entry.name, entry.version, token.at, value, lifetime)
        return (*head, GREATEST_AGE, entry.pointed, *entry.pointers)

    def _kept(self, answer: object) -> Kept:
        if isinstance(answer, NoScriptError):
            self._life = None
            return Kept.LATE
        if isinstance(answer, Exception):
            raise CacheAway(str(answer)) from answer
        return Kept(answer.decode()) if isinstance(answer, bytes) else Kept.LATE

    def _known_life(self) -> _Life:
        life = self._life
        if life is None:
            life = self._life = self._begin()
        return life

    def _begin(self) -> _Life:
        """Ask the process for its mark and load the scripts into the same process: over one connection, which can't outlive it."""
        try:
            with self._client.client() as one:  # type: ignore[no-untyped-call]
                told: Any = one.info("server")
                mark = str(told["run_id"])[:16]
                texts = (f"-- {mark}\n{text}" for text in (scripts.LOOK, scripts.KEEP, scripts.DROP))
                loaded = [str(one.script_load(text)) for text in texts]
        except (RedisError, OSError, KeyError, TypeError) as problem:
            raise CacheAway(str(problem)) from problem
        return _Life(mark, *loaded)

    def _call(self, *words: Any) -> Any:
        try:
            return self._client.execute_command(*words)  # type: ignore[no-untyped-call]
        except NoScriptError:
            raise
        except (RedisError, OSError) as problem:
            raise CacheAway(str(problem)) from problem

    def _calls(self, many: Iterable[tuple[Any, ...]]) -> list[Any]:
        try:
            with self._client.pipeline(transaction=False) as pipe:
                for words in many:
                    pipe.execute_command(*words)  # type: ignore[no-untyped-call]
                return list(pipe.execute(raise_on_error=False))
        except (RedisError, OSError) as problem:
            raise CacheAway(str(problem)) from problem
