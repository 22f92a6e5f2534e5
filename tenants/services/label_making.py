"""What a person does with the artwork of a run: has it made, stops that, fetches the file; and writes down what was spoilt.

A part of a run is made once. The file may be fetched as often as needed, each time on record; but once it has left the house nobody
may have it made anew: the same number could then hang on two cylinders. A number is never made whose label is bound, lost or void.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants import audit, events
from tenants.artwork.drawing import Text, title
from tenants.artwork.typeface import typeface
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Label, LabelFile, LabelMaking, LabelRun, Medium, Tenant
from tenants.permissions import Actor
from tenants.rules.label_layouts import BLACK, WHITE, colour_or
from tenants.rules.label_parts import part_of, parts_of
from tenants.rules.label_words import MakingState, Spoilt
from tenants.rules.states import NAMES, LabelState
from tenants.sentences import say
from tenants.services.labels import remember

LONGEST_NOTE = 200


def get_run(session: Session, run_id: UUID) -> LabelRun:
    """The enterprise's run; raises NotFound for another's as for none."""
    run = session.scalars(select(LabelRun).where(LabelRun.id == run_id)).one_or_none()
    if run is None:
        raise NotFound(say("没有这批标签"))
    return run


def get_making(session: Session, making_id: UUID, *, lock: bool = False) -> LabelMaking:
    """The enterprise's making; raises NotFound."""
    wanted = select(LabelMaking).where(LabelMaking.id == making_id).execution_options(populate_existing=lock)
    making = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if making is None:
        raise NotFound(say("没有这次制作"))
    return making


def printed_text(session: Session, medium_id: str) -> Text:
    """What labels of the scope's enterprise and this medium have in common; a medium without colours gets black on white."""
    short, full = session.execute(select(Tenant.short_name, Tenant.name)).one()
    medium = session.scalars(
        select(Medium).where(Medium.key == medium_id, Medium.valid_to.is_(None))
    ).one_or_none()
    if medium is None:
        return Text(title(short or full, medium_id), WHITE, BLACK)
    name = title(short or full, medium.name_zh)
    return Text(name, colour_or(medium.colour_hex, WHITE), colour_or(medium.lettering_hex, BLACK))


def order_making(session: Session, actor: Actor, run_id: UUID, part: int = 1) -> LabelMaking:
    """Have the files of a part made; raises Conflict when it was made before or nothing is left to make, Invalid for a part that isn't."""
    run = get_run(session, run_id)
    if not 1 <= part <= parts_of(run.quantity):
        raise Invalid(fields={"part": say("没有这一册")})
    typeface()  # raises Unavailable before anything is promised
    first, quantity = part_of(run.first_serial, run.quantity, part)
    if not labels_to_make(session, run, first, quantity):
        raise Conflict(say("没有待绑定的标签可制作"))
    making = LabelMaking(
        run_id=run.id,
        part=part,
        first_serial=first,
        quantity=quantity,
        name=printed_text(session, run.medium_id).name,
        created_by=actor.username,
    )
    try:
        with session.begin_nested():
            session.add(making)
    except IntegrityError:  # the database knows of the other one, whoever asked at the same moment
        raise Conflict(say("这批标签已制作过，编号不能重复制作")) from None
    audit.write(session, actor, audit.Action.LABELS_MADE, str(run.id), part=part, quantity=quantity)
    events.record(session, events.Event.LABELS_WAIT, making.id)
    return making


def labels_to_make(session: Session, run: LabelRun, first: int, quantity: int) -> Sequence[str]:
    """The codes of these serials whose labels wait for a cylinder, in order."""
    wanted = (
        select(Label.code)
        .where(Label.run_id == run.id, Label.state == LabelState.ISSUED.value)
        .where(func.right(Label.code, 6).between(f"{first:06d}", f"{first + quantity - 1:06d}"))
        .order_by(Label.code)
    )
    return session.scalars(wanted).all()


def cancel_making(session: Session, actor: Actor, making_id: UUID) -> LabelMaking:
    """Stop the work, or give up a file that nobody has fetched; raises Conflict when it has left the house or is over."""
    making = get_making(session, making_id, lock=True)
    state = MakingState(making.state)
    if state is MakingState.QUEUED and making.phase_at is not None:
        making.cancel_at = func.now()  # the worker sees it
    elif state is MakingState.QUEUED or (state is MakingState.DONE and not making.fetched):
        making.state = MakingState.CANCELLED.value
    elif state is MakingState.DONE:
        raise Conflict(say("文件已下载过，不能取消；做坏的标签请登记作废"))
    else:
        raise Conflict(say("这次制作已经结束"))
    audit.write(
        session, actor, audit.Action.LABELS_MADE, str(making.run_id), part=making.part, cancelled=True
    )
    session.flush()
    return making


def fetch_file(session: Session, actor: Actor, making_id: UUID) -> tuple[LabelMaking, bytes]:
    """The packed files, and a note of who took them; raises Conflict when there are none."""
    making = get_making(session, making_id, lock=True)
    if making.state != MakingState.DONE.value:
        raise Conflict(say("文件还没有做好"))
    if making.swept_at is not None:
        raise Conflict(say("文件已过保存期"))
    pieces = session.scalars(
        select(LabelFile.content).where(LabelFile.making_id == making.id).order_by(LabelFile.piece)
    )
    content = b"".join(pieces)
    making.fetched += 1
    making.fetched_at = func.now()
    audit.write(
        session, actor, audit.Action.LABELS_FETCHED, str(making.run_id), part=making.part, time=making.fetched
    )
    session.flush()
    return making, content


def record_spoilt(
    session: Session, actor: Actor, run_id: UUID, serials: Sequence[int], why: Spoilt, note: str = ""
) -> int:
    """These numbers were spoilt in the making: their labels are void for good. All of them or none; returns how many."""
    run = get_run(session, run_id)
    last = run.first_serial + run.quantity - 1
    outside = [serial for serial in serials if not run.first_serial <= serial <= last]
    if outside:
        raise Invalid(fields={"serials": say("%(serial)s 不在这批标签中", serial=outside[0])})
    tails = [f"{serial:06d}" for serial in serials]
    labels = session.scalars(
        select(Label)
        .where(Label.run_id == run.id, func.right(Label.code, 6).in_(tails))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    used = sorted(label.code[-6:] for label in labels if label.state != LabelState.ISSUED.value)
    if used:
        raise Invalid(fields={"serials": say("%(serial)s 已绑定或已作废，不能登记为做坏", serial=used[0])})
    for label in labels:
        label.state = LabelState.VOID.value
    reason = "：".join(filter(None, (NAMES[why].zh, note.strip()[:LONGEST_NOTE])))
    remember(session, actor, labels, "spoil", reason)
    audit.write(session, actor, audit.Action.LABELS_SPOILT, str(run.id), count=len(labels), why=why.value)
    return len(labels)
