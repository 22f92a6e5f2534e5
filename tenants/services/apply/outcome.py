"""What became of one event, and the sentences that say so in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Outcome:
    """`applied`, `refused` (a rule said no; it is on record) or `rejected` (can't be understood or isn't this enterprise's)."""

    state: str
    refusals: tuple[str, ...] = ()
    code: str = ""
    zh: str = ""
    en: str = ""
    cylinder_id: UUID | None = None


class Rejected(Exception):
    """The event can't be applied and never will be; the reason is for the person who sent it."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.outcome = Outcome("rejected", code=code, zh=zh, en=en)


def malformed_code(reason: str) -> Rejected:
    """The scan is no cylinder code."""
    return Rejected(
        "malformed_code",
        f"扫到的不是气瓶编码({reason})",
        f"What was scanned is not a cylinder code ({reason})",
    )


def unknown_label(code: str) -> Rejected:
    """No such label in this enterprise; another's looks the same."""
    return Rejected("unknown_label", f"本单位没有标签 {code}", f"This enterprise has no label {code}")


def no_cylinder(code: str) -> Rejected:
    """The label is known and stands on no cylinder."""
    return Rejected(
        "label_not_bound", f"标签 {code} 尚未绑定气瓶", f"Label {code} is not bound to a cylinder"
    )


def bad_data(detail: str) -> Rejected:
    """A field of `data` can't be used."""
    return Rejected("bad_data", f"数据有误：{detail}", f"The data can't be used: {detail}")


def chip_in_use() -> Rejected:
    """The chip stands on another label."""
    return Rejected("chip_in_use", "该芯片已在另一标签上使用", "This chip is in use on another label")
