"""Every reason for which the valve is shut, and how a fill may have ended, in both languages. A code is never renamed."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Why(StrEnum):
    """Why the valve is shut, or why a fill ended."""

    # how a fill ends well
    FULL = "full"
    NO_FLOW = "no_flow"
    BY_HAND = "by_hand"
    # nothing to do
    WAITING = "waiting"
    # the portal
    BLOCKED = "blocked"
    NO_ANSWER = "no_answer"
    NOT_KNOWN_TO_PORTAL = "not_known_to_portal"
    PERMISSION_OVER = "permission_over"
    # the tag
    TAG_GONE = "tag_gone"
    TAG_CHANGED = "tag_changed"
    READER_LOST = "reader_lost"
    # the scale
    SCALE_SILENT = "scale_silent"
    SCALE_UNSTABLE = "scale_unstable"
    SCALE_OVERLOAD = "scale_overload"
    SCALE_NEGATIVE = "scale_negative"
    SCALE_UNIT = "scale_unit"
    SCALE_NET = "scale_net"
    SCALE_EMPTY = "scale_empty"
    ALREADY_FULL = "already_full"
    WEIGHT_FELL = "weight_fell"
    # the valve
    VALVE_LOST = "valve_lost"
    VALVE_STAYS_SHUT = "valve_stays_shut"
    VALVE_STAYS_OPEN = "valve_stays_open"
    TOO_LONG = "too_long"
    # the agent itself
    INTERRUPTED = "interrupted"
    STALLED = "stalled"
    DISK_FULL = "disk_full"
    STORE_BROKEN = "store_broken"
    NOT_SAVED = "not_saved"


class Said(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """The sentence in `zh` or `en`."""
        return self.en if language == "en" else self.zh


SENTENCES: dict[Why, Said] = {
    Why.FULL: Said("已充到目标量，阀门已关", "Filled to the target; the valve is shut"),
    Why.NO_FLOW: Said("重量不再增加，阀门已关", "The weight no longer rises; the valve is shut"),
    Why.BY_HAND: Said("人工停止，阀门已关", "Stopped by hand; the valve is shut"),
    Why.WAITING: Said("请放瓶并扫码", "Put a cylinder on the scale and scan it"),
    Why.BLOCKED: Said("平台判定不可充装", "The portal says: don't fill"),
    Why.NO_ANSWER: Said("平台无应答，不能充装", "No answer from the portal; no fill"),
    Why.NOT_KNOWN_TO_PORTAL: Said(
        "平台不认可本设备（令牌或岗位），不能充装",
        "The portal doesn't accept this device (token or role); no fill",
    ),
    Why.PERMISSION_OVER: Said("判定已过期，请重新扫码", "The verdict is too old; scan again"),
    Why.TAG_GONE: Said("标签读不到了，阀门已关", "The tag is gone; the valve is shut"),
    Why.TAG_CHANGED: Said("换成了另一个标签，阀门已关", "Another tag is here; the valve is shut"),
    Why.READER_LOST: Said("读写器断开", "The tag reader doesn't answer"),
    Why.SCALE_SILENT: Said("秤没有数据", "The scale says nothing"),
    Why.SCALE_UNSTABLE: Said("秤不稳定", "The scale doesn't come to rest"),
    Why.SCALE_OVERLOAD: Said("秤超载", "The scale is overloaded"),
    Why.SCALE_NEGATIVE: Said("秤显示负数，请清零", "The scale shows less than nothing; set it to zero"),
    Why.SCALE_UNIT: Said("秤的单位不是千克", "The scale doesn't show kilograms"),
    Why.SCALE_NET: Said("秤在显示净重，请取消去皮", "The scale shows a net weight; clear its tare"),
    Why.SCALE_EMPTY: Said("秤上没有气瓶", "There is no cylinder on the scale"),
    Why.ALREADY_FULL: Said("瓶内已有气，无需再充", "There is gas in it already; nothing to fill"),
    Why.WEIGHT_FELL: Said("充装中重量减少，阀门已关", "The weight fell during the fill; the valve is shut"),
    Why.VALVE_LOST: Said("阀门控制器断开", "The valve's controller doesn't answer"),
    Why.VALVE_STAYS_SHUT: Said("阀门打不开", "The valve doesn't open"),
    Why.VALVE_STAYS_OPEN: Said(
        "阀门关不上！请立即手动关闭气源", "The valve doesn't shut! Close the supply by hand now"
    ),
    Why.TOO_LONG: Said("充装时间过长，阀门已关", "The fill took too long; the valve is shut"),
    Why.INTERRUPTED: Said(
        "上次充装中断（断电或程序退出），已按最后重量记录",
        "The last fill was cut short (power or program); recorded with its last weight",
    ),
    Why.STALLED: Said("程序停顿，阀门已关", "The program stalled; the valve is shut"),
    Why.DISK_FULL: Said("磁盘已满，无法留存记录，不能充装", "The disk is full and keeps no record; no fill"),
    Why.STORE_BROKEN: Said(
        "本机记录库损坏，不能充装；请用 --set-aside 移开后重启",
        "The records of this machine are damaged; no fill. Move them with --set-aside and start again",
    ),
    Why.NOT_SAVED: Said("充装记录尚未保存，请勿断电", "A fill isn't saved yet; don't switch off"),
}


class Phase(StrEnum):
    """Where the station is in its round."""

    IDLE = "idle"
    ASKING = "asking"
    TARING = "taring"
    FILLING = "filling"
    SETTLING = "settling"
    OVER = "over"


PHASES: dict[Phase, Said] = {
    Phase.IDLE: Said("待机", "Idle"),
    Phase.ASKING: Said("查询中", "Asking"),
    Phase.TARING: Said("称皮重", "Weighing the cylinder"),
    Phase.FILLING: Said("充装中", "Filling"),
    Phase.SETTLING: Said("称毛重", "Weighing what is in it"),
    Phase.OVER: Said("结束，请取下气瓶", "Over; take the cylinder away"),
}
