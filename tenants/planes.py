"""The planes: who a transaction stands for. Each has its own database login and its own role.

A plane's *login* may connect and nothing else. Its *role*, taken with `SET LOCAL ROLE` at the beginning of every transaction,
holds the grants and is named by the policies. So a forgotten scope is "permission denied", and a hole in the public page
can't become an enterprise.
"""

from __future__ import annotations

from enum import StrEnum


class Plane(StrEnum):
    """Who is asking."""

    AUTH = "auth"  # the sign-in page: one account or one session at a time
    TENANT = "tenant"  # the people of one filling enterprise
    REGULATOR = "regulator"  # the people of a supervision authority: reads its district
    INSPECTOR = "inspector"  # an authority's people in the field
    DEVICE = "device"  # a handheld, filling gun or scale of one enterprise
    WORKER = "worker"  # background work for one enterprise
    RELAY = "relay"  # carries the bell: sees that there is work, not what it says
    PUBLIC = "public"  # a citizen: may call one function
    PLATFORM = "platform"  # the operator of the platform: tenants, accounts, reference tables

    @property
    def role(self) -> str:
        """The database role that holds this plane's grants."""
        return f"gas_{self.value}"

    @property
    def login(self) -> str:
        """The database login that may become that role and nothing else."""
        return f"gas_{self.value}_login"


OWNER = "gas_owner"  # owns schema, tables and functions; only migrations become it
LOOKUP = "gas_lookup"  # owns the function behind the public page; nobody logs in as it
BACKUP = "gas_backup"  # reads everything past the walls, writes nothing
