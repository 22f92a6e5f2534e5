"""Everything that can be wrong with a tag: one line each, with how grave it is and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Part(StrEnum):
    """What a flaw is about."""

    MESSAGE = "message"
    URL = "url"
    BASE = "base"
    FILL = "fill"
    FINDINGS = "findings"
    PRIVATE = "private"
    COUNTER = "counter"


class Fault(StrEnum):
    """What is wrong; the value is public: retired, never renamed."""

    FOREIGN_CHIP = "foreign_chip"
    ROLLED_BACK = "rolled_back"
    FORKED = "forked"
    COUNTER_BACK = "counter_back"
    ALTERED = "altered"
    CODE_MISMATCH = "code_mismatch"
    CHAIN_SPLICED = "chain_spliced"
    CHAIN_DROPPED = "chain_dropped"
    CHAIN_REORDERED = "chain_reordered"
    KEY_REVOKED = "key_revoked"
    KEY_EXPIRED = "key_expired"
    KEY_UNKNOWN = "key_unknown"
    KEY_NOT_FOR_THIS = "key_not_for_this"
    UNKNOWN_VERSION = "unknown_version"
    MALFORMED = "malformed"
    CUT_SHORT = "cut_short"
    EMPTY = "empty"
    TORN = "torn"
    NOT_CHECKED = "not_checked"


class Gravity(IntEnum):
    """NOTE: for information. UNSURE: the part can't be checked here. REPAIR: believe the rest and write the tag again.
    REFUSE: don't believe the tag."""

    NOTE = 0
    UNSURE = 1
    REPAIR = 2
    REFUSE = 3


class Meaning(NamedTuple):
    """What people are told."""

    gravity: Gravity
    zh: str
    en: str


MEANINGS: dict[Fault, Meaning] = {
    Fault.FOREIGN_CHIP: Meaning(Gravity.REFUSE, "内容属于另一芯片，疑似复制标签", "Copied from another chip"),
    Fault.ROLLED_BACK: Meaning(Gravity.REFUSE, "标签数据被回退", "An older content was written back"),
    Fault.FORKED: Meaning(
        Gravity.REFUSE, "与本机见过的同号内容不同", "Another content under a number seen before"
    ),
    Fault.COUNTER_BACK: Meaning(
        Gravity.REFUSE, "芯片计数倒退，疑似复制芯片", "The chip's own counter went back"
    ),
    Fault.ALTERED: Meaning(
        Gravity.REFUSE, "签名不符，内容被改动或损坏", "The signature doesn't hold: altered or damaged"
    ),
    Fault.CODE_MISMATCH: Meaning(
        Gravity.REFUSE, "网址中的编码与签名内容不符", "The address names another code than what was signed"
    ),
    Fault.CHAIN_SPLICED: Meaning(
        Gravity.REFUSE, "监察记录前后不相接", "A finding doesn't follow the one before it"
    ),
    Fault.CHAIN_DROPPED: Meaning(Gravity.REFUSE, "监察记录缺失", "A finding is missing"),
    Fault.CHAIN_REORDERED: Meaning(Gravity.REFUSE, "监察记录次序不对", "A finding stands in another's place"),
    Fault.KEY_REVOKED: Meaning(
        Gravity.REFUSE, "签名密钥已吊销，请联网核实", "The key was revoked; ask the server"
    ),
    Fault.KEY_EXPIRED: Meaning(
        Gravity.REFUSE, "签名密钥不在有效期", "The key wasn't valid then, or isn't any more"
    ),
    Fault.KEY_UNKNOWN: Meaning(
        Gravity.REFUSE, "签名密钥未知，请更新密钥目录", "Unknown key; fetch the key ring"
    ),
    Fault.KEY_NOT_FOR_THIS: Meaning(Gravity.REFUSE, "该密钥无权签署此内容", "This key may not sign this"),
    Fault.UNKNOWN_VERSION: Meaning(
        Gravity.REFUSE, "标签版本未知，请更新程序", "Unknown version; update the program"
    ),
    Fault.MALFORMED: Meaning(Gravity.REFUSE, "不是本系统的标签内容", "Not a tag of this layout"),
    Fault.CUT_SHORT: Meaning(Gravity.REFUSE, "标签内容不完整", "The content is cut short"),
    Fault.EMPTY: Meaning(Gravity.REFUSE, "标签为空，可能写入中断", "Empty; perhaps a write was torn"),
    Fault.TORN: Meaning(
        Gravity.REPAIR, "上次写入中断，标签待修复", "The last write was torn; write the tag again"
    ),
    Fault.NOT_CHECKED: Meaning(Gravity.NOTE, "没有密钥，未核对", "Not checked for want of a key"),
}


UNSURE = (Fault.KEY_UNKNOWN, Fault.KEY_EXPIRED, Fault.KEY_REVOKED)
NOT_VERIFIED = (Fault.KEY_UNKNOWN, Fault.KEY_NOT_FOR_THIS)  # nobody looked at the signature


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with one part; `at` is the number of the finding or slot where there are several."""

    part: Part
    fault: Fault
    at: int | None = None

    @property
    def gravity(self) -> Gravity:
        """How grave it is. A fill or finding by a key that isn't in the ring may be another enterprise's, and one by a lost device
        may be true: both wait for the server. A private block is nobody's safety."""
        grave = MEANINGS[self.fault].gravity
        mild = self.part is Part.PRIVATE or (self.part is not Part.BASE and self.fault in UNSURE)
        return min(grave, Gravity.UNSURE) if mild else grave
