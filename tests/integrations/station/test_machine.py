"""The step: what shuts the valve, and that nothing else than a permission opens it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.devices.station.machine import FILLING as FILLING_STOPS
from integrations.devices.station.machine import first, step, target_of
from integrations.devices.station.seen import (
    Answer,
    Ask,
    Finish,
    Hold,
    Limits,
    Override,
    Release,
    Seen,
    Shut,
    State,
    Tag,
    Weight,
)  # fmt: skip
from integrations.devices.station.words import PHASES, SENTENCES, Phase, Why

TAG, OTHER = Tag(label="37050200101000001"), Tag(label="37050200101000002")
LIMITS = Limits()
MAY = Answer(TAG, None, good_until=160.0, max_fill_g=15_000)
FLOWING = State(
    phase=Phase.FILLING, since=100.0, tag=TAG, answer=MAY, tare_g=15_000, target_g=14_500, gross_g=18_000,
    risen_at=103.9, risen_g=18_000, noted_at=103.5,
)  # fmt: skip


def seen(**changes: Any) -> Seen:
    grams = changes.pop("grams", 18_100)
    weight = changes.pop("weight", Weight(grams, stable=False, at=104.0))
    return Seen(**{"now": 104.0, "tag": TAG, "weight": weight, "valve_open": True, **changes})


STOPS: list[tuple[Why, Seen]] = [
    (Why.BY_HAND, seen(stop=True)),
    (Why.TAG_GONE, seen(tag=None)),
    (Why.TAG_CHANGED, seen(tag=OTHER)),
    (Why.SCALE_SILENT, seen(weight=None)),
    (Why.SCALE_SILENT, seen(weight=Weight(18_100, stable=True, at=102.0))),
    (Why.SCALE_OVERLOAD, seen(weight=Weight(0, stable=False, at=104.0, flaw=Why.SCALE_OVERLOAD))),
    (Why.SCALE_OVERLOAD, seen(grams=60_001)),
    (Why.SCALE_UNIT, seen(weight=Weight(0, stable=False, at=104.0, flaw=Why.SCALE_UNIT))),
    (Why.SCALE_NET, seen(weight=Weight(0, stable=False, at=104.0, flaw=Why.SCALE_NET))),
    (Why.SCALE_NEGATIVE, seen(grams=-600)),
    (Why.WEIGHT_FELL, seen(grams=17_700)),
    (Why.FULL, seen(grams=29_450)),
    (Why.VALVE_STAYS_SHUT, seen(valve_open=False)),
    (Why.NO_FLOW, seen(now=120.0, weight=Weight(18_001, stable=True, at=120.0))),
    (Why.TOO_LONG, seen(now=701.0, weight=Weight(18_100, stable=False, at=701.0))),
    *[(why, seen(problems=(why,))) for why in (
        Why.VALVE_LOST, Why.VALVE_STAYS_OPEN, Why.STALLED, Why.STORE_BROKEN, Why.DISK_FULL, Why.NOT_SAVED, Why.READER_LOST
    )],
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "what"), STOPS, ids=lambda value: value.value if isinstance(value, Why) else ""
)
def test_it_shuts_in_the_same_step_and_says_why(why: Why, what: Seen) -> None:
    done = step(FLOWING, what, LIMITS)
    assert (done.state.why, done.commands[0]) == (why, Shut(why))
    assert done.state.phase in (Phase.SETTLING, Phase.OVER)


def test_every_line_of_the_table_has_its_example() -> None:
    assert {why for why, _ in FILLING_STOPS} == {why for why, _ in STOPS}


def test_while_nothing_applies_the_gas_flows_and_the_weight_is_noted_once_a_second() -> None:
    assert step(FLOWING, seen(), LIMITS).commands == (Hold(),)
    assert step(FLOWING, seen(now=104.6), LIMITS).commands == (Hold(18_100),)


def test_a_tag_is_asked_about_and_the_answer_of_another_is_none() -> None:
    asking = step(State(), seen(), LIMITS)
    assert asking.commands == (Shut(Why.WAITING), Ask(TAG))
    assert step(asking.state, seen(answer=replace(MAY, tag=OTHER)), LIMITS).state.phase is Phase.ASKING
    assert step(asking.state, seen(answer=MAY), LIMITS).state.phase is Phase.TARING
    assert step(asking.state, seen(now=114.1), LIMITS).state.why is Why.NO_ANSWER


@pytest.mark.parametrize("why", [Why.BLOCKED, Why.NO_ANSWER, Why.NOT_KNOWN_TO_PORTAL])
def test_any_answer_but_a_pass_ends_there(why: Why) -> None:
    asking = State(phase=Phase.ASKING, since=104.0, tag=TAG)
    done = step(asking, seen(answer=Answer(TAG, why)), LIMITS)
    assert (done.state.phase, done.state.why, done.commands) == (Phase.OVER, why, (Shut(why),))


TARING = State(phase=Phase.TARING, since=103.0, tag=TAG, answer=MAY)
RESTING = Weight(15_000, stable=True, at=104.0)


def test_a_stable_weight_taken_after_the_answer_releases_the_gun() -> None:
    done = step(TARING, seen(weight=RESTING), LIMITS)
    assert done.commands == (Release(TAG, MAY, None, 15_000),)
    assert done.state.target_g == 14_500


@pytest.mark.parametrize(
    ("why", "what"),
    [
        (Why.PERMISSION_OVER, seen(now=160.1, weight=replace(RESTING, at=160.0))),
        (Why.SCALE_UNSTABLE, seen(now=118.1, weight=Weight(15_000, stable=False, at=118.0))),
        (Why.SCALE_EMPTY, seen(now=118.1, weight=Weight(0, stable=True, at=118.0))),
        (Why.SCALE_NEGATIVE, seen(weight=Weight(-2_000, stable=True, at=104.0))),
        (Why.ALREADY_FULL, seen(weight=Weight(59_950, stable=True, at=104.0))),
    ],
)
def test_without_a_tare_there_is_no_release(why: Why, what: Seen) -> None:
    done = step(TARING, what, LIMITS)
    assert (done.state.phase, done.state.why) == (Phase.OVER, why)
    assert not [one for one in done.commands if isinstance(one, Release)]


@pytest.mark.parametrize(
    ("stamped_g", "tare_g", "target_g"),
    [(None, 15_000, 14_500), (15_000, 16_000, 14_000), (15_000, 14_000, 14_500)],
)
def test_what_is_left_in_it_is_not_filled_again(stamped_g: int | None, tare_g: int, target_g: int) -> None:
    assert target_of(replace(TARING, answer=replace(MAY, tare_g=stamped_g)), tare_g, LIMITS) == target_g


def test_an_override_needs_that_the_station_allows_it() -> None:
    over = State(phase=Phase.OVER, since=100.0, tag=TAG, why=Why.NO_ANSWER)
    asked = seen(override=Override("ZAfiller", "平台断网"))
    assert step(over, asked, LIMITS).state.phase is Phase.OVER
    allowed = Limits(may_override=frozenset({Why.NO_ANSWER}))
    assert step(over, asked, allowed).state.phase is Phase.TARING
    assert step(replace(over, why=Why.SCALE_SILENT), asked, allowed).state.phase is Phase.OVER
    assert step(replace(over, why=Why.BLOCKED), asked, allowed).state.phase is Phase.OVER


def test_every_reason_and_phase_has_its_sentence() -> None:
    for said in (*[SENTENCES[why] for why in Why], *[PHASES[phase] for phase in Phase]):
        assert said.zh
        assert said.en.isascii()


WEIGHTS = st.none() | st.builds(
    Weight,
    grams=st.integers(-1_000, 70_000),
    stable=st.booleans(),
    at=st.just(0.0),
    flaw=st.sampled_from([None, None, None, Why.SCALE_UNIT]),
)
STEPS = st.lists(
    st.tuples(
        st.floats(0.01, 20.0), st.sampled_from([TAG, TAG, TAG, OTHER, None]), WEIGHTS,
        st.sampled_from([None, Why.BLOCKED, Why.NO_ANSWER, "pass", "pass", "pass"]),
        st.sampled_from([(), (), (), (Why.DISK_FULL,), (Why.VALVE_LOST,)]), st.sampled_from([True, False, None]),
        st.booleans(),
    ),
    max_size=60,
)  # fmt: skip


@given(steps=STEPS)
def test_whatever_happens_gas_flows_only_with_a_permission_and_every_release_is_finished_once(
    steps: list[Any],
) -> None:
    state, now, released = State(), 100.0, False
    for wait, tag, weight, said, problems, valve, presses in steps:
        now += wait
        answer = None
        if said is not None and state.tag is not None:
            answer = Answer(state.tag, None if said == "pass" else said, good_until=now + 60)
        weight = None if weight is None else replace(weight, at=now)
        what = Seen(now, tag, weight, answer, problems, valve, stop=presses, reset=presses)
        before = state
        done = step(state, what, LIMITS)
        state = done.state
        for command in done.commands:
            if isinstance(command, Release):
                assert not released
                assert before.phase is Phase.TARING
                assert command.answer.why is None
                assert command.answer.tag == tag == command.tag
                assert now <= command.answer.good_until
                assert not problems
                released = True
            if isinstance(command, Hold):
                assert released
                assert not problems
            if isinstance(command, Finish):
                assert released
                released = False
        assert released == (state.phase in (Phase.FILLING, Phase.SETTLING))
        assert (state.phase is Phase.FILLING) == any(isinstance(one, Hold | Release) for one in done.commands)
        assert (
            first(FILLING_STOPS, state, what, LIMITS) is None
            or state.phase is not Phase.FILLING
            or before.phase is not Phase.FILLING
        )
