"""How far a report is, as the citizen's page tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from public_lookup.lookup import CHINA
from public_lookup.report_words import name
from public_lookup.words import Words
from tenants.rules.report_clock import Due, due
from tenants.rules.reports import ReportAct, ReportKind, ReportMatter, ReportState

TONES = {
    ReportState.RECEIVED: "due",
    ReportState.ACCEPTED: "due",
    ReportState.DECLINED: "none",
    ReportState.ANSWERED: "ok",
    ReportState.CLOSED: "ok",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done."""

    at: str
    by_enterprise: bool
    act: str
    words: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What the ticket's page shows; times are China's."""

    tone: str
    state: str
    number: str
    code: str
    about: str
    received_at: str
    clock: str
    until: date | None
    working_days: int
    late: bool
    steps: tuple[Step, ...]


def read_progress(told: dict[str, Any], language: str, now: datetime) -> Progress:
    """What `gas.report_progress` tells, in words."""
    kind, state = ReportKind(told["kind"]), ReportState(told["state"])
    received = _moment(told["received_at"])
    accepted = _moment(told["accepted_at"]).date() if told["accepted_at"] else None
    clock: Due | None = due(kind, state, received.date(), accepted)
    return Progress(
        tone=TONES[state],
        state=name(state, language),
        number=told["number"],
        code=told["code"],
        about=f"{name(kind, language)} · {name(ReportMatter(told['matter']), language)}",
        received_at=f"{received:%Y-%m-%d %H:%M}",
        clock=Words(*clock.deadline.name).in_(language) if clock else "",
        until=clock.on if clock else None,
        working_days=clock.deadline.working_days if clock else 0,
        late=clock is not None and clock.on < now.astimezone(CHINA).date(),
        steps=tuple(_step(answer, language) for answer in told["answers"]),
    )


def _step(answer: dict[str, Any], language: str) -> Step:
    act = ReportAct(answer["act"])
    return Step(
        f"{_moment(answer['at']):%Y-%m-%d %H:%M}",
        act is ReportAct.REPLIED,
        name(act, language),
        answer["words"],
    )


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).astimezone(CHINA)
