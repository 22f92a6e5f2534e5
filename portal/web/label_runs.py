"""制签批次: the runs of labels, each with its own page (`label_run_page.py`) where its artwork is made."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.i18n import name_of
from portal.web import names
from portal.web.module import Column, Filter, Module
from tenants.permissions import Actor, Permission
from tenants.queries.label_runs import RunLine, run_list
from tenants.queries.paging import Found, Wanted
from tenants.rules.states import LabelKind

TONES = {"all": "is-ok", "some": "is-run", "none": ""}
MADE = {"all": _l("已制作"), "some": _l("部分制作"), "none": _l("未制作")}


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[RunLine]:
    """A page of runs."""
    return run_list(session, wanted)


def kinds(_session: Session) -> Sequence[tuple[str, str]]:
    """Every kind of label."""
    return [(kind.value, name_of(kind)) for kind in LabelKind]


def range_of(row: RunLine) -> str:
    """The 11-digit codes of a run, first and last serial."""
    return f"{g.person.enterprise}{row.medium_code}{row.first_serial:06d} – {row.last_serial:06d}"


MODULE = Module(
    key="label_runs",
    title=_l("制签批次"),
    icon="qrcode",
    one=_l("制签批次"),
    read=Permission.LABELS_READ,
    write=Permission.LABELS_WRITE,
    columns=(
        Column(key="first_serial", title=_l("编码范围"), show="run_link", plain=range_of),
        Column(
            key="medium_id",
            title=_l("介质"),
            show="medium",
            plain=lambda row: names.medium_name(row.medium_id),
        ),
        Column(key="kind", title=_l("标签种类"), show="name"),
        Column(key="quantity", title=_l("数量"), unit=_l("个"), show="number", sort="quantity", right=True),
        Column(key="bound", title=_l("已绑定"), unit=_l("个"), show="number", right=True),
        Column(
            key="making",
            title=_l("图样"),
            show="making",
            tones=TONES,
            plain=lambda row: str(MADE[row.making]),
        ),
        Column(key="created_at", title=_l("制发时间"), show="time", sort="created_at"),
        Column(key="created_by", title=_l("制发人")),
    ),
    rows=rows,
    filters=(
        Filter(key="medium_code", title=_l("介质代码"), choices=names.medium_code_choices),
        Filter(key="kind", title=_l("标签种类"), choices=kinds),
    ),
    empty=_l("先制发一批标签，再在这里制作图样，交给印刷厂或雕刻厂。"),
    extra="labels/order_link.html",
)
