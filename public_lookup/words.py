"""Every word of the citizen's page, in both languages side by side."""

from __future__ import annotations

from typing import NamedTuple

from tenants.rules.refusal import REASONS, Refusal
from tenants.rules.states import LabelState

LANGUAGES = ("zh", "en")


class Words(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """The text in one of LANGUAGES."""
        return self.en if language == "en" else self.zh


class Face(NamedTuple):
    """How an answer looks: colour class, sign, word, and what to do next."""

    tone: str
    sign: str
    word: Words
    next: tuple[Words, ...]


_KEEP_AWAY = Words(
    "先不要使用，关紧瓶阀，移到室外通风处。不要自行放气或拆卸。",
    "Don't use it. Close the valve and keep it outdoors with fresh air. Don't empty it or take it apart.",
)
_HOTLINE = Words(
    "有危险拨打 119，投诉举报拨打 12315。", "In danger call 119. To complain or report call 12315."
)
_STAMP = Words(
    "请核对瓶身钢印编号与下面的「瓶号」一致。",
    "Check that the number stamped on the cylinder is the one below.",
)

FACES: dict[str, Face] = {
    "ok": Face("ok", "✓", Words("合格", "OK to use"), (_STAMP,)),
    "due_soon": Face(
        "due", "!", Words("即将到期", "Due soon"),
        (Words("现在还能用。到期后不能再充装，请提前联系充装单位送检或换瓶。",
               "You may still use it. It can't be refilled after the date: ask the filling company to inspect or exchange it."),
         _STAMP),
    ),
    "do_not_use": Face(
        "stop", "✕", Words("请勿使用", "Do not use"),
        (_KEEP_AWAY, Words("请联系下面的充装单位退换。", "Ask the filling company below to exchange it."), _HOTLINE),
    ),
    "unknown": Face(
        "none", "?", Words("查无此瓶", "Not found"),
        (Words("请与标签核对号码，有错就在下面改正后再查。", "Compare the code with the label and correct it below."),
         Words("号码没错仍查不到：这只瓶可能没有登记，先不要使用，并向卖方问清来源。",
               "If the code is right, this cylinder may not be registered: don't use it yet, and ask the seller where it comes from."),
         _HOTLINE),
    ),
    "malformed": Face(
        "none", "?", Words("号码不完整", "Check the code"),
        (Words("标签号码共 17 位数字。请照标签在下面输入，空格不影响。",
               "A label has 17 digits. Type them in below as on the label; blanks don't matter."),),
    ),
    "too_many": Face(
        "none", "!", Words("查询太频繁", "Too many lookups"),
        (Words("请等一分钟再查。多人共用同一网络时也会这样。", "Wait a minute and try again. A shared network can cause this too."),),
    ),
    "unavailable": Face(
        "none", "!", Words("暂时无法查询", "Can't answer just now"),
        (Words("系统正在恢复，请过几分钟再查。查到结果之前，请按「请勿使用」对待。",
               "We are restoring the service; come back in a few minutes. Until then treat the cylinder as not to be used."),),
    ),
}  # fmt: skip

TEXTS: dict[str, Words] = {
    "title": Words("气瓶安全查询", "Gas cylinder check"),
    "other": Words("English", "中文"),
    "next": Words("怎么办", "What to do"),
    "reasons": Words("原因", "Why"),
    "facts": Words("气瓶信息", "About this cylinder"),
    "code": Words("标签号码", "Label code"),
    "report": Words("投诉举报", "Report a problem"),
    "again": Words("查另一只", "Look up another"),
    "retry": Words("再查一次", "Try again"),
    "correct": Words("更正号码", "Correct the code"),
    "look_up": Words("查询", "Look up"),
    "hint": Words("17 位数字，可带空格", "17 digits, blanks allowed"),
    "checked_at": Words("查询时间", "Checked at"),
    "clock": Words("北京时间", "China time"),
    "status": Words("状态以查询时为准，打印件不代替实时查询。", "True at the time of the check; a printout doesn't replace looking it up."),
    "enterprise": Words("充装单位", "Filled by"),
    "licence_no": Words("充装许可证号", "Filling licence no."),
    "phone": Words("电话", "Phone"),
    "medium": Words("介质", "Gas"),
    "serial_no": Words("瓶号", "Cylinder no."),
    "maker": Words("制造单位", "Made by"),
    "made_on": Words("制造日期", "Made"),
    "last_inspection_on": Words("上次检验", "Last inspected"),
    "next_inspection_on": Words("检验有效期至", "Inspection valid to"),
    "end_of_life_on": Words("使用年限至", "Service life ends"),
    "last_fill_at": Words("最近充装", "Last filled"),
    "last_fill_kg": Words("充装量", "Filled with"),
    "none": Words("无记录", "Not recorded"),
    "batch": Words("气体批次", "Batch of gas"),
    "assay": Words("批次化验", "Assay of the batch"),
    "assay_passed": Words("合格", "passed"),
    "assay_failed": Words("不合格", "failed"),
    "tare": Words("瓶重（皮重）", "Empty weight"),
    "label": Words("标签真伪", "Label"),
    "genuine": Words("防伪签名正确", "Its signature is genuine"),
    "large": Words("大字", "Large type"),
    "normal": Words("标准字", "Normal type"),
    "aloud": Words("读给我听", "Read aloud"),
    "quiet": Words("停止朗读", "Stop reading"),
    "stamp_where": Words("钢印在哪里", "Where the stamp is"),
    "stamp_what": Words("瓶号和日期打在瓶肩或护罩上。瓶号要和上面的「瓶号」一个字不差；对不上就不要用。",
                        "The number and the dates are stamped on the shoulder or the collar. The number must be the one above; "
                        "if not, don't use it."),
    "calendar": Words("到期提醒（存入日历）", "Remind me (calendar)"),
    "privacy": Words("扫码会留下什么", "What a scan leaves behind"),
}  # fmt: skip


def text(key: str, language: str) -> str:
    """One text of the page."""
    return TEXTS[key].in_(language)


# What a state of the label means for somebody who stands before the cylinder.
MEANINGS: dict[Refusal | LabelState, Words] = {
    LabelState.ISSUED: Words("这个标签已经制发，但没有登记在任何气瓶上。", "This label was made but isn't registered on any cylinder."),
    LabelState.LOST: Words("这个标签已经挂失，从未登记在气瓶上。", "This label was reported lost and never registered on a cylinder."),
    LabelState.VOID: Words("这个标签已经作废，不属于任何气瓶。", "This label is void and belongs to no cylinder."),
    Refusal.LABEL_LOST: Words("它原来所在的气瓶可能不是这一只。", "The cylinder it belonged to may not be this one."),
    Refusal.LABEL_VOID: Words("气瓶上应有另一个有效标签。", "The cylinder should carry another label in force."),
    Refusal.LABEL_ON_TWO_CYLINDERS: Words("其中一只的标签不真，请核对瓶身钢印。", "One of them isn't genuine: compare the stamp."),
}  # fmt: skip


NO_SUCH_CODE = Words("没有任何单位登记过这个号码。", "No company has registered this code.")


def explained(refusal: Refusal, unbound: LabelState | None = None) -> tuple[str, str]:
    """A reason in both languages, with what it means to a citizen; `unbound` is the state of a label on no cylinder."""
    if unbound is not None:
        return MEANINGS[unbound]
    reason, more = REASONS[refusal], MEANINGS.get(refusal)
    if more is None:
        return f"{reason.sentence_zh}。", f"{reason.sentence_en}."
    return f"{reason.sentence_zh}。{more.zh}", f"{reason.sentence_en}. {more.en}"
