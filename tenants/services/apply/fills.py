"""A fill: judged by the rule, then kept as a fill or, refused, as a violation; never as both."""

from __future__ import annotations

from typing import Any

from tenants.models import Cylinder, Fill, Label, Violation
from tenants.rules.facts import FillAttempt, FillFacts
from tenants.rules.fill import CHECKS, cautions, refusals
from tenants.rules.refusal import REASONS, Refusal
from tenants.services.apply.book import Book
from tenants.services.apply.event import Incoming
from tenants.services.apply.hindsight import as_of, is_late
from tenants.services.apply.outcome import Outcome, bad_data
from tenants.services.apply.steps import APPLIED, on_map, origin, trace
from tenants.services.facts import label_facts
from tenants.services.verdicts import medium_of


def fill(book: Book, event: Incoming) -> Outcome:
    """Judge and keep. A repeat never gets here: the receipt of an event is taken once.

    With `blocked`, the codes for which a device stopped it, nothing was filled: it is on record as refused, whatever the rule says now.
    """
    label = book.label(event.code.code if event.code else None, event.uid)
    cylinder = book.cylinder_of(label) if label else None
    facts = _facts(book, event, label, cylinder)
    stopped = event.data.get("blocked")
    reasons = refusals(facts) or _named(stopped)
    if reasons:
        return _refuse(book, event, label, cylinder, facts.attempt, reasons)
    if stopped is not None:
        return Outcome(
            "refused",
            code="stopped_by_device",
            zh="设备已拦停，没有充装",
            en="The device stopped it; nothing was filled",
            cylinder_id=cylinder.id if cylinder else None,
        )
    if cylinder is None or label is None:
        raise RuntimeError("the rule passed a fill without a cylinder")
    return _keep(book, event, label, cylinder, facts)


def _named(codes: object) -> tuple[Refusal, ...]:
    """The refusals among the codes that a device gave, gravest first."""
    given = {code for code in codes if isinstance(code, str)} if isinstance(codes, list) else set()
    return tuple(refusal for refusal, _ in CHECKS if refusal.value in given)


def _facts(book: Book, event: Incoming, label: Label | None, cylinder: Cylinder | None) -> FillFacts:
    cylinder_facts = book.facts(cylinder) if cylinder else None
    its_label = label_facts(label) if label else None
    if cylinder_facts is not None and cylinder is not None and is_late(cylinder, event.at):
        cylinder_facts = as_of(book, event.at, cylinder, cylinder_facts)
        its_label = next(
            (one for one in cylinder_facts.labels if its_label and one.code == its_label.code), its_label
        )
    chip = book.label(None, event.uid) if event.code else None
    return FillFacts(
        cylinder=cylinder_facts,
        label=its_label,
        enterprise=book.enterprise,
        attempt=_attempt(book, event),
        chip=label_facts(chip) if chip else None,
    )


def _attempt(book: Book, event: Incoming) -> FillAttempt:
    wanted = event.text("medium") or None
    medium_id = medium_of(book.enterprise, wanted)
    try:
        numbers = {
            name: event.number(name)
            for name in ("net_kg", "gross_kg", "tare_kg", "residual_kg", "pressure_mpa", "temperature_c")
        }
    except ValueError as problem:
        raise bad_data(str(problem)) from None
    return FillAttempt(
        at=event.at,
        on=event.on,
        scanned=event.code,
        scan_malformed=event.code is None
        and bool(event.scanned),  # a chip does not excuse a label that is none
        uid=event.uid,
        medium_id=medium_id,
        medium_unknown=wanted is not None and medium_id is None,
        batch=event.text("batch", 40) or None,
        operator_code=event.operator,
        **numbers,
    )


def _refuse(
    book: Book,
    event: Incoming,
    label: Label | None,
    cylinder: Cylinder | None,
    attempt: FillAttempt,
    reasons: tuple[Refusal, ...],
) -> Outcome:
    gravest = REASONS[reasons[0]]
    codes = [reason.value for reason in reasons]
    book.keep(
        Violation,
        id=event.id,
        at=event.at,
        kind=event.kind.value,
        cylinder_id=cylinder.id if cylinder else None,
        scanned=event.scanned[:200],
        label_code=event.code.code if event.code else None,
        refusal=codes[0],
        refusals=codes,
        severity=gravest.severity.value,
        medium_id=attempt.medium_id or (cylinder.medium_id if cylinder else None),
        detail=_numbers(event),
        district=book.enterprise.district,
        **origin(event),
        **on_map(event),
    )
    book.refused.append(event.id)
    if cylinder is not None and label is not None:
        trace(book, event, cylinder, label, stays=True, detail={"refused": codes})
    return Outcome(
        "refused",
        refusals=tuple(codes),
        code=codes[0],
        zh=gravest.sentence_zh,
        en=gravest.sentence_en,
        cylinder_id=cylinder.id if cylinder else None,
    )


def _keep(book: Book, event: Incoming, label: Label, cylinder: Cylinder, facts: FillFacts) -> Outcome:
    attempt = facts.attempt
    net = attempt.net_kg
    if net is None and attempt.gross_kg is not None and attempt.tare_kg is not None:
        net = attempt.gross_kg - attempt.tare_kg
    try:
        times = {"started_at": event.moment("started_at"), "ended_at": event.moment("ended_at")}
        residual = event.number("residual_mpa")
    except ValueError as problem:
        raise bad_data(str(problem)) from None
    medium = attempt.medium_id or cylinder.medium_id
    book.keep(
        Fill,
        id=event.id,
        at=event.at,
        cylinder_id=cylinder.id,
        label_code=label.code,
        medium_id=medium,
        net_kg=net,
        gross_kg=attempt.gross_kg,
        tare_kg=attempt.tare_kg,
        residual_mpa=residual,
        pressure_mpa=attempt.pressure_mpa,
        temperature_c=attempt.temperature_c,
        gun=event.text("gun", 40) or None,
        batch=attempt.batch,
        cautions=[caution.value for caution in cautions(facts)],
        district=book.enterprise.district,
        **times,
        **origin(event),
        **on_map(event),
    )
    if cylinder.filled_at is None or event.at > cylinder.filled_at:
        cylinder.filled_at, cylinder.filled_kg = event.at, net
        book.touch(cylinder)
    trace(
        book, event, cylinder, label, detail={"medium": medium, "net_kg": None if net is None else str(net)}
    )
    return Outcome(APPLIED, cylinder_id=cylinder.id)


def _numbers(event: Incoming) -> dict[str, Any]:
    """What was to be filled, as it was sent; nothing about people."""
    names = ("medium", "net_kg", "gross_kg", "tare_kg", "pressure_mpa", "temperature_c", "gun", "batch")
    said = {name: event.text(name, 40) for name in names if event.data.get(name) is not None}
    return said | ({"stopped": True} if event.data.get("blocked") is not None else {})
