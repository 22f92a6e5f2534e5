"""Asks the portal about one cylinder; a pass that was heard is good for as long as the portal said, and for one fill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from integrations.devices.station.portal import NoAnswer, Portal, Problem
from integrations.devices.station.seen import Answer, Tag
from integrations.devices.station.words import Why

LONGEST_S = 300.0  # however long the portal says, seconds
NOT_KNOWN = frozenset({401, 403})


@dataclass(slots=True)
class Judge:
    """One gun's questions. `steady` is the clock of the answers' `good_until`."""

    portal: Portal
    steady: Callable[[], float]
    medium: str | None = None
    gun: str | None = None
    _passes: dict[Tag, Answer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, tag: Tag, operator: str | None) -> Answer:
        """The portal's answer, or one that is still good, or why there is none. Waits for the network."""
        asked = {
            "label": tag.label,
            "uid": tag.uid,
            "medium": self.medium,
            "gun": self.gun,
            "operator": operator,
        }
        began = self.steady()
        try:
            told = self.portal.verdict(
                {"purpose": "fill", **{key: value for key, value in asked.items() if value}}
            )
            return self._keep(read_answer(tag, told, began))
        except NoAnswer:
            return self._remembered(tag)
        except Problem as problem:
            return self._keep(_problem(tag, problem))
        except (KeyError, TypeError, ValueError):
            return Answer(tag, Why.NO_ANSWER)

    def used(self, tag: Tag) -> None:
        """A fill was begun with it: the next one asks anew."""
        with self._lock:
            self._passes.pop(tag, None)

    def _keep(self, answer: Answer) -> Answer:
        with self._lock:
            if answer.why is None:
                self._passes = {
                    tag: one for tag, one in self._passes.items() if one.good_until > self.steady()
                }
                self._passes[answer.tag] = answer
            elif answer.why is Why.NOT_KNOWN_TO_PORTAL:
                self._passes.clear()
            else:
                self._passes.pop(answer.tag, None)
        return answer

    def _remembered(self, tag: Tag) -> Answer:
        with self._lock:
            found = self._passes.get(tag)
        return found if found is not None and found.good_until > self.steady() else Answer(tag, Why.NO_ANSWER)


def read_answer(tag: Tag, told: dict[str, Any], began: float) -> Answer:
    """A verdict as the machine reads it; raises KeyError, TypeError or ValueError when it is none."""
    good_s = (
        datetime.fromisoformat(told["valid_until"]) - datetime.fromisoformat(told["issued_at"])
    ).total_seconds()
    refusals = tuple((str(one["code"]), str(one["message"])) for one in told["refusals"])
    passed = told["verdict"] == "pass" and not refusals and good_s > 0
    cylinder = told["cylinder"]
    return Answer(
        tag=tag,
        why=None if passed else Why.BLOCKED,
        good_until=began + min(good_s, LONGEST_S),
        refusals=refusals,
        max_fill_g=_grams(cylinder.get("max_fill_kg")),
        tare_g=_grams(cylinder.get("tare_kg")),
        proof=str(told["signature"]),
    )


def _grams(kg: float | None) -> int | None:
    return None if kg is None else round(float(kg) * 1000)


def _problem(tag: Tag, problem: Problem) -> Answer:
    why = Why.NOT_KNOWN_TO_PORTAL if problem.status in NOT_KNOWN else Why.BLOCKED
    return replace(Answer(tag, why), refusals=((problem.code, problem.title),))
