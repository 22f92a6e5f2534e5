"""The state of the station as a display needs it, every sentence in both languages."""

from __future__ import annotations

from typing import Any

from integrations.devices.station.agent import Agent
from integrations.devices.station.machine import may_override, weight_flaw
from integrations.devices.station.outbox import StoreProblem
from integrations.devices.station.seen import Seen
from integrations.devices.station.sender import Sender
from integrations.devices.station.words import PHASES, SENTENCES, Phase, Said, Why

BUSY = frozenset({Phase.ASKING, Phase.TARING, Phase.FILLING})  # what it does says more than why it waits


def status(agent: Agent, sender: Sender) -> dict[str, Any]:
    """Everything that is shown, as JSON."""
    state, now = agent.state, agent.steady()
    weight = agent.sensors.weight
    flaw = weight_flaw(Seen(now=now, weight=weight), agent.limits)
    answer = state.answer
    return {
        "phase": {"code": state.phase.value, **_both(PHASES[state.phase])},
        "why": _why(state.why),
        "headline": _both(PHASES[state.phase] if state.phase in BUSY else SENTENCES[state.why]),
        "good": state.why in (Why.WAITING, Why.FULL),
        "alarm": agent.alarm,
        "label": state.tag.label or state.tag.uid if state.tag else None,
        "refusals": [{"code": code, "message": message} for code, message in answer.refusals]
        if answer
        else [],
        "weight_kg": None if flaw or weight is None else weight.grams / 1000,
        "stable": weight is not None and weight.stable,
        "scale": _why(flaw) if flaw else None,
        "tare_kg": state.tare_g / 1000,
        "target_kg": state.target_g / 1000,
        "net_kg": None if state.net_g is None else state.net_g / 1000,
        "problems": [_why(why) for why in _problems(agent)],
        "may_override": may_override(state, agent.limits),
        "operator": agent.operator,
        "gun": agent.gun.gun,
        "portal": {"reached": sender.reached, "said": sender.said},
        "clock": {"trust": agent.clock.trust(), "offset_s": agent.clock.offset_s()},
        "outbox": _outbox(agent),
    }


def _problems(agent: Agent) -> list[Why]:
    found = [*agent.valve.problems(), *([] if agent.store_problem is None else [agent.store_problem])]
    return found + ([] if agent.sensors.reader_up else [Why.READER_LOST])


def _outbox(agent: Agent) -> dict[str, Any]:
    try:
        return {"counts": agent.outbox.counts(), "unhappy": agent.outbox.unhappy()}
    except StoreProblem as problem:
        return {"problem": _why(problem.why)}


def _why(why: Why) -> dict[str, str]:
    return {"code": why.value, **_both(SENTENCES[why])}


def _both(said: Said) -> dict[str, str]:
    return {"zh": said.zh, "en": said.en}
