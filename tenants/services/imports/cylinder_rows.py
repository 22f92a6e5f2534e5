"""Writing imported cylinders and taking them back: a few statements for all rows, each a set.

What is written is what the archive and the label service write one by one: cylinders, labels bound, issue records, events for the
verdict cache. One entry of the audit speaks for the import.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from tenants import events
from tenants.errors import Conflict
from tenants.models import Base, Cylinder, ImportRow, Label, LabelIssue, Tenant
from tenants.models.import_run import RowState
from tenants.permissions import Actor
from tenants.rules.states import CylinderStatus, LabelState, Stage
from tenants.sentences import Sentence, say
from tenants.services.cylinder_form import CylinderForm, columns_of, known_today
from tenants.services.imports.problems import Problem
from tenants.services.imports.template import Hindrance

WRITABLE = (RowState.GOOD.value, RowState.WARNED.value)
REASON = "导入"
_FIELDS = tuple(columns_of(CylinderForm("", "", "")))  # the columns that a form fills
_TABLE = Cylinder.__table__
_ALONGSIDE = {"label", "label_issue", "import_row"}  # what an import writes itself
CHANGED = say("后来改过档案、标签或状态")
BUILT_ON: dict[str, Sentence] = {
    "fill": say("已有充装记录"),
    "fill_check": say("已有检查记录"),
    "violation": say("已有违规记录"),
    "trace_event": say("已有追溯记录"),
    "device_event": say("设备已上报过"),
}
OTHERWISE = say("已有后续记录")


def conflicts(session: Session, run_id: UUID) -> int:
    """Rows that can no longer be written: the cylinder is there by now, its label is used, its kind or medium is gone."""
    named = _named(and_(ImportRow.run_id == run_id, ImportRow.state.in_(WRITABLE)))
    archived = exists().where(Cylinder.serial_no == named.c.serial_no, Cylinder.maker == named.c.maker)
    free = exists().where(Label.code == named.c.label, Label.state == LabelState.ISSUED.value)
    known = known_today(session)
    reload = say("重新上传文件检查一遍")
    found = (
        ("serial_no", archived, say("检查之后，档案中已有了这只气瓶")),
        ("label", and_(named.c.label.is_not(None), ~free), say("检查之后，这个标签已被使用或作废")),
        ("kind_code", named.c.kind_code.not_in(known.kinds), say("检查之后，这个品种已停用")),
        ("medium_id", named.c.medium_id.not_in(known.media), say("检查之后，这个介质已停用")),
    )
    return sum(
        _spoil(session, select(named.c.id).where(gone), Problem(key, said, reload))
        for key, gone, said in found
    )


def _named(wanted: ColumnElement[bool]) -> CTE:
    """What rows name, in the types of the columns it is looked up in.

    Taken out of the JSON first: through row-level security an index serves only a comparison with a plain column, and without
    statistics of rows this fresh the planner would else run over the whole archive once for each of them.
    """
    given = {name: ImportRow.values[name].astext for name in ("serial_no", "kind_code", "medium_id")}
    maker = func.coalesce(ImportRow.values["maker"].astext, "")
    label = cast(ImportRow.values["label"].astext, CHAR(17))
    return (
        select(
            ImportRow.id,
            ImportRow.target_id,
            maker.label("maker"),
            label.label("label"),
            *(value.label(name) for name, value in given.items()),
        )
        .where(wanted)
        .cte("named")
        .prefix_with("MATERIALIZED")
    )


def _spoil(session: Session, gone: Select[UUID], problem: Problem) -> int:
    spoiled = (
        update(ImportRow)
        .where(ImportRow.id.in_(gone))
        .values(
            state=RowState.BAD.value,
            values=null(),
            problems=ImportRow.problems.op("||")(literal([problem.as_json()], JSONB)),
        )
    )
    return int(session.execute(spoiled, execution_options=_AS_IT_IS).rowcount)  # type: ignore[attr-defined]


_AS_IT_IS = {"synchronize_session": False}


def write(session: Session, actor: Actor, run_id: UUID, first: int, last: int) -> int:
    """Write the good rows of a range; raises Conflict when somebody took a label meanwhile."""
    wanted = and_(
        ImportRow.run_id == run_id, ImportRow.row_no.between(first, last), ImportRow.state.in_(WRITABLE)
    )
    district = session.scalars(select(Tenant.district)).one()
    added = session.execute(
        insert(Cylinder).from_select(*_cylinders(wanted, district), include_defaults=False),
        execution_options=_AS_IT_IS,
    )
    labelled = session.scalar(
        select(func.count()).where(wanted, ImportRow.values["label"].astext.is_not(None))
    )
    if labelled and _bind(session, actor, wanted) != labelled:
        raise Conflict(say("有标签刚被别人使用"))
    events.record_selected(session, events.Event.CYLINDER_CHANGED, select(ImportRow.target_id).where(wanted))
    done = update(ImportRow).where(wanted).values(state=RowState.WRITTEN.value, values=null(), cells=[])
    session.execute(done, execution_options=_AS_IT_IS)
    return int(added.rowcount)  # type: ignore[attr-defined]


def _cylinders(wanted: ColumnElement[bool], district: str) -> tuple[list[str], Select[*tuple[Any, ...]]]:
    """The columns of new cylinders and the query that brings their values, typed by the table itself."""
    row = (
        func.jsonb_to_record(ImportRow.values)
        .table_valued(*(column(name, _TABLE.c[name].type) for name in _FIELDS))
        .render_derived(name="given", with_types=True)
    )
    names, chosen = ["id", "district"], [ImportRow.target_id, literal(district)]
    for known in _TABLE.c:
        usual = getattr(known.default, "arg", None)
        if known.name in _FIELDS:
            names.append(known.name)
            chosen.append(
                row.c[known.name]
                if known.nullable or usual is None
                else func.coalesce(row.c[known.name], usual)
            )
        elif known.default is not None and not callable(usual) and known.name not in names:
            names.append(known.name)
            chosen.append(literal(usual, known.type))
    return names, select(*chosen).select_from(ImportRow).join(row, literal(True)).where(wanted)


def _bind(session: Session, actor: Actor, wanted: ColumnElement[bool]) -> int:
    """Bind the labels that rows name, as the label service does: only one that is issued and on no cylinder."""
    named = _named(wanted)
    bound = (
        update(Label)
        .where(Label.code == named.c.label, Label.state == LabelState.ISSUED.value)
        .values(state=LabelState.BOUND.value, cylinder_id=named.c.target_id, bound_at=func.now())
    )
    count = int(session.execute(bound, execution_options=_AS_IT_IS).rowcount)  # type: ignore[attr-defined]
    _remember(session, actor, "bind", select(ImportRow.target_id).where(wanted))
    return count


def _remember(session: Session, actor: Actor, action: str, cylinders: Select[UUID]) -> None:
    """The issue record of every label on these cylinders."""
    rows = select(
        func.gen_random_uuid(),
        Label.id,
        Label.cylinder_id,
        literal(action),
        func.now(),
        literal(actor.username),
        literal(REASON),
    ).where(Label.cylinder_id.in_(cylinders))
    names = ["id", "label_id", "cylinder_id", "action", "at", "by", "reason"]
    session.execute(insert(LabelIssue).from_select(names, rows, include_defaults=False))


def hindrances(session: Session, run_id: UUID, most: int) -> tuple[int, Sequence[Hindrance]]:
    """Cylinders that something was built on since; all of them are locked, so that nothing comes in between."""
    brought = _brought(run_id)
    session.execute(
        select(Cylinder.id)
        .where(Cylinder.id.in_(brought))
        .order_by(Cylinder.id)
        .with_for_update(key_share=False)
    )
    why = _why().subquery()
    found = (
        select(ImportRow.row_no, Cylinder.serial_no, why.c.why)
        .join(Cylinder, and_(Cylinder.tenant_id == ImportRow.tenant_id, Cylinder.id == ImportRow.target_id))
        .join(why, why.c.id == Cylinder.id)
        .where(ImportRow.run_id == run_id, why.c.why.is_not(None))
        .order_by(ImportRow.row_no)
    )
    count = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    some = session.execute(found.limit(most)).all() if count else ()
    return count, [Hindrance(row_no, serial, _sentence(table)) for row_no, serial, table in some]


def _why() -> Select[*tuple[Any, ...]]:
    """For each cylinder the name of the table that has something on it, "" when it was changed itself, NULL when nothing was."""
    changed = or_(
        Cylinder.facts_version > 1,
        Cylinder.row_version > 1,
        Cylinder.stage != Stage.NEW.value,
        Cylinder.status != CylinderStatus.IN_USE.value,
    )
    records = [(exists().where(_same(table)), name) for name, table in tables_about_cylinders()]
    return select(Cylinder.id, case(*records, (changed, ""), else_=null()).label("why"))


def tables_about_cylinders() -> Iterator[tuple[str, Any]]:
    """Every table that speaks of a cylinder, but for those that an import writes itself; a new one is found by its column."""
    for table in Base.metadata.sorted_tables:
        if "cylinder_id" in table.c and table.name not in _ALONGSIDE:
            yield table.name, table


def _same(table: Any) -> ColumnElement[bool]:
    return and_(table.c.tenant_id == Cylinder.tenant_id, table.c.cylinder_id == Cylinder.id)


def _sentence(table: str) -> Sentence:
    return BUILT_ON.get(table, OTHERWISE) if table else CHANGED


def remove(session: Session, actor: Actor, run_id: UUID) -> int:
    """Delete what the import brought; its labels are issued again. Raises Conflict when not everything could be deleted."""
    brought = _brought(run_id)
    wanted = session.scalar(select(func.count()).where(_written(run_id)))
    _remember(session, actor, "release", brought)
    freed = update(Label).where(Label.cylinder_id.in_(brought))
    session.execute(
        freed.values(state=LabelState.ISSUED.value, cylinder_id=None, bound_at=None, uid=None),
        execution_options=_AS_IT_IS,
    )
    events.record_selected(session, events.Event.CYLINDER_CHANGED, brought)
    gone = session.execute(delete(Cylinder).where(Cylinder.id.in_(brought)), execution_options=_AS_IT_IS)
    if gone.rowcount != wanted:  # type: ignore[attr-defined]
        raise Conflict(say("有气瓶刚被修改"))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _written(run_id: UUID) -> ColumnElement[bool]:
    return and_(ImportRow.run_id == run_id, ImportRow.state == RowState.WRITTEN.value)


def _brought(run_id: UUID) -> Select[UUID]:
    return select(ImportRow.target_id).where(_written(run_id))
