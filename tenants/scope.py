"""Tenancy is a place you stand in: `with tenant_scope(7) as session:` is tenant, session and transaction in one.

Each scope connects with its plane's login, and the first thing said in every transaction is `SET LOCAL ROLE` and the context that
the row-level policies read. A transaction without a scope raises NoPrincipal; a connection that got around this file has no rights.
Contexts are set with `SET LOCAL` and never outlive their transaction, so pooled connections carry nothing over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

from tenants.errors import NoPrincipal
from tenants.planes import Plane
from tenants.settings import Settings

JURISDICTION = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}")


@dataclass(frozen=True, slots=True)
class Principal:
    """A plane and the context its policies need; keys come from this file, values are quoted by the driver."""

    plane: Plane
    context: tuple[tuple[str, str], ...] = ()

    def statement(self) -> tuple[str, tuple[str, ...]]:
        """One round trip that puts the transaction on this side of the wall."""
        keys = "".join(f"; SET LOCAL app.{key} = %s" for key, _ in self.context)
        return f"SET LOCAL ROLE {self.plane.role}{keys}", tuple(value for _, value in self.context)


_principal: ContextVar[Principal | None] = ContextVar("principal", default=None)
_settings: list[Settings] = []
_engines: dict[Plane, Engine] = {}


def configure(settings: Settings) -> None:
    """Say which database this process uses; engines are made when first needed."""
    dispose()
    _settings[:] = [settings]


def dispose() -> None:
    """Forget every connection, without closing those of a parent process; call it first thing after a fork."""
    for engine in _engines.values():
        engine.dispose(close=False)
    _engines.clear()


def engine_of(plane: Plane) -> Engine:
    """The engine of one plane's login; on its own it can open a transaction only inside a scope."""
    if plane not in _engines:
        if not _settings:
            raise NoPrincipal("scope.configure(settings) was not called")
        _engines[plane] = _make_engine(_settings[0].plane_url(plane))
    return _engines[plane]


def _make_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        executemany_mode="values_plus_batch",
        pool_size=4,
        max_overflow=8,
        pool_pre_ping=False,
        pool_recycle=1800,
        pool_timeout=10,
        connect_args={"options": "-c search_path=gas,public -c timezone=UTC", "connect_timeout": 5},
    )
    event.listen(engine, "begin", _bind)
    return engine


def _bind(connection: Connection) -> None:
    principal = _principal.get()
    if principal is None:
        raise NoPrincipal
    statement, values = principal.statement()
    connection.exec_driver_sql(statement, values or None)


@contextmanager
def stand(principal: Principal) -> Iterator[Session]:
    """A session that stands where the principal stands; commits at the end, rolls back on any exception."""
    token = _principal.set(principal)
    try:
        with Session(engine_of(principal.plane), expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        _principal.reset(token)


def _scope(plane: Plane, context: Mapping[str, Any] | None = None) -> AbstractContextManager[Session]:
    return stand(Principal(plane, tuple((key, str(value)) for key, value in (context or {}).items())))


def tenant_scope(tenant_id: int) -> AbstractContextManager[Session]:
    """The people of one enterprise: its rows and nobody else's."""
    return _scope(Plane.TENANT, {"tenant": int(tenant_id)})


def worker_scope(tenant_id: int) -> AbstractContextManager[Session]:
    """Background work for one enterprise, behind the same wall."""
    return _scope(Plane.WORKER, {"tenant": int(tenant_id)})


def device_scope(tenant_id: int) -> AbstractContextManager[Session]:
    """A device of one enterprise: may read what a verdict needs and put events into the inbox."""
    return _scope(Plane.DEVICE, {"tenant": int(tenant_id)})


def device_key_scope() -> AbstractContextManager[Session]:
    """A caller of the device API before it is known who calls: may ask `device_by_token` and read no row."""
    return _scope(Plane.DEVICE)


def regulator_scope(jurisdiction: str) -> AbstractContextManager[Session]:
    """A supervision authority: reads the enterprises of its district prefix (2, 4 or 6 digits)."""
    return _scope(Plane.REGULATOR, {"district": _prefix(jurisdiction)})


def inspector_scope(jurisdiction: str) -> AbstractContextManager[Session]:
    """An authority's people in the field: the same district."""
    return _scope(Plane.INSPECTOR, {"district": _prefix(jurisdiction)})


def auth_scope(username: str | None = None, session: str | None = None) -> AbstractContextManager[Session]:
    """The sign-in desk: one account by its name, or one session by the hash of its token."""
    return _scope(Plane.AUTH, {"username": username or "", "session": session or ""})


def public_scope() -> AbstractContextManager[Session]:
    """A citizen: may call the public functions and read no table."""
    return _scope(Plane.PUBLIC)


def relay_scope() -> AbstractContextManager[Session]:
    """The bell: which enterprise has work waiting, not what it says."""
    return _scope(Plane.RELAY)


def platform_scope() -> AbstractContextManager[Session]:
    """The operator of the platform: enterprises, authorities, accounts, reference tables."""
    return _scope(Plane.PLATFORM)


def _prefix(jurisdiction: str) -> str:
    if not JURISDICTION.fullmatch(jurisdiction):
        raise NoPrincipal(f"not a jurisdiction: {jurisdiction!r}")
    return jurisdiction
