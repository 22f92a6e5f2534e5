"""Customers, orders and recoveries: numbered in series, moved step by step, and seen by nobody but the enterprise."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from tenants import scope
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Customer, OrderLine
from tenants.permissions import Actor
from tenants.rules.errands import ORDER_MOVES, RECOVERY_MOVES
from tenants.rules.numbers import customer_number, order_number, recovery_number
from tenants.rules.states import CustomerKind, OrderState, RecoveryState, Role
from tenants.services import orders, recoveries
from tenants.services.apply.event import SHANGHAI
from tenants.services.customers import NewCustomer, add_customer
from tenants.services.series import take_number, take_numbers
from tests.cast import A, B
from tests.databases import Database

ADMIN = Actor(role=Role.ADMIN, username=A.username(Role.ADMIN), tenant_id=A.tenant_id)
TABLES = ("customer", "customer_order", "customer_order_line", "recovery", "recovery_line", "number_series")


def test_numbers_look_as_they_do_on_paper() -> None:
    day = datetime(2018, 4, 10, tzinfo=UTC).date()
    assert customer_number("370503", 10) == "3705030010"
    assert order_number("002", day, 3) == "002201804100003"
    assert recovery_number(day, 3) == "HS201804100003"
    with pytest.raises(ValueError, match="9999"):
        customer_number("370503", 10_000)


def test_every_state_can_be_reached_and_the_last_is_the_end() -> None:
    assert set().union(*ORDER_MOVES.values()) == set(OrderState)
    assert set().union(*RECOVERY_MOVES.values()) == set(RecoveryState)
    assert [state for state, after in ORDER_MOVES.items() if not after] == [OrderState.DELIVERED]
    assert [state for state, after in RECOVERY_MOVES.items() if not after] == [RecoveryState.DONE]


def test_a_customer_gets_the_next_number_of_the_district(own_walls: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        take_numbers(session, "customer", 4)
        made = add_customer(session, ADMIN, NewCustomer(" 客户甲餐馆 ", CustomerKind.COMPANY, phone="000-1"))
        assert (made.number, made.name) == (f"{A.district}0005", "客户甲餐馆")
        for wanted in (NewCustomer("  "), NewCustomer("甲", address="路" * 201)):
            with pytest.raises(Invalid):
                add_customer(session, ADMIN, wanted)
        said = session.execute(
            text("SELECT subject || detail::text FROM gas.audit WHERE action = 'customer_added'")
        )
        assert list(said.scalars()) == [f"{A.district}0005{{}}"]


def test_two_at_once_never_take_the_same_number(own_walls: Database) -> None:
    taken: list[int] = []

    def take() -> None:
        for _ in range(10):
            with scope.tenant_scope(A.tenant_id) as session:
                taken.append(take_number(session, "order 20260101"))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 41))
    with scope.tenant_scope(B.tenant_id) as session:
        assert take_number(session, "order 20260101") == 1


def test_an_order_goes_out_and_is_delivered(own_walls: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        line = orders.Line("LPG", 2, empty_medium_id="LPG")
        order = orders.place_order(session, ADMIN, f"{A.district}0001", [line], driver_code="D01")
        day = order.created_at.astimezone(SHANGHAI)
        assert order.number == f"{A.enterprise}{day:%Y%m%d}0001"
        with pytest.raises(Conflict):
            orders.move_order(session, ADMIN, order.number, OrderState.DELIVERED)
        orders.move_order(session, ADMIN, order.number, OrderState.OUT)
        done = orders.move_order(session, ADMIN, order.number, OrderState.DELIVERED)
        assert done.out_at is not None
        assert done.done_at is not None
        assert [
            row.quantity for row in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id))
        ] == [2]


@pytest.mark.parametrize(
    "lines", [[], [orders.Line("LPG", 0)], [orders.Line("NO_GAS", 1)], [orders.Line("LPG", 1, "NO_GAS")]]
)
def test_an_order_of_nothing_or_of_anothers_gas_is_refused(walls: Database, lines: list[orders.Line]) -> None:
    with scope.tenant_scope(A.tenant_id) as session, pytest.raises(Invalid):
        orders.place_order(session, ADMIN, f"{A.district}0001", lines)


def test_a_recovery_is_confirmed_collected_and_done(own_walls: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        asked = recoveries.ask_recovery(session, ADMIN, f"{A.district}0001", [recoveries.Line("LPG", 3)])
        assert re.fullmatch(r"HS[0-9]{8}0001", asked.number)
        recoveries.move_recovery(session, ADMIN, asked.number, RecoveryState.COLLECTING)
        done = recoveries.move_recovery(session, ADMIN, asked.number, RecoveryState.DONE)
        assert done.collected_at is not None
        with pytest.raises(Conflict):
            recoveries.move_recovery(session, ADMIN, asked.number, RecoveryState.COLLECTING)


def test_the_other_enterprises_are_not_there(walls: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        assert [one.tenant_id for one in session.scalars(select(Customer))] == [A.tenant_id]
        with pytest.raises(NotFound):
            orders.place_order(session, ADMIN, f"{B.district}0001", [orders.Line("LPG", 1)])
        with pytest.raises(NotFound):
            orders.move_order(session, ADMIN, f"{B.enterprise}202601010001", OrderState.OUT)


@pytest.mark.parametrize("table", TABLES)
def test_nobody_else_reads_who_the_customers_are(walls: Database, table: str) -> None:
    places = [
        scope.device_scope(A.tenant_id), scope.worker_scope(A.tenant_id), scope.regulator_scope("37"), scope.inspector_scope("37"),
        scope.platform_scope(), scope.public_scope(), scope.relay_scope(),
    ]  # fmt: skip
    for place in places:
        with pytest.raises(ProgrammingError, match="permission denied"), place as session:
            session.execute(text(f"SELECT * FROM gas.{table}"))
