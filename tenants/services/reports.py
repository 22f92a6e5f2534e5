"""Reports answered: an officer takes one, decides and answers; its enterprise replies. Done in the scope of whoever acts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, Invalid, NotAllowed, NotFound
from tenants.models import Report, ReportAnswer
from tenants.permissions import Actor
from tenants.rules.reports import MOST_ANSWER, MOVES, ReportAct, ReportState, phone_name
from tenants.sentences import say
from tenants.vault import Vault

ENDS = (ReportAct.DECLINED, ReportAct.CLOSED)


def take(session: Session, actor: Actor, report_id: UUID) -> None:
    """Make it this officer's, from nobody or from a colleague; raises Conflict when it is over."""
    report = _locked(session, report_id)
    if not MOVES[ReportState(report.state)]:
        raise Conflict(say("已经办结，不能再处理"))
    if report.officer != actor.username:
        report.officer = actor.username
        _note(session, report, actor, ReportAct.TAKEN, "", uuid4())


def decide(session: Session, actor: Actor, report_id: UUID, act: ReportAct, words: str, ref: UUID) -> None:
    """Accept, decline, answer or close; said twice it is done once.

    Raises NotAllowed for whoever hasn't taken it, Conflict for what can't be done now, Invalid for words that are missing or too long.
    """
    report = _locked(session, report_id)
    if _said_before(session, report.tenant_id, report.id, ref):
        return
    if report.officer != actor.username:
        raise NotAllowed(say("请先接手，再处理"))
    to = MOVES[ReportState(report.state)].get(act)
    if to is None:
        raise Conflict(say("状态已经变化，请刷新后再处理"))
    _check(words)
    now = datetime.now(UTC)
    report.state = to.value
    if act is ReportAct.ACCEPTED:
        report.accepted_at = now
    if act in ENDS:
        report.ended_at = now
    _note(session, report, actor, act, words, ref)


def reply(session: Session, actor: Actor, report_id: UUID, words: str, ref: UUID) -> None:
    """The enterprise's word; it moves nothing. Raises NotFound for another's, Invalid."""
    found = session.execute(
        select(Report.tenant_id, Report.id, Report.district).where(Report.id == report_id)
    ).one_or_none()
    if found is None:
        raise NotFound(say("没有这条投诉举报"))
    if _said_before(session, found.tenant_id, found.id, ref):
        return
    _check(words)
    session.add(
        ReportAnswer(
            tenant_id=found.tenant_id, report_id=found.id, district=found.district, act=ReportAct.REPLIED.value,
            by=actor.username, words=words, client_ref=ref,
        )
    )  # fmt: skip
    session.flush()


def read_phone(session: Session, actor: Actor, report_id: UUID, vault: Vault) -> str:
    """The number, for the officer who has taken the report; noted in the report's history and in the platform's audit."""
    report = _locked(session, report_id)
    if report.officer != actor.username:
        raise NotAllowed(say("只有接手的人员可以查看电话"))
    if report.phone is None:
        raise NotFound(say("没有留下电话"))
    phone = vault.open(phone_name(report.number), report.phone).decode()
    _note(session, report, actor, ReportAct.PHONE_READ, "", uuid4())
    audit.write(session, actor, audit.Action.REPORT_PHONE_READ, report.number, tenant_id=audit.PLATFORM_CHAIN)
    return phone


def handled_by(session: Session, report_id: UUID) -> tuple[str | None, bool]:
    """Who has taken it, and whether a phone number was left; for an authority."""
    row = session.execute(
        select(Report.officer, Report.phone.is_not(None)).where(Report.id == report_id)
    ).one()
    return row[0], bool(row[1])


def _locked(session: Session, report_id: UUID) -> Report:
    report = session.scalars(select(Report).where(Report.id == report_id).with_for_update()).one_or_none()
    if report is None:
        raise NotFound(say("没有这条投诉举报"))
    return report


def _said_before(session: Session, tenant_id: int, report_id: UUID, ref: UUID) -> bool:
    same = exists().where(
        ReportAnswer.tenant_id == tenant_id,
        ReportAnswer.report_id == report_id,
        ReportAnswer.client_ref == ref,
    )
    return bool(session.scalar(select(same)))


def _check(words: str) -> None:
    if not words:
        raise Invalid(fields={"words": say("必填")})
    if len(words) > MOST_ANSWER:
        raise Invalid(fields={"words": say("不能超过 %(most)d 个字", most=MOST_ANSWER)})


def _note(session: Session, report: Report, actor: Actor, act: ReportAct, words: str, ref: UUID) -> None:
    session.add(
        ReportAnswer(
            tenant_id=report.tenant_id, report_id=report.id, district=report.district, act=act.value, by=actor.username,
            words=words, client_ref=ref,
        )
    )  # fmt: skip
    session.flush()
