"""Where an order and a recovery may go from where they are. Nothing is ever cancelled by being erased: what came back waits again."""

from __future__ import annotations

from tenants.rules.states import OrderState, RecoveryState

ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.WAITING: frozenset({OrderState.OUT}),
    OrderState.OUT: frozenset(
        {OrderState.DELIVERED, OrderState.WAITING}
    ),  # nobody was there: back to the yard
    OrderState.DELIVERED: frozenset(),
}
RECOVERY_MOVES: dict[RecoveryState, frozenset[RecoveryState]] = {
    RecoveryState.TO_CONFIRM: frozenset({RecoveryState.COLLECTING}),
    RecoveryState.COLLECTING: frozenset({RecoveryState.DONE, RecoveryState.TO_CONFIRM}),
    RecoveryState.DONE: frozenset(),
}
