"""Some weeks of work with the demo's cylinders, told as the events that devices would have sent and judged by the same rule.

Round after round a cylinder is taken in, checked, filled, checked again, delivered and recovered; its story says what goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from tenants.demo.cast import Enterprise
from tenants.demo.stock import Item, Story, last_of_month, month_of
from tenants.models import Label, LabelIssue
from tenants.rules.codes import one_dimensional, parse_scan, printed_url
from tenants.rules.states import CylinderStatus, EventKind, LabelState, Stage
from tenants.services.apply.batch import apply_event
from tenants.services.apply.book import Book
from tenants.services.apply.event import SHANGHAI, Incoming
from tenants.services.apply.outcome import Outcome

HISTORY = timedelta(days=42)
CHECKED_ITEMS = ("P03", "P05", "P06", "P08", "P09", "P10", "P12", "P14")


class NotYet(Exception):
    """The next event lies in the future: the story ends here."""


@dataclass(slots=True)
class Play:
    """One cylinder's weeks; `at` is the moment of its last event."""

    book: Book
    enterprise: Enterprise
    device_id: UUID
    item: Item
    label: Label | None
    now: datetime
    rng: Random
    at: datetime

    def tell(self) -> None:
        """Everything up to now."""
        with suppress(NotYet):
            PLOTS.get(self.item.story, rounds)(self)

    def wait(self, low_minutes: float, high_minutes: float) -> None:
        """Let some time pass; work is done between eight and six."""
        self.at += timedelta(minutes=self.rng.uniform(low_minutes, high_minutes))
        local = self.at.astimezone(SHANGHAI)
        if not 8 <= local.hour < 18:
            tomorrow = local if local.hour < 8 else local + timedelta(days=1)
            opens = tomorrow.replace(hour=8, minute=0, second=0) + timedelta(minutes=self.rng.uniform(5, 120))
            self.at = opens.astimezone(self.at.tzinfo)
        if self.at > self.now:
            raise NotYet

    def do(
        self, kind: EventKind, operator: str | None = None, place: str | None = None, **data: Any
    ) -> Outcome:
        """One event of this cylinder, scanned from its label."""
        scanned = scan_of(self.label.code, self.item, self.rng) if self.label else ""
        return self.send(kind, scanned, operator, place, **data)

    def send(
        self, kind: EventKind, scanned: str, operator: str | None, place: str | None, **data: Any
    ) -> Outcome:
        """One event with whatever was scanned."""
        away = 0.05 if kind is EventKind.DELIVER else 0.0004
        east, north = self.enterprise.position
        event = Incoming(
            id=event_id(self.at, self.rng),
            kind=kind,
            device_id=self.device_id,
            device_at=self.at,
            received_at=self.at + timedelta(seconds=self.rng.uniform(1, 20)),
            scanned=scanned,
            code=parse_scan(scanned, self.enterprise.code[:6]),
            malformed="",
            uid=None,
            operator=operator,
            place=place,
            position=(east + self.rng.uniform(-away, away), north + self.rng.uniform(-away, away)),
            data=data,
        )
        return apply_event(self.book, event)

    def take_in(self) -> None:
        """Back into the empty store."""
        self.wait(30, 600)
        self.do(EventKind.TAKE_IN, "W01", "K1")

    def check(self, *, passed: bool = True) -> None:
        """The check before the fill."""
        self.wait(60, 1500)
        items = {name: passed or name != "P10" for name in CHECKED_ITEMS}
        note = "" if passed else "阀座护罩缺失"
        self.do(EventKind.CHECK_BEFORE_FILL, "C01", "K1", passed=passed, items=items, note=note)

    def fill(self, operator: str = "F01", **changes: Any) -> bool:
        """Fill, or try to; whether it was allowed."""
        self.wait(5, 40)
        outcome = self.do(
            EventKind.FILL,
            operator,
            f"G{self.rng.randint(1, 4)}",
            **(fill_data(self.item, self.enterprise, self.at, self.rng) | changes),
        )
        return outcome.state == "applied"

    def hand_out(self) -> None:
        """Checked again, delivered, and some time later recovered."""
        self.wait(3, 15)
        self.do(EventKind.CHECK_AFTER_FILL, "C01", "M1", passed=True, items={"leak": True, "weight": True})
        self.wait(600, 2000)
        self.do(EventKind.STORE_OUT, "W01", "M1")
        self.wait(60, 1800)
        self.do(EventKind.DELIVER, self.rng.choice(("D01", "D02")))
        self.wait(5 * 1440, 14 * 1440)
        self.do(EventKind.RECOVER, self.rng.choice(("D01", "D02")))

    def round(self) -> bool:
        """One round of good work; False when the fill was refused."""
        self.take_in()
        self.check()
        if not self.fill():
            return False
        self.hand_out()
        return True


def rounds(play: Play) -> None:
    """Round after round, until the rule says no; then some go to inspection."""
    while play.round():
        pass
    if play.rng.random() < 0.5:
        play.wait(600, 3000)
        play.do(EventKind.SEND_TO_INSPECTION, "W01", "K1", reason="到期送检")


def _trouble_first(first: Callable[[Play], None]) -> Callable[[Play], None]:
    """Something goes wrong in the first round, is put right, and work goes on."""

    def tell(play: Play) -> None:
        first(play)
        if play.fill():
            play.hand_out()
            rounds(play)

    return tell


def _with_a_bad_try(**changes: Any) -> Callable[[Play], None]:
    def tell(play: Play) -> None:
        play.take_in()
        play.check()
        play.fill(**changes)

    return _trouble_first(tell)


def _overfilled(play: Play) -> None:
    play.take_in()
    play.check()
    too_much = float(play.item.model.max_fill_kg or 0) * 1.07
    play.fill(net_kg=f"{too_much:.2f}", gross_kg=None)


def _unchecked(play: Play) -> None:
    play.take_in()
    play.fill()
    play.check()


def _failed(play: Play) -> None:
    play.take_in()
    play.check(passed=False)
    play.fill()
    play.wait(60, 600)
    play.do(EventKind.REPAIR, "R01", "K1", work="更换护罩", note="")
    play.take_in()
    play.check()


def _inspected(play: Play) -> None:
    play.take_in()
    play.do(EventKind.SEND_TO_INSPECTION, "W01", "K1", reason="到期送检")
    play.wait(3 * 1440, 6 * 1440)
    on = play.at.astimezone(SHANGHAI).date()
    due = month_of(on, 12 * play.item.model.interval)
    play.do(EventKind.INSPECT, "C01", "K1", passed=True, inspected_on=on.isoformat(), next_on=due.isoformat())
    play.check()


def _then(change: Callable[[Play], None]) -> Callable[[Play], None]:
    """One good round, then the change, then a try that the rule stops."""

    def tell(play: Play) -> None:
        play.take_in()
        play.check()
        play.fill()
        play.hand_out()
        play.take_in()
        play.check()
        change(play)
        if play.item.number % 3:
            play.fill()

    return tell


def _scrap(play: Play) -> None:
    play.wait(60, 600)
    play.do(EventKind.SCRAP, "C01", "K1", reason="瓶体凹陷超限")


def _status(status: CylinderStatus, reason: str) -> Callable[[Play], None]:
    def change(play: Play) -> None:
        cylinder = play.item.cylinder
        cylinder.status, cylinder.status_reason, cylinder.status_changed_at = status.value, reason, play.at
        if status is CylinderStatus.CANCELLED:
            cylinder.stage = Stage.OUT_OF_USE.value
            _retire(play, LabelState.VOID, "void", reason)
        play.book.touch(cylinder)

    return change


def _label(state: LabelState, action: str, reason: str) -> Callable[[Play], None]:
    def change(play: Play) -> None:
        _retire(play, state, action, reason)
        play.book.touch(play.item.cylinder)

    return change


def _retire(play: Play, state: LabelState, action: str, reason: str) -> None:
    if play.label is not None:
        play.label.state = state.value
        _note(play, play.label, action, reason)


def _dispute(play: Play) -> None:
    if play.label is not None:
        play.label.disputed_at = play.at
        _note(play, play.label, "dispute", "第二只气瓶要求绑定同一标签")
        play.book.touch(play.item.cylinder)


def _note(play: Play, label: Label, action: str, reason: str) -> None:
    cylinder_id = play.item.cylinder.id
    play.book.records.append(
        LabelIssue(
            label_id=label.id, cylinder_id=cylinder_id, action=action, at=play.at, by="A01", reason=reason
        )
    )
    play.book.forget_labels(cylinder_id)


def _overdue(play: Play) -> None:
    """Good rounds while the inspection held, and a try after its last day."""
    play.take_in()
    play.check()
    if play.fill():
        play.hand_out()
    over = last_of_month(play.item.cylinder.next_inspection_on or play.at.date())
    while play.at.astimezone(SHANGHAI).date() <= over:
        play.wait(1440, 1440)
    play.take_in()
    play.check()
    play.fill()


def _nothing(_: Play) -> None:
    """A cylinder that nobody can scan does nothing."""


PLOTS: dict[Story, Callable[[Play], None]] = {
    Story.OVERDUE: _overdue,
    Story.SCRAPPED: _then(_scrap),
    Story.SUSPENDED: _then(_status(CylinderStatus.SUSPENDED, "年度盘点未见实物")),
    Story.CANCELLED: _then(_status(CylinderStatus.CANCELLED, "使用登记已注销")),
    Story.NO_LABEL: _nothing,
    Story.LABEL_VOID: _then(_label(LabelState.VOID, "void", "标签破损")),
    Story.LABEL_LOST: _then(_label(LabelState.LOST, "lose", "标签脱落")),
    Story.LABEL_DISPUTED: _then(_dispute),
    Story.OVERFILLED: _trouble_first(_overfilled),
    Story.OVERPRESSURED: _with_a_bad_try(pressure_mpa="16.9", temperature_c="20"),
    Story.WRONG_MEDIUM: _with_a_bad_try(medium="02"),
    Story.UNCHECKED: _trouble_first(_unchecked),
    Story.CHECK_FAILED: _trouble_first(_failed),
    Story.UNCERTIFIED: _with_a_bad_try(operator="F03"),
    Story.CERTIFICATE_EXPIRED: _with_a_bad_try(operator="F02"),
    Story.UNASSAYED: _with_a_bad_try(batch="B-TEST-0"),
    Story.INSPECTED: _trouble_first(_inspected),
}


def fill_data(item: Item, enterprise: Enterprise, at: datetime, rng: Random) -> dict[str, Any]:
    """What a scale or a manifold sends of a fill that is as it should be."""
    model = item.model
    code = next((code for code, medium in enterprise.media.items() if medium == model.medium_id), "01")
    data: dict[str, Any] = {
        "medium": code,
        "started_at": (at - timedelta(minutes=4)).isoformat(),
        "ended_at": at.isoformat(),
        "batch": batch_of(code, at),
    }
    if model.max_fill_kg is not None:
        net = float(model.max_fill_kg) * rng.uniform(0.955, 0.985)
        tare = float(item.cylinder.tare_kg or 0)
        data |= {"net_kg": f"{net:.2f}", "tare_kg": f"{tare:.2f}", "gross_kg": f"{net + tare:.2f}"}
    if model.kind_code in ("2310", "NONREFILL") and model.medium_id != "CO2":
        full = float(model.nominal_mpa)
        data |= {
            "pressure_mpa": f"{full * rng.uniform(0.95, 0.985):.2f}",
            "temperature_c": f"{rng.uniform(18, 24):.1f}",
        }
        data["residual_mpa"] = f"{rng.uniform(0.1, 0.5):.2f}"
    return data


def batch_of(code: str, at: datetime) -> str:
    """The batch of a medium that is being filled at a moment: one a week."""
    year, week, _ = at.astimezone(SHANGHAI).isocalendar()
    return f"B{code}-{year}{week:02d}"


def scan_of(code: str, item: Item, rng: Random) -> str:
    """What a reader delivers: mostly the printed address, sometimes the bar code."""
    family = "L" if item.model.medium_id.startswith("LPG") else "Q"
    return printed_url(code, family) if rng.random() < 0.8 else one_dimensional(code)


def event_id(at: datetime, rng: Random) -> UUID:
    """A UUIDv7 of that moment, the same in every load."""
    head = int(at.timestamp() * 1000) << 80
    return UUID(int=head | 0x7 << 76 | rng.getrandbits(12) << 64 | 0b10 << 62 | rng.getrandbits(62))
