"""The facts of one verdict: from the cache where it may be relied on, else from PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from uuid import UUID

from sqlalchemy.orm import Session

from tenants.rules.facts import CylinderFacts, EnterpriseFacts, LabelFacts
from tenants.rules.states import LabelState
from tenants.services.sources import DatabaseSource
from tenants.verdict_cache.cache import VerdictCache
from tenants.verdict_cache.store import Token

ALL = "all"
MOST_NAMED = 200  # so many waiting subjects are named at most; a full list may be cut off

Found = tuple[LabelFacts | None, CylinderFacts | None]


class CachedSource:
    """A FactsSource for one call. `waiting` are the subjects of the enterprise's unrelayed changes, `epoch` the number in the keys.

    Both must have been read together (`device_by_token` gives them) and before anything is asked here: then every change that was
    committed by that moment is honoured. `open_session` opens the enterprise's scope and is called only when PostgreSQL is needed.
    """

    def __init__(
        self,
        cache: VerdictCache,
        tenant_id: int,
        epoch: int,
        waiting: Iterable[str],
        open_session: Callable[[], AbstractContextManager[Session]],
    ) -> None:
        named = list(waiting)
        self._cache = cache
        self._tenant_id = tenant_id
        self._epoch = epoch
        self._waiting = frozenset(named)
        self._all = ALL in self._waiting or len(named) >= MOST_NAMED
        self._open = open_session

    def enterprise(self) -> EnterpriseFacts:
        """The enterprise's own facts."""
        facts, token = (None, None) if self._all else self._cache.of_enterprise(self._tenant_id, self._epoch)
        if facts is not None:
            return facts
        with self._open() as session:
            facts = DatabaseSource(session, self._tenant_id).enterprise()
        self._cache.put(token, self._tenant_id, facts)
        return facts

    def by_code(self, code: str) -> Found:
        """The label with these 17 digits and its cylinder."""
        facts, token = (None, None) if self._all else self._cache.by_code(self._tenant_id, self._epoch, code)
        if facts is not None and self._holds(facts.id):
            return next(label for label in facts.labels if label.code == code), facts
        return self._ask(token, lambda source: source.by_code(code))

    def by_uid(self, uid: str) -> Found:
        """The bound label with this chip and its cylinder."""
        facts, token = (None, None) if self._all else self._cache.by_uid(self._tenant_id, self._epoch, uid)
        if facts is not None and self._holds(facts.id):
            bound = (label for label in facts.labels if label.uid == uid and label.state is LabelState.BOUND)
            return next(bound), facts
        return self._ask(token, lambda source: source.by_uid(uid))

    def _holds(self, cylinder_id: UUID) -> bool:
        return str(cylinder_id) not in self._waiting

    def _ask(self, token: Token | None, ask: Callable[[DatabaseSource], Found]) -> Found:
        with self._open() as session:
            found = ask(DatabaseSource(session, self._tenant_id))
        if found[1] is not None:
            self._cache.put(token, self._tenant_id, found[1])
        return found
