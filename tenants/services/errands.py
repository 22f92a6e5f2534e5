"""What orders and recoveries share: what may stand in their lines, and the next step under the row's lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import MediumCode, Order, Recovery
from tenants.sentences import say

MOST = 9999  # of one medium in one line
Errand = TypeVar("Errand", Order, Recovery)
State = TypeVar("State", bound=StrEnum)


def require_lines(session: Session, quantities: Iterable[int], media: Set[str]) -> None:
    """Something is wanted, in numbers that a line can hold, of media that the enterprise fills; else raises Invalid (field `lines`)."""
    wanted = list(quantities)
    if not wanted:
        raise Invalid(fields={"lines": say("请填写气瓶介质和数量")})
    if not all(1 <= quantity <= MOST for quantity in wanted):
        raise Invalid(fields={"lines": say("数量应为 1 至 %(most)d", most=MOST)})
    known = session.scalars(select(MediumCode.medium_id).where(MediumCode.retired_at.is_(None)))
    if not media <= set(known):
        raise Invalid(fields={"lines": say("本企业不充装此介质")})


def locked(session: Session, kind: type[Errand], number: str, missing: Any) -> Errand:
    """The one with this number, locked and read anew; raises NotFound with the sentence `missing`."""
    wanted = (
        select(kind).where(kind.number == number).with_for_update().execution_options(populate_existing=True)
    )
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound(missing)
    return found


def take_step(
    errand: Order | Recovery, after: State, moves: Mapping[State, Set[State]], not_from_here: Any
) -> State:
    """Move on as the table of moves allows, and say where it was; raises Conflict with the sentence `not_from_here`."""
    before = type(after)(errand.state)
    if after not in moves[before]:
        raise Conflict(not_from_here)
    errand.state, errand.row_version = after.value, errand.row_version + 1
    return before
