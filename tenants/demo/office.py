"""The office of a demo enterprise: its customers, its places, and the orders and recoveries behind what its lorries did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tenants.demo.bulk import insert_rows
from tenants.demo.cast import Enterprise
from tenants.demo.roads import Errand, Roads, Stop
from tenants.demo.seasons import moment
from tenants.models import Customer, Order, OrderLine, Recovery, RecoveryLine, Station, Warehouse
from tenants.models.base import new_id
from tenants.rules.numbers import customer_number, order_number, recovery_number
from tenants.rules.states import CustomerKind, OrderState, RecoveryState
from tenants.services import customers
from tenants.services.series import take_numbers

OPENS, CLOSES = 8 * 60, 19 * 60  # when orders are taken, minutes of the day


def open_office(session: Session, wanted: Enterprise, roads: Roads, now: datetime) -> None:
    """Customers, places, orders and recoveries, all numbered by the same series as real ones; needs the enterprise's scope."""
    stops = [stop for route in roads.routes for stop in route]
    known = dict(_customers(session, wanted, stops, now))
    session.add_all(
        [
            Warehouse(code="K1", name="空瓶库", address=wanted.address, keeper_code="W01"),
            Warehouse(code="M1", name="满瓶库", address=wanted.address, keeper_code="W01"),
            Station(
                code="S1", name=f"{wanted.short_name}第一配送站", address=wanted.address, keeper_code="D01"
            ),
        ]
    )
    session.flush()
    _orders(session, wanted, roads.deliveries.values(), known, now)
    _recoveries(session, roads.recoveries.values(), known, now)


def _customers(
    session: Session, wanted: Enterprise, stops: list[Stop], now: datetime
) -> Iterator[tuple[int, UUID]]:
    numbers = take_numbers(session, customers.SERIES, len(stops))
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(), "number": customer_number(wanted.code[:6], number), "name": stop.name, "district": wanted.code[:6],
            "kind": (CustomerKind.COMPANY if stop.company else CustomerKind.PERSON).value,
            "contact": f"联系人{stop.serial}" if stop.company else "", "phone": f"000-{stop.serial:08d}", "address": stop.address,
            "created_at": now - timedelta(days=400 - stop.serial % 300), "updated_at": now - timedelta(days=95),
        }
        for stop, number in zip(stops, numbers, strict=True)
    ]  # fmt: skip
    insert_rows(session, Customer, rows)
    for stop, row in zip(stops, rows, strict=True):
        yield stop.serial, row["id"]


def _orders(
    session: Session, wanted: Enterprise, errands: Iterable[Errand], known: Mapping[int, UUID], now: datetime
) -> None:
    heads, lines = [], []
    for head, errand in _written(session, "order", errands, known, now):
        left = errand.trip.leaves <= now or errand.done
        done = errand.done == errand.media.total()
        state = OrderState.DELIVERED if done else OrderState.OUT if left else OrderState.WAITING
        number = order_number(wanted.code[7:], errand.written_on, errand.serial)
        heads.append(
            {**head, "number": number, "state": state.value, "out_at": errand.trip.leaves if left else None}
        )
        lines += [
            {"order_id": head["id"], "empty_medium_id": medium, **line} for line in _lines(errand) for medium in [line["medium_id"]]
        ]  # fmt: skip
    insert_rows(session, Order, heads)
    insert_rows(session, OrderLine, lines)


def _recoveries(
    session: Session, errands: Iterable[Errand], known: Mapping[int, UUID], now: datetime
) -> None:
    heads, lines = [], []
    for head, errand in _written(session, "recovery", errands, known, now):
        left = errand.trip.leaves <= now or errand.done
        done = errand.done == errand.media.total()
        state = RecoveryState.DONE if done else RecoveryState.COLLECTING if left else RecoveryState.TO_CONFIRM
        number = recovery_number(errand.written_on, errand.serial)
        heads.append(
            {
                **head,
                "number": number,
                "state": state.value,
                "collected_at": errand.trip.leaves if left else None,
            }
        )
        lines += [{"recovery_id": head["id"], **line} for line in _lines(errand)]
    insert_rows(session, Recovery, heads)
    insert_rows(session, RecoveryLine, lines)


def _written(
    session: Session, series: str, errands: Iterable[Errand], known: Mapping[int, UUID], now: datetime
) -> Iterator[tuple[dict[str, Any], Errand]]:
    """What an order and a recovery share; written down in the order of their numbers, spread over the day."""
    sorted_errands = sorted(errands, key=lambda errand: (errand.written_on, errand.serial))
    of_day: Counter[date] = Counter(errand.written_on for errand in sorted_errands)
    for day, many in of_day.items():
        take_numbers(session, f"{series} {day:%Y%m%d}", many)
    for errand in sorted_errands:
        share = errand.serial / (of_day[errand.written_on] + 1)
        written_at = moment(errand.written_on, OPENS + share * (CLOSES - OPENS))
        yield (
            {
                "id": new_id(),
                "customer_id": known[errand.stop.serial],
                "driver_code": errand.trip.driver,
                "done_at": errand.at if errand.done == errand.media.total() else None,
                "created_at": min(written_at, now),
            },
            errand,
        )


def _lines(errand: Errand) -> list[dict[str, Any]]:
    return [
        {"position": place, "medium_id": medium, "quantity": many}
        for place, (medium, many) in enumerate(sorted(errand.media.items()), start=1)
    ]
