"""Every word of the report's pages, in both languages side by side; names of kinds and states are the rule's."""

from __future__ import annotations

from enum import StrEnum

from public_lookup.words import Words
from tenants.rules.reports import LEAST_WORDS, MOST_WORDS
from tenants.rules.states import NAMES

TEXTS: dict[str, Words] = {
    "title": Words("投诉举报", "Report a cylinder"),
    "other": Words("English", "中文"),
    "danger": Words("正在漏气？先离开，到室外拨打 119。", "Leaking now? Leave first and call 119 from outside."),
    "code": Words("标签号码", "Label code"),
    "code_hint": Words("17 位数字，可带空格", "17 digits, blanks allowed"),
    "kind": Words("你想要", "What do you want"),
    "complaint": Words("投诉：我的权益受损，要求处理", "Complain: settle my own case"),
    "tip": Words("举报：反映违法违规行为", "Tip off: tell of a breach of the rules"),
    "matter": Words("什么问题", "What is it about"),
    "choose": Words("请选择", "Choose one"),
    "words": Words("经过", "What happened"),
    "words_hint": Words(f"时间、地点、看到了什么；最多 {MOST_WORDS} 字，不要写身份证号",
                        f"When, where and what you saw; at most {MOST_WORDS} characters, no ID numbers"),
    "photo": Words("照片（可不传）", "Photo (optional)"),
    "photo_hint": Words("一张，不超过 8 MB；照片里的位置等信息会被清除", "One, up to 8 MB; its location and other data are removed"),
    "photo_again": Words("请重新选择照片。", "Please choose the photo again."),
    "phone": Words("电话（可不留）", "Phone (optional)"),
    "phone_hint": Words("加密保存，只有办理人员能看到。不留电话，就凭回执查进度。",
                        "Kept encrypted; only the officer in charge sees it. Without it, follow your ticket."),
    "hidden": Words("不让充装单位看到", "Don't show it to the filling company"),
    "hidden_hint": Words("不勾选时，充装单位能看到内容和照片，看不到电话。",
                         "Otherwise the company sees words and photo, never the phone."),
    "trap": Words("此栏请留空", "Leave this empty"),
    "sum": Words("请算一算", "A small sum"),
    "send": Words("提交", "Send"),
    "sent": Words("已收到", "Received"),
    "keep": Words("请保存这个网址或抄下回执号，凭它查进度。不要给别人。",
                  "Keep this address or write the ticket down: it shows how far it is. Don't share it."),
    "ticket": Words("回执号", "Ticket"),
    "follow": Words("已有回执号？查进度", "Have a ticket? See how far it is"),
    "look": Words("查进度", "Look it up"),
    "about": Words("内容", "About"),
    "at": Words("收到时间", "Received"),
    "progress": Words("办理进度", "Progress"),
    "clock": Words("法定期限", "Legal deadline"),
    "until": Words("最迟", "by"),
    "days": Words("个工作日", "working days"),
    "days_hint": Words("按周一至周五计，未扣法定节假日", "Monday to Friday; public holidays not taken off"),
    "past": Words("已超过期限，可拨打 12315 催办。", "This is past its deadline; you may call 12315."),
    "nothing": Words("监管部门还没有处理。", "The authority hasn't decided yet."),
    "authority": Words("监管部门", "Authority"),
    "enterprise": Words("充装单位", "Filling company"),
    "back": Words("返回气瓶查询", "Back to the cylinder"),
    "problems": Words("还没有提交，请改正下面标出的地方。", "Not sent yet: please correct what is marked below."),
    "no_code": Words("标签号码共 17 位数字，请照标签输入。", "A label has 17 digits: type them as on the label."),
    "no_kind": Words("请选择投诉或举报。", "Choose complaint or tip-off."),
    "no_matter": Words("请选择是什么问题。", "Choose what it is about."),
    "no_words": Words(f"请写几句经过，至少 {LEAST_WORDS} 个字。", f"Please say what happened, at least {LEAST_WORDS} characters."),
    "long_words": Words(f"最多 {MOST_WORDS} 个字。", f"At most {MOST_WORDS} characters."),
    "no_phone": Words("电话号码不对：7 到 15 位数字，或留空。", "That isn't a phone number: 7 to 15 digits, or nothing."),
    "too_large": Words("照片太大，请换一张不超过 8 MB 的。", "The photo is too large: choose one up to 8 MB."),
    "not_a_photo": Words("打不开这张照片，请用 JPG、PNG 或 WebP。", "Can't open this photo: use JPG, PNG or WebP."),
    "do_sum": Words("请填写算式的结果，证明不是机器在提交。", "Fill in the result, to show that no machine is sending."),
    "too_old": Words("页面打开太久，已更新，请再提交一次。", "The page was open for too long and has been renewed: please send again."),
    "too_many": Words("提交太频繁", "Too many reports"),
    "too_many_next": Words("请一小时后再试，或直接拨打 12315。", "Try again in an hour, or call 12315."),
    "unknown": Words("查不到这个回执", "No such ticket"),
    "unknown_next": Words("请核对回执号，字母和数字都要输入。", "Check the ticket: all digits and letters are needed."),
    "unavailable": Words("暂时无法提交", "Can't take it just now"),
    "unavailable_next": Words("没有保存，请过几分钟返回上一页再提交。急事请拨打 12315。",
                              "Nothing was kept: go back in a few minutes and send again. If it is urgent call 12315."),
    "body_too_large": Words("照片太大", "Photo too large"),
    "body_too_large_next": Words("没有保存。请返回上一页，换一张不超过 8 MB 的照片。",
                                 "Nothing was kept. Go back and choose a photo up to 8 MB."),
}  # fmt: skip


def text(key: str, language: str) -> str:
    """One text of these pages."""
    return TEXTS[key].in_(language)


def name(value: StrEnum, language: str) -> str:
    """The name of a kind, matter, state or act."""
    return Words(*NAMES[value]).in_(language)
