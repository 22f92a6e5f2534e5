"""Forget the web sessions that have run out."""

from __future__ import annotations

from sqlalchemy import delete, func

from tenants import scope
from tenants.models import WebSession


def sweep_sessions() -> int:
    """No session that has run out is kept any longer; how many went."""
    with scope.relay_scope() as session:
        gone = delete(WebSession).where(WebSession.expires_at < func.now())
        swept = session.execute(gone, execution_options={"synchronize_session": False})
        return int(swept.rowcount)  # type: ignore[attr-defined]
