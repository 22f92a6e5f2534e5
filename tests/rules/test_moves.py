"""Where an event leads a cylinder, and which steps are hard to believe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.rules.moves import MOVES, move
from tenants.rules.states import EventKind, Stage

ROUND = (
    (EventKind.BIND_LABEL, Stage.NEW),
    (EventKind.TAKE_IN, Stage.EMPTY_STORED),
    (EventKind.CHECK_BEFORE_FILL, Stage.CHECKED),
    (EventKind.FILL, Stage.FULL_STORED),
    (EventKind.CHECK_AFTER_FILL, Stage.FULL_STORED),
    (EventKind.STORE_OUT, Stage.OUT),
    (EventKind.DELIVER, Stage.DELIVERED),
    (EventKind.RECOVER, Stage.RECOVERED),
    (EventKind.STORE_IN, Stage.EMPTY_STORED),
    (EventKind.SEND_TO_INSPECTION, Stage.AT_INSPECTION),
    (EventKind.INSPECT, Stage.EMPTY_STORED),
    (EventKind.REPAIR, Stage.AT_REPAIR),
    (EventKind.TAKE_IN, Stage.EMPTY_STORED),
    (EventKind.SCRAP, Stage.OUT_OF_USE),
)


def test_a_whole_round_is_believable() -> None:
    stage = Stage.NEW
    for kind, expected in ROUND:
        step = move(kind, stage)
        assert (step.to, step.plausible) == (expected, True), (kind, stage)
        stage = step.to


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (EventKind.STORE_OUT, Stage.EMPTY_STORED, Stage.OUT),
        (EventKind.DELIVER, Stage.EMPTY_STORED, Stage.DELIVERED),
        (EventKind.FILL, Stage.EMPTY_STORED, Stage.FULL_STORED),
        (EventKind.FILL, Stage.FULL_STORED, Stage.FULL_STORED),
        (EventKind.CHECK_BEFORE_FILL, Stage.DELIVERED, Stage.CHECKED),
        (EventKind.RECOVER, Stage.FULL_STORED, Stage.RECOVERED),
        (EventKind.STORE_IN, Stage.DELIVERED, Stage.EMPTY_STORED),
    ],
)
def test_an_unlikely_step_is_made_and_marked(kind: EventKind, before: Stage, after: Stage) -> None:
    step = move(kind, before)
    assert (step.to, step.plausible) == (after, False)


def test_what_comes_back_from_the_road_is_still_full() -> None:
    assert move(EventKind.STORE_IN, Stage.OUT).to is Stage.FULL_STORED
    assert move(EventKind.STORE_IN, Stage.FULL_STORED).to is Stage.FULL_STORED


@given(st.sampled_from(EventKind), st.sampled_from(Stage))
def test_every_event_leads_somewhere_and_nothing_leads_out_of_the_scrap_yard(
    kind: EventKind, before: Stage
) -> None:
    step = move(kind, before)
    assert step.to in Stage
    if before is Stage.OUT_OF_USE:
        assert step.to is Stage.OUT_OF_USE
        assert step.plausible is (kind in (EventKind.SCRAP, EventKind.FINDING, EventKind.TAG_WRITTEN))


def test_the_table_knows_every_event_and_reaches_every_stage() -> None:
    assert set(MOVES) == set(EventKind)
    assert {move(kind, before).to for kind in EventKind for before in Stage} == set(Stage)
