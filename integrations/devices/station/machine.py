"""One pure step: what is seen → where the station stands and what it does. Whatever isn't certain shuts the valve.

The order is that of GB/T 38059: the identity is read, the fill is validated, the result drives the filling equipment, what was filled is
kept. Each phase has a table of reasons to stop, gravest first; a phase goes on only when no line applies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from integrations.devices.station.seen import (
    Answer,
    Ask,
    Finish,
    Hold,
    Limits,
    Release,
    Seen,
    Shut,
    State,
    Step,
    Weight,
)
from integrations.devices.station.words import Phase, Why

Looks = Callable[[State, Seen, Limits], bool]
OVERRIDE_S = 60.0  # as long as a verdict is good
Stops = tuple[tuple[Why, Looks], ...]


def step(state: State, seen: Seen, limits: Limits) -> Step:
    """What follows; the same for the same arguments."""
    return PHASES[state.phase](state, seen, limits)


def weight_flaw(seen: Seen, limits: Limits) -> Why | None:
    """Why the scale can't be believed now, or None."""
    weight = seen.weight
    if weight is None or seen.now - weight.at > limits.silence_s:
        return Why.SCALE_SILENT
    if weight.flaw is not None:
        return weight.flaw
    if weight.grams < -limits.negative_g:
        return Why.SCALE_NEGATIVE
    return Why.SCALE_OVERLOAD if weight.grams > limits.max_gross_g else None


def _flawed(why: Why) -> Looks:
    return lambda _, seen, limits: weight_flaw(seen, limits) is why


def _problem(why: Why) -> Looks:
    return lambda _, seen, __: why in seen.problems


def _grams(seen: Seen) -> int:
    return seen.weight.grams if seen.weight is not None else 0


HARDWARE: Stops = tuple(
    (why, _problem(why))
    for why in (
        Why.VALVE_STAYS_OPEN,
        Why.VALVE_LOST,
        Why.STALLED,
        Why.STORE_BROKEN,
        Why.DISK_FULL,
        Why.NOT_SAVED,
        Why.READER_LOST,
    )
)
SCALE: Stops = tuple(
    (why, _flawed(why))
    for why in (Why.SCALE_SILENT, Why.SCALE_OVERLOAD, Why.SCALE_UNIT, Why.SCALE_NET, Why.SCALE_NEGATIVE)
)
TAG: Stops = (
    (Why.TAG_GONE, lambda _, seen, __: seen.tag is None),
    (Why.TAG_CHANGED, lambda state, seen, __: seen.tag != state.tag),
)
BY_HAND: Stops = ((Why.BY_HAND, lambda _, seen, __: seen.stop),)

ASKING: Stops = (
    *HARDWARE,
    *BY_HAND,
    *TAG,
    (Why.NO_ANSWER, lambda state, seen, limits: seen.now - state.since > limits.ask_s),
)
TARING: Stops = (
    *HARDWARE,
    *BY_HAND,
    *TAG,
    *SCALE,
    (
        Why.PERMISSION_OVER,
        lambda state, seen, _: state.answer is None or seen.now > state.answer.good_until,
    ),
    (
        Why.SCALE_EMPTY,
        lambda state, seen, limits: (
            seen.now - state.since > limits.tare_s and _grams(seen) < limits.min_tare_g
        ),
    ),
    (Why.SCALE_UNSTABLE, lambda state, seen, limits: seen.now - state.since > limits.tare_s),
)
FILLING: Stops = (
    *HARDWARE,
    *BY_HAND,
    *SCALE,
    *TAG,
    (Why.WEIGHT_FELL, lambda state, seen, limits: _grams(seen) < state.risen_g - limits.fall_g),
    (Why.FULL, lambda state, seen, limits: _grams(seen) - state.tare_g >= state.target_g - limits.preact_g),
    (
        Why.VALVE_STAYS_SHUT,
        lambda state, seen, limits: seen.valve_open is False and seen.now - state.since > limits.valve_s,
    ),
    (Why.TOO_LONG, lambda state, seen, limits: seen.now - state.since > limits.fill_s),
    (Why.NO_FLOW, lambda state, seen, limits: seen.now - state.risen_at > limits.flow_s),
)
LAST_BEFORE = frozenset(
    {Why.TAG_GONE, Why.TAG_CHANGED, Why.WEIGHT_FELL}
)  # what stands there now may be another


def first(stops: Stops, state: State, seen: Seen, limits: Limits) -> Why | None:
    """The gravest reason that applies."""
    return next((why for why, applies in stops if applies(state, seen, limits)), None)


def _over(state: State, seen: Seen, why: Why) -> Step:
    return Step(replace(state, phase=Phase.OVER, why=why, since=seen.now), (Shut(why),))


def _idle(state: State, seen: Seen, limits: Limits) -> Step:
    why = first(HARDWARE, state, seen, limits)
    if why is not None or seen.tag is None:
        return Step(State(why=why or Why.WAITING, since=state.since), (Shut(why or Why.WAITING),))
    asking = State(phase=Phase.ASKING, since=seen.now, tag=seen.tag)
    return Step(asking, (Shut(Why.WAITING), Ask(seen.tag)))


def _asking(state: State, seen: Seen, limits: Limits) -> Step:
    why = first(ASKING, state, seen, limits)
    if why is not None:
        return _over(state, seen, why)
    answer = seen.answer
    if answer is None or answer.tag != state.tag:
        return Step(state, (Shut(Why.WAITING),))
    if answer.why is not None:
        return _over(replace(state, answer=answer), seen, answer.why)
    return Step(
        replace(state, phase=Phase.TARING, since=seen.now, answer=answer, why=Why.WAITING),
        (Shut(Why.WAITING),),
    )


def _taring(state: State, seen: Seen, limits: Limits) -> Step:
    why = first(TARING, state, seen, limits)
    if why is not None:
        return _over(state, seen, why)
    weight = seen.weight
    if not _is_tare(weight, state, limits) or weight is None or state.answer is None or state.tag is None:
        return Step(state, (Shut(Why.WAITING),))
    target = target_of(state, weight.grams, limits)
    if target < limits.min_net_g + limits.preact_g:
        return _over(state, seen, Why.ALREADY_FULL)
    filling = replace(
        state, phase=Phase.FILLING, since=seen.now, tare_g=weight.grams, gross_g=weight.grams, target_g=target,
        risen_at=seen.now, risen_g=weight.grams, noted_at=seen.now,
    )  # fmt: skip
    return Step(filling, (Release(state.tag, state.answer, state.override, weight.grams),))


def _is_tare(weight: Weight | None, state: State, limits: Limits) -> bool:
    """A stable weight of a cylinder that was taken since the portal answered."""
    return (
        weight is not None
        and weight.stable
        and weight.at >= state.since
        and weight.grams >= limits.min_tare_g
    )


def target_of(state: State, tare_g: int, limits: Limits) -> int:
    """Grams to fill: what the station is set to, at most what the cylinder may hold less what is in it, and what the scale bears."""
    target = min(limits.target_g, limits.max_gross_g - tare_g)
    answer = state.answer
    if answer is not None and answer.max_fill_g is not None:
        target = min(target, answer.max_fill_g - residue_of(answer.tare_g, tare_g))
    return target


def residue_of(stamped_g: int | None, tare_g: int) -> int:
    """Grams of gas left in it, where the empty weight is known."""
    return 0 if stamped_g is None else max(0, tare_g - stamped_g)


def _filling(state: State, seen: Seen, limits: Limits) -> Step:
    why = first(FILLING, state, seen, limits)
    if why is None:
        return _flowing(state, seen, limits)
    if why in LAST_BEFORE:
        return _settled(replace(state, why=why), seen, limits, state.gross_g, "last")
    gross = state.gross_g if weight_flaw(seen, limits) else max(state.gross_g, _grams(seen))
    settling = replace(state, phase=Phase.SETTLING, why=why, since=seen.now, gross_g=gross)
    return Step(settling, (Shut(why),))


def _flowing(state: State, seen: Seen, limits: Limits) -> Step:
    grams = _grams(seen)
    state = replace(state, gross_g=max(grams, state.tare_g))
    if grams >= state.risen_g + limits.flow_g:
        state = replace(state, risen_at=seen.now, risen_g=grams)
    if seen.now - state.noted_at < limits.journal_s:
        return Step(state, (Hold(),))
    return Step(replace(state, noted_at=seen.now), (Hold(state.gross_g),))


def _settling(state: State, seen: Seen, limits: Limits) -> Step:
    """Wait until the scale rests after the valve was shut; a fill is recorded in any case."""
    weight, flaw = seen.weight, weight_flaw(seen, limits)
    here = seen.tag == state.tag and flaw is None
    if (
        here
        and weight is not None
        and weight.stable
        and weight.at > state.since
        and _plausible(weight, state, limits)
    ):
        return _settled(state, seen, limits, weight.grams, "stable")
    if seen.tag == state.tag and seen.now - state.since <= limits.settle_s:
        return Step(state, (Shut(state.why),))
    if here and weight is not None and _plausible(weight, state, limits):
        return _settled(state, seen, limits, weight.grams, "unstable")
    return _settled(state, seen, limits, state.gross_g, "last")


def _plausible(weight: Weight, state: State, limits: Limits) -> bool:
    return weight.grams >= state.gross_g - limits.fall_g


def _settled(state: State, seen: Seen, limits: Limits, gross_g: int, weighing: str) -> Step:
    net = max(0, gross_g - state.tare_g)
    nothing = weighing == "stable" and net < limits.min_net_g and state.override is None
    over = replace(state, phase=Phase.OVER, since=seen.now, gross_g=gross_g, net_g=net)
    return Step(over, (Shut(state.why), Finish(state.why, gross_g, weighing, nothing)))


def _over_until_taken(state: State, seen: Seen, limits: Limits) -> Step:
    """Show why, until the cylinder is taken away or somebody sets the station back."""
    if seen.override is not None and may_override(state, limits) and seen.tag == state.tag:
        return _overridden(state, seen)
    if seen.reset or _taken_away(state, seen, limits):
        return Step(State(since=seen.now), (Shut(Why.WAITING),))
    return Step(state, (Shut(state.why),))


def _taken_away(state: State, seen: Seen, limits: Limits) -> bool:
    if limits.presence:
        return seen.tag != state.tag
    empty = weight_flaw(seen, limits) is None and _grams(seen) < limits.empty_g
    return seen.tag != state.tag or (state.tare_g > 0 and empty)


def may_override(state: State, limits: Limits) -> bool:
    """Whether somebody may answer for this stop: only what the portal said or didn't say, never what a sensor says."""
    return state.phase is Phase.OVER and state.net_g is None and state.why in limits.may_override


def _overridden(state: State, seen: Seen) -> Step:
    answer = state.answer if state.answer is not None and state.answer.tag == state.tag else None
    if state.tag is None or seen.override is None:
        return Step(state, (Shut(state.why),))
    from_here = replace(
        state, phase=Phase.TARING, since=seen.now, override=seen.override, why=state.why,
        answer=replace(answer or Answer(state.tag, state.why), good_until=seen.now + OVERRIDE_S),
    )  # fmt: skip
    return Step(from_here, (Shut(state.why),))


PHASES: dict[Phase, Callable[[State, Seen, Limits], Step]] = {
    Phase.IDLE: _idle,
    Phase.ASKING: _asking,
    Phase.TARING: _taring,
    Phase.FILLING: _filling,
    Phase.SETTLING: _settling,
    Phase.OVER: _over_until_taken,
}
