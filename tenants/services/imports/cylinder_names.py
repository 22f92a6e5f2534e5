"""What people call kinds of cylinder and media, and which of the archive's keys that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.models import InspectionCycle, Medium, MediumCode
from tenants.rules.vessels import KINDS

# Words that name several kinds: the usual one is taken, and that is said.
LOOSE_KINDS = {"无缝气瓶": "2310", "焊接气瓶": "2320", "液化石油气瓶": "2320LPG", "液化气瓶": "2320LPG", "低温绝热气瓶": "23T0DPL",
               "杜瓦瓶": "23T0DPL"}  # fmt: skip
OTHER_KINDS = {"乙炔瓶": "23T0C2H2", "乙炔气瓶": "23T0C2H2", "钢瓶集束装置": "BUNDLE", "集装格": "BUNDLE"}
OTHER_MEDIA = {"氧气": "O2", "氮气": "N2", "氩气": "AR", "氦气": "HE", "氢气": "H2", "乙炔": "C2H2", "液化石油气": "LPG", "液化气": "LPG",
               "医用氧气": "O2M", "压缩空气": "AIR", "氨": "NH3", "氨气": "NH3", "氯气": "CL2", "笑气": "N2O"}  # fmt: skip


def plain_name(said: str) -> str:
    """A name with wide brackets, without blanks, in one case; its remark in brackets stays, because it may make another kind."""
    return said.replace("(", "（").replace(")", "）").replace(" ", "").lower()


def kinds_by_name(session: Session) -> dict[str, str]:
    """Every name of a kind in force, plain, with its code."""
    known: dict[str, str] = {}
    for code, name in _kinds(session).items():
        known |= {plain_name(one): code for one in (code, name, *KINDS.get(code, ()))}
    return known | {name: code for name, code in OTHER_KINDS.items() if code in known.values()}


def media_by_name(session: Session) -> dict[str, str]:
    """Every name of a medium, plain, and the enterprise's own codes, with its key; whether it may be used is the form's business."""
    known = dict(OTHER_MEDIA)
    media = select(Medium.key, Medium.name_zh, Medium.name_en).where(Medium.valid_to.is_(None))
    for key, zh, en in session.execute(media):
        known |= {plain_name(one): key for one in (key, zh, en)}
    return known | dict(_own(session))


def choices(session: Session) -> Mapping[str, Sequence[str]]:
    """What the template offers: kinds, the enterprise's media, ownership; as people call them in Chinese."""
    names = select(Medium.key, Medium.name_zh).where(Medium.valid_to.is_(None))
    named = {row.key: row.name_zh for row in session.execute(names)}
    kinds = [KINDS[code].zh if code in KINDS else name for code, name in _kinds(session).items()]
    media = list(dict.fromkeys(named.get(key, key) for _, key in _own(session)))
    return {"kind_code": kinds, "medium_id": media, "ownership": ["自有", "托管", "外来"]}


def _kinds(session: Session) -> dict[str, str]:
    found = (
        select(InspectionCycle.kind_code, InspectionCycle.kind_zh)
        .where(InspectionCycle.valid_to.is_(None), InspectionCycle.kind_code != "*")
        .distinct()
        .order_by(InspectionCycle.kind_code)
    )
    return {row.kind_code: row.kind_zh for row in session.execute(found)}


def _own(session: Session) -> list[tuple[str, str]]:
    own = select(MediumCode.code, MediumCode.medium_id).where(MediumCode.retired_at.is_(None))
    return [(row.code, row.medium_id) for row in session.execute(own.order_by(MediumCode.code))]
