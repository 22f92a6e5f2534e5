"""Citizens' reports: what they can be about, where one stands, and who may take it from there to where."""

from __future__ import annotations

import re
from enum import StrEnum

LEAST_WORDS, MOST_WORDS = 5, 1000  # of a report
MOST_ANSWER = 1000
PHONE = re.compile(r"\+?[0-9]{7,15}")
NOBODY = 0  # the tenant of a report that no enterprise may read


class ReportKind(StrEnum):
    """A complaint asks for one's own right; a tip tells of a breach of the rules."""

    COMPLAINT = "complaint"
    TIP = "tip"


class ReportMatter(StrEnum):
    """What it is about."""

    LEAK = "leak"
    OVERDUE = "overdue"
    LABEL = "label"
    ILLEGAL_FILL = "illegal_fill"
    SHORT = "short"
    SERVICE = "service"
    OTHER = "other"


class ReportState(StrEnum):
    """received → accepted or declined; accepted → answered → closed."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ANSWERED = "answered"
    CLOSED = "closed"


class ReportAct(StrEnum):
    """One line of a report's history. TAKEN, PHONE_READ: told to the authority alone; REPLIED: the enterprise's word."""

    TAKEN = "taken"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ANSWERED = "answered"
    CLOSED = "closed"
    REPLIED = "replied"
    PHONE_READ = "phone_read"


MOVES: dict[ReportState, dict[ReportAct, ReportState]] = {
    ReportState.RECEIVED: {
        ReportAct.ACCEPTED: ReportState.ACCEPTED,
        ReportAct.DECLINED: ReportState.DECLINED,
    },
    ReportState.ACCEPTED: {
        ReportAct.ANSWERED: ReportState.ANSWERED,
        ReportAct.CLOSED: ReportState.CLOSED,
    },
    ReportState.ANSWERED: {
        ReportAct.ANSWERED: ReportState.ANSWERED,
        ReportAct.CLOSED: ReportState.CLOSED,
    },
    ReportState.DECLINED: {},
    ReportState.CLOSED: {},
}
TOLD = (
    ReportAct.ACCEPTED,
    ReportAct.DECLINED,
    ReportAct.ANSWERED,
    ReportAct.CLOSED,
    ReportAct.REPLIED,
)  # to the citizen
WORDS: tuple[tuple[StrEnum, str, str], ...] = (
    (ReportKind.COMPLAINT, "投诉", "Complaint"),
    (ReportKind.TIP, "举报", "Tip-off"),
    (ReportMatter.LEAK, "漏气、损坏", "Leak or damage"),
    (ReportMatter.OVERDUE, "超期、报废瓶", "Overdue or scrapped cylinder"),
    (ReportMatter.LABEL, "标签与气瓶不符", "Label doesn't match the cylinder"),
    (ReportMatter.ILLEGAL_FILL, "无证充装、倒气", "Unlicensed filling or decanting"),
    (ReportMatter.SHORT, "短斤缺两", "Short weight"),
    (ReportMatter.SERVICE, "服务、价格", "Service or price"),
    (ReportMatter.OTHER, "其他", "Something else"),
    (ReportState.RECEIVED, "已收到", "Received"),
    (ReportState.ACCEPTED, "已受理", "Accepted"),
    (ReportState.DECLINED, "不予受理", "Not accepted"),
    (ReportState.ANSWERED, "已答复", "Answered"),
    (ReportState.CLOSED, "已办结", "Closed"),
    (ReportAct.TAKEN, "接手", "Taken over"),
    (ReportAct.ACCEPTED, "受理", "Accepted"),
    (ReportAct.DECLINED, "不予受理", "Not accepted"),
    (ReportAct.ANSWERED, "答复", "Answer"),
    (ReportAct.CLOSED, "办结", "Closed"),
    (ReportAct.REPLIED, "充装单位回复", "Company's reply"),
    (ReportAct.PHONE_READ, "查看电话", "Phone number read"),
)


def may(state: ReportState) -> tuple[ReportAct, ...]:
    """What an officer may do next."""
    return tuple(MOVES[state])


def dialled(phone: str) -> str | None:
    """A phone number without its blanks and dashes; None when it can't be one."""
    digits = re.sub(r"[\s()（）-]", "", phone)
    return digits if PHONE.fullmatch(digits) else None


def phone_name(number: str) -> str:
    """The name that a report's phone number is sealed under."""
    return f"report-phone:{number}"
