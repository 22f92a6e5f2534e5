"""Running plain SQL in a revision, without any meaning for `:` and `%`."""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op


def run(statements: Iterable[str]) -> None:
    """Execute each statement as written; blank ones are passed over."""
    for statement in statements:
        if statement.strip():
            op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
