"""What each kind of event does to a cylinder: the record it leaves, the stage it leads to. One function a kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from tenants.errors import Conflict, NotFound
from tenants.models import Cylinder, FillCheck, Label, Tag, TraceEvent
from tenants.permissions import Actor
from tenants.rules.findings import MOST_WORDS
from tenants.rules.moves import Move, move
from tenants.rules.states import CylinderStatus, DatePrecision, EventKind, LabelState, Stage
from tenants.services import labels as label_services
from tenants.services.apply.book import Book
from tenants.services.apply.event import Incoming
from tenants.services.apply.naming import the_one
from tenants.services.apply.outcome import (
    Outcome,
    Rejected,
    bad_data,
    chip_in_use,
    malformed_code,
    no_cylinder,
    unknown_label,
)
from tenants.services.geometry import point, tile_of
from tenants.services.tags import LAST_SEQ

APPLIED = "applied"


def origin(event: Incoming) -> dict[str, Any]:
    """What every record says of where it came from."""
    return {
        "device_at": event.device_at,
        "received_at": event.received_at,
        "time_trust": "good" if event.clock_good else "suspect",
        "operator_code": event.operator,
        "device_id": event.device_id,
        "event_id": event.id,
        "place": event.place,
    }


def on_map(event: Incoming) -> dict[str, Any]:
    """The position and its tile, where the device sent one."""
    return (
        {}
        if event.position is None
        else {"position": point(*event.position), "tile": tile_of(*event.position)}
    )


def find(book: Book, event: Incoming) -> tuple[Label, Cylinder]:
    """The label and cylinder that an event is about; raises Rejected with a reason."""
    if event.code is None and event.uid is None:
        raise malformed_code(event.malformed)
    label = book.label(event.code.code if event.code else None, event.uid)
    if label is None:
        raise unknown_label(event.code.code if event.code else event.uid or "")
    cylinder = book.cylinder_of(label)
    if cylinder is None:
        raise no_cylinder(label.code)
    return label, cylinder


def trace(
    book: Book,
    event: Incoming,
    cylinder: Cylinder,
    label: Label | None,
    *,
    stays: bool = False,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write the step into the cylinder's life and move it on, unless it `stays` or something later is known of it already."""
    before = Stage(cylinder.stage)
    step = Move(before, plausible=True) if stays else move(event.kind, before)
    late = cylinder.seen_at is not None and event.at < cylinder.seen_at
    book.keep(
        TraceEvent,
        id=event.id,
        at=event.at,
        cylinder_id=cylinder.id,
        label_code=label.code if label else None,
        kind=event.kind.value,
        from_stage=before.value,
        to_stage=(before if late else step.to).value,
        implausible=not late and not step.plausible,
        detail={**(detail or {}), **({"late": True} if late else {})},
        **origin(event),
        **on_map(event),
    )
    if late:
        return
    cylinder.seen_at = event.at
    if cylinder.status in (CylinderStatus.IN_USE.value, CylinderStatus.SUSPENDED.value):
        cylinder.stage = step.to.value
    if event.place:
        cylinder.place = event.place
    if event.position is not None:
        cylinder.position, cylinder.tile = point(*event.position), tile_of(*event.position)


def move_only(book: Book, event: Incoming) -> Outcome:
    """Take in, store in and out, deliver, recover, send to inspection: a step in the round and nothing more.

    What `data` says of a customer belongs to the customer's own record and is not copied into the trace.
    """
    label, cylinder = find(book, event)
    kept = {
        key: event.text(key) for key in ("order", "note", "reason", "warehouse", "station") if event.text(key)
    }
    trace(book, event, cylinder, label, detail=kept)
    return Outcome(APPLIED, cylinder_id=cylinder.id)


def check(book: Book, event: Incoming) -> Outcome:
    """A check before or after the fill; a failed one is kept too and forbids the fill."""
    label, cylinder = find(book, event)
    passed = event.data.get("passed")
    if not isinstance(passed, bool):
        raise bad_data("passed: true/false")
    before = event.kind is EventKind.CHECK_BEFORE_FILL
    items = event.data.get("items")
    book.keep(
        FillCheck,
        id=event.id,
        at=event.at,
        stage="before" if before else "after",
        cylinder_id=cylinder.id,
        label_code=label.code,
        passed=passed,
        items=items if isinstance(items, dict) else {},
        note=event.text("note"),
        **origin(event),
    )
    if before and (cylinder.checked_at is None or event.at >= cylinder.checked_at):
        cylinder.checked_at, cylinder.check_passed = event.at, passed
        book.touch(cylinder)
    trace(book, event, cylinder, label, stays=not passed, detail={"passed": passed})
    return Outcome(APPLIED, cylinder_id=cylinder.id)


def bind(book: Book, event: Incoming) -> Outcome:
    """Bind the scanned label to the cylinder that `data` names by `cylinder` (id) or by `serial_no` and `maker`."""
    if event.code is None:
        raise malformed_code(event.malformed)
    cylinder = the_one(book.cylinders, event)
    if event.uid is not None and _chip_is_taken(book, event.code.code, event.uid):
        raise chip_in_use()
    code, person = event.code.code, replace(book.actor, staff_code=event.operator)
    try:
        done = label_services.bind_label(
            book.session, person, code, cylinder.id, uid=event.uid, at=event.at, event_id=event.id,
            replaces=event.text("replaces") or None, reason=event.text("reason"),
        )  # fmt: skip
    except NotFound:
        raise unknown_label(code) from None
    except Conflict as conflict:
        hint = str(conflict.details.get("code_hint", "conflict"))
        if hint == "label_on_two_cylinders":
            return _disputed(book, event, person, code)
        raise Rejected(
            hint, "该标签或气瓶不能再绑定", "This label or cylinder can't be bound any more"
        ) from None
    label = label_services.get_label(book.session, code)
    book.labels[code], book.cylinders[cylinder.id] = label, cylinder
    book.forget_labels(cylinder.id)
    trace(book, event, cylinder, label, detail={"replaced": done.replaced})
    return Outcome(APPLIED, cylinder_id=cylinder.id)


def _chip_is_taken(book: Book, code: str, uid: str) -> bool:
    bound = select(Label.id).where(
        Label.uid == uid, Label.state == LabelState.BOUND.value, Label.code != code
    )
    return book.session.scalar(bound) is not None


def _disputed(book: Book, event: Incoming, person: Actor, code: str) -> Outcome:
    """The label stands on another cylinder: it is disputed from now on, and that is on record."""
    label_services.dispute_label(book.session, person, code, "第二只气瓶要求绑定同一标签", event.id)
    label = label_services.get_label(book.session, code)
    if label.cylinder_id is not None:
        book.forget_labels(label.cylinder_id)
    return Outcome(
        "refused",
        refusals=("label_on_two_cylinders",),
        code="label_on_two_cylinders",
        zh="该标签已绑在另一只气瓶上，已标记待核查",
        en="This label stands on another cylinder; it is marked for a person to settle",
        cylinder_id=label.cylinder_id,
    )


def inspect(book: Book, event: Incoming) -> Outcome:
    """A periodic inspection: `passed`, `inspected_on`, `next_on` with `precision` (day or month). Not passed means scrapped."""
    label, cylinder = find(book, event)
    passed = event.data.get("passed")
    if not isinstance(passed, bool):
        raise bad_data("passed: true/false")
    if not passed:
        return scrap(book, event)
    inspected = event.day("inspected_on") or event.on
    due = event.day("next_on")
    if inspected > event.on or due is None or due <= inspected:
        raise bad_data("inspected_on / next_on")
    was = {name: _iso(getattr(cylinder, name)) for name in ("last_inspection_on", "next_inspection_on")}
    if cylinder.last_inspection_on is None or inspected >= cylinder.last_inspection_on:
        precision = DatePrecision(event.text("precision") or DatePrecision.MONTH.value).value
        cylinder.last_inspection_on, cylinder.last_inspection_precision = inspected, precision
        cylinder.next_inspection_on, cylinder.next_inspection_precision = due, precision
        _valve(cylinder, event)
        book.touch(cylinder)
    trace(
        book,
        event,
        cylinder,
        label,
        detail={"passed": True, "inspected_on": _iso(inspected), "next_on": _iso(due), "before": was},
    )
    return Outcome(APPLIED, cylinder_id=cylinder.id)


def repair(book: Book, event: Incoming) -> Outcome:
    """A repair: what was done; a new valve brings its own end of life (`valve_end_of_life_on`)."""
    label, cylinder = find(book, event)
    if event.data.get("valve_end_of_life_on"):
        _valve(cylinder, event)
        book.touch(cylinder)
    trace(book, event, cylinder, label, detail={"work": event.text("work"), "note": event.text("note")})
    return Outcome(APPLIED, cylinder_id=cylinder.id)


def _valve(cylinder: Cylinder, event: Incoming) -> None:
    until = event.day("valve_end_of_life_on")
    if until is not None:
        cylinder.valve_end_of_life_on, cylinder.valve_end_of_life_precision = until, DatePrecision.MONTH.value


def scrap(book: Book, event: Incoming) -> Outcome:
    """Scrapped for good: the status, the labels void for ever, the step in its life."""
    label, cylinder = find(book, event)
    reason = event.text("reason") or ("检验不合格" if event.kind is EventKind.INSPECT else "报废")
    trace(book, event, cylinder, label, detail={"reason": reason})
    if cylinder.status != CylinderStatus.SCRAPPED.value:
        cylinder.status, cylinder.status_reason = CylinderStatus.SCRAPPED.value, reason
        cylinder.status_changed_at, cylinder.stage = event.at, Stage.OUT_OF_USE.value
        book.retire_labels_of(cylinder, reason)
        book.touch(cylinder)
    return Outcome(APPLIED, cylinder_id=cylinder.id)


def claim(book: Book, event: Incoming) -> Outcome:
    """A finding that an enterprise's device sends: kept in the cylinder's life as what somebody says. Only an authority decides."""
    label, cylinder = find(book, event)
    trace(book, event, cylinder, label, detail=_short(event))
    return Outcome(
        "refused",
        code="not_inspector",
        zh="本设备不属于监管部门，记录已保存，但不构成监察决定，气瓶状态未改变",
        en="This device is no authority's: the words are kept, but they are no finding and the cylinder stays as it was",
        cylinder_id=cylinder.id,
    )


def tag_written(book: Book, event: Incoming) -> Outcome:
    """A chip was written and read back: it belongs to this label from now on; one that counts less than was seen before was set back."""
    label, cylinder = find(book, event)
    counted = _counted(event, "base_seq"), _counted(event, "finding_seq")
    if event.uid is not None:
        _give_chip(book, cylinder, label, event.uid)
    back = _is_set_back(book, event.uid, *counted)
    trace(book, event, cylinder, label, detail={**_short(event), **({"rolled_back": True} if back else {})})
    if not back:
        return Outcome(APPLIED, cylinder_id=cylinder.id)
    return Outcome(
        "refused",
        code="tag_rolled_back",
        zh="标签数据被回退：芯片上的序号小于已读到过的序号，请用设备重新写入",
        en="The tag was set back: it counts less than was read from it before; write it anew",
        cylinder_id=cylinder.id,
    )


def _give_chip(book: Book, cylinder: Cylinder, label: Label, uid: str) -> None:
    """Note whose chip this is; raises Rejected when label or chip has another partner."""
    if _chip_is_taken(book, label.code, uid):
        raise chip_in_use()
    if label.uid is not None and label.uid != uid:
        raise Rejected("label_has_other_chip", "该标签已配有另一芯片", "This label has another chip already")
    if label.uid is None and label.state == LabelState.BOUND.value:
        label.uid = uid
        book.forget_labels(cylinder.id)
        book.touch(cylinder)


def _is_set_back(book: Book, uid: str | None, base_seq: int | None, finding_seq: int | None) -> bool:
    """Whether the chip counts less than a reader brought back before. What a device merely says never raises those numbers."""
    tag = book.session.scalars(select(Tag).where(Tag.uid == uid)).one_or_none() if uid else None
    if tag is None or base_seq is None:
        return False
    if base_seq != tag.seen_base_seq:
        return base_seq < tag.seen_base_seq
    return finding_seq is not None and finding_seq < tag.seen_finding_seq


def _counted(event: Incoming, name: str) -> int | None:
    value = event.data.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LAST_SEQ:
        raise bad_data(f"{name}: 0..{LAST_SEQ}")
    return value


def _short(event: Incoming) -> dict[str, Any]:
    """What `data` says in plain values; texts beyond what a finding may hold are left out."""
    plain = {key: value for key, value in event.data.items() if isinstance(value, str | int | bool)}
    return {key: value for key, value in plain.items() if len(str(value)) <= MOST_WORDS}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


STEPS: dict[EventKind, Callable[[Book, Incoming], Outcome]] = {
    EventKind.BIND_LABEL: bind,
    EventKind.TAKE_IN: move_only,
    EventKind.CHECK_BEFORE_FILL: check,
    EventKind.CHECK_AFTER_FILL: check,
    EventKind.SEND_TO_INSPECTION: move_only,
    EventKind.INSPECT: inspect,
    EventKind.REPAIR: repair,
    EventKind.STORE_IN: move_only,
    EventKind.STORE_OUT: move_only,
    EventKind.DELIVER: move_only,
    EventKind.RECOVER: move_only,
    EventKind.SCRAP: scrap,
    EventKind.FINDING: claim,
    EventKind.TAG_WRITTEN: tag_written,
}
