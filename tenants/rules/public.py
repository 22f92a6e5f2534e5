"""What a citizen is told of a cylinder: one word, and the reasons that concern it.

Who filled it and with which licence is the enterprise's business with the authority; whether the cylinder itself may be
used is the citizen's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tenants.rules.facts import CylinderFacts, LabelFacts
from tenants.rules.fill import Caution, fillable_until
from tenants.rules.refusal import Refusal
from tenants.rules.states import CylinderStatus, LabelState, Names

DUE_SOON = timedelta(days=60)  # counted from the day that is asked about to the last legal day


class PublicStatus(StrEnum):
    """The one word."""

    OK = "ok"
    DUE_SOON = "due_soon"
    DO_NOT_USE = "do_not_use"
    UNKNOWN = "unknown"


class Alarm(StrEnum):
    """What forbids using a cylinder and is neither its state nor its label's: told before every reason."""

    LABEL_FORGED = "label_forged"  # the signature in the scanned address isn't ours
    BATCH_FAILED = "batch_failed"  # the newest assay of the batch it was filled from failed


ALARMS: dict[Alarm, Names] = {
    Alarm.LABEL_FORGED: Names("标签里的防伪签名不对，这个标签可能是仿制的。请核对瓶身钢印，并告诉充装单位。",
                              "The signature in this label is wrong; the label may be an imitation. Compare the stamp, and tell the "
                              "filling company."),
    Alarm.BATCH_FAILED: Names("充进这只瓶的这批气体化验不合格，正在召回。请停止使用，联系充装单位退换。",
                              "The batch of gas in this cylinder failed its assay and is being recalled. Stop using it and have it "
                              "exchanged."),
}  # fmt: skip

HEADLINES: dict[PublicStatus, Names] = {
    PublicStatus.OK: Names("合格", "Safe"),
    PublicStatus.DUE_SOON: Names("即将到期", "Due soon"),
    PublicStatus.DO_NOT_USE: Names("请勿使用", "Do not use"),
    PublicStatus.UNKNOWN: Names("查无此瓶", "Unknown cylinder"),
}


@dataclass(frozen=True, slots=True)
class PublicVerdict:
    """The word and the reasons for it, gravest first; `cautions` say why a cylinder that nothing forbids isn't called safe."""

    status: PublicStatus
    reasons: tuple[Refusal, ...] = ()
    cautions: tuple[Caution, ...] = ()
    alarms: tuple[Alarm, ...] = ()


def public_status(
    cylinder: CylinderFacts | None, label: LabelFacts | None, today: date, alarms: tuple[Alarm, ...] = ()
) -> PublicVerdict:
    """The word for a cylinder on a day (Asia/Shanghai); a label on no cylinder is unknown; an alarm forbids whatever is known.

    Nobody is told "safe" of a cylinder whose next inspection isn't on record: that is due soon, with the caution.
    """
    if label is None:
        return PublicVerdict(PublicStatus.UNKNOWN, (Refusal.UNKNOWN_CODE,))
    if cylinder is None:
        return PublicVerdict(PublicStatus.UNKNOWN, (Refusal.NO_LABEL,))
    reasons = tuple(_reasons(cylinder, label, today))
    if reasons or alarms:
        return PublicVerdict(PublicStatus.DO_NOT_USE, reasons, alarms=alarms)
    if cylinder.next_inspection is None and not cylinder.non_refillable:
        return PublicVerdict(PublicStatus.DUE_SOON, cautions=(Caution.INSPECTION_DATE_UNKNOWN,))
    until = fillable_until(cylinder)
    soon = until is not None and until - today <= DUE_SOON
    return PublicVerdict(PublicStatus.DUE_SOON if soon else PublicStatus.OK)


def _reasons(c: CylinderFacts, label: LabelFacts, today: date) -> list[Refusal]:
    past = {
        Refusal.BEYOND_SERVICE_LIFE: c.end_of_life,
        Refusal.INSPECTION_OVERDUE: c.next_inspection,
        Refusal.VALVE_TOO_OLD: c.valve_end_of_life,
    }
    told = (
        (Refusal.CONDEMNED, c.status is CylinderStatus.SCRAPPED),
        (Refusal.CANCELLED, c.status is CylinderStatus.CANCELLED),
        (Refusal.STOPPED_BY_INSPECTOR, c.stopped),
        (Refusal.LABEL_ON_TWO_CYLINDERS, label.disputed),
        *((refusal, day is not None and day.last_legal_day() < today) for refusal, day in past.items()),
        (Refusal.LABEL_LOST, label.state is LabelState.LOST),
        (Refusal.LABEL_VOID, label.state is LabelState.VOID),
        (Refusal.SUSPENDED, c.status is CylinderStatus.SUSPENDED),
        (Refusal.UNREGISTERED, not c.registered),
    )
    return [refusal for refusal, applies in told if applies]
