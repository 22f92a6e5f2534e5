"""Alembic's way in: runs every revision as the owner of the schema, each in its own transaction with time limits."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from tenants.database import admin_engine
from tenants.models import Base
from tenants.planes import OWNER


def run() -> None:
    """Upgrade or downgrade over the connection address that `tenants.database` handed over."""
    engine = admin_engine(context.config.attributes["admin_url"])
    with engine.connect() as connection:
        connection.execute(text("SET search_path = gas, public"))
        connection.execute(text(f"SET ROLE {OWNER}"))
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text("SET statement_timeout = '10min'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            version_table_schema="gas",
            include_schemas=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
