"""Whether a scanned label is ours: the signature in its address, checked with the label keys as they were at most 30 seconds ago."""

from __future__ import annotations

import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from tenants import scope
from tenants.queries.label_keys import Believed, believed_keys
from tenants.rules.label_signature import check
from tenants.rules.label_words import Genuine
from tenants.vault import Vault

KEPT = 30.0  # seconds
NONE = Believed((), some_lost=True)  # nothing can be called wrong

log = structlog.get_logger(__name__)


class Prover:
    """Says what a signature is worth. While PostgreSQL is away the keys of before go on; without any, nothing is called wrong."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._keys, self._until = NONE, 0.0

    def __call__(self, code: str, signature: str) -> Genuine:
        """Of this code and the signature that came with it."""
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + KEPT
            try:
                with scope.public_scope() as session:
                    self._keys = believed_keys(session, self._vault)
            except SQLAlchemyError as problem:
                log.warning("label_keys_away", problem=type(problem).__name__)
        return check(code, signature, self._keys.secrets, some_lost=self._keys.some_lost)
