"""The closed lists of the domain, each value with its names. A value is stored and sent; it is never renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from tenants.rules import label_words, reports


class Names(NamedTuple):
    """What people read."""

    zh: str
    en: str


class NameTable(Mapping[StrEnum, Names]):
    """Names by value; equal texts of two lists (a suspended cylinder, a suspended licence) are told apart by the list."""

    def __init__(self, *pairs: tuple[StrEnum, Names]) -> None:
        self._pairs = {(type(value), value.value): (value, names) for value, names in pairs}

    def __getitem__(self, value: StrEnum) -> Names:
        return self._pairs[type(value), value.value][1]

    def __iter__(self) -> Iterator[StrEnum]:
        return (value for value, _ in self._pairs.values())

    def __len__(self) -> int:
        return len(self._pairs)


class LabelState(StrEnum):
    """Where a label is in its life: issued → bound → lost or void."""

    ISSUED = "issued"
    BOUND = "bound"
    LOST = "lost"
    VOID = "void"


class LabelKind(StrEnum):
    """What a label is made of."""

    METAL = "metal"
    METAL_COLLAR = "metal_collar"
    CERAMIC = "ceramic"
    NYLON_COLLAR = "nylon_collar"
    PAINTED_STEEL = "painted_steel"
    HEXAGON_RFID = "hexagon_rfid"
    RING_RFID = "ring_rfid"
    SEAL_RFID = "seal_rfid"


class CylinderStatus(StrEnum):
    """Whether a cylinder may be used at all."""

    IN_USE = "in_use"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    SCRAPPED = "scrapped"


class Stage(StrEnum):
    """Where a cylinder is in its round."""

    NEW = "new"
    EMPTY_STORED = "empty_stored"
    CHECKED = "checked"
    FULL_STORED = "full_stored"
    OUT = "out"
    DELIVERED = "delivered"
    RECOVERED = "recovered"
    AT_INSPECTION = "at_inspection"
    AT_REPAIR = "at_repair"
    OUT_OF_USE = "out_of_use"


class Ownership(StrEnum):
    """Whose cylinder it is, seen from the enterprise that has it in its archive."""

    OWN = "own"
    ENTRUSTED = "entrusted"
    FOREIGN = "foreign"


class LicenceState(StrEnum):
    """What the authority says of a filling licence."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class TenantStatus(StrEnum):
    """Whether an enterprise may work on the platform."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class EventKind(StrEnum):
    """What a device can report."""

    BIND_LABEL = "bind_label"
    TAKE_IN = "take_in"
    CHECK_BEFORE_FILL = "check_before_fill"
    FILL = "fill"
    CHECK_AFTER_FILL = "check_after_fill"
    SEND_TO_INSPECTION = "send_to_inspection"
    INSPECT = "inspect"
    REPAIR = "repair"
    STORE_IN = "store_in"
    STORE_OUT = "store_out"
    DELIVER = "deliver"
    RECOVER = "recover"
    SCRAP = "scrap"
    FINDING = "finding"
    TAG_WRITTEN = "tag_written"


class CustomerKind(StrEnum):
    """Whether a customer is a household or a firm."""

    PERSON = "person"
    COMPANY = "company"


class CustomerState(StrEnum):
    """Whether a customer is still supplied."""

    ACTIVE = "active"
    CLOSED = "closed"


class OrderState(StrEnum):
    """How far the delivery of an order is; the moves are in `errands.py`."""

    WAITING = "waiting"
    OUT = "out"
    DELIVERED = "delivered"


class RecoveryState(StrEnum):
    """How far the collection of empty cylinders is; the moves are in `errands.py`."""

    TO_CONFIRM = "to_confirm"
    COLLECTING = "collecting"
    DONE = "done"


class PlaceState(StrEnum):
    """Whether a warehouse or station is in use."""

    OPEN = "open"
    CLOSED = "closed"


class ImportState(StrEnum):
    """Where an import is: read and checked, applied when a person has chosen, and perhaps taken back."""

    QUEUED = "queued"
    CHECKED = "checked"
    APPROVED = "approved"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    FAILED = "failed"


class ImportMode(StrEnum):
    """What is to become of the good rows when there are bad ones."""

    ALL = "all"
    GOOD = "good"


class Role(StrEnum):
    """What a person or a device is there for."""

    ADMIN = "admin"
    FILLER = "filler"
    CHECKER = "checker"
    DRIVER = "driver"
    STORE = "store"
    REPAIRER = "repair"
    LAB = "lab"
    REGULATOR = "regulator"
    INSPECTOR = "inspector"
    OPERATOR = "operator"


class KeyPurpose(StrEnum):
    """What a key of the platform signs; one key never signs for two purposes."""

    RING = "ring"
    TAG = "tag"
    SNAPSHOT = "snapshot"
    LABEL = "label"


class Severity(StrEnum):
    """CRITICAL blocks and tells the authority at once, MAJOR blocks, MINOR warns."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Confidence(StrEnum):
    """How far a figure may be trusted: official text seen, secondary text, memory, unsure."""

    S1 = "S1"
    S2 = "S2"
    M = "M"
    U = "U"


class DatePrecision(StrEnum):
    """Whether a stamped date names a day or only a month."""

    DAY = "day"
    MONTH = "month"


class NotDerived(StrEnum):
    """Why no date can be proposed: a person enters the stamped one."""

    NO_ROW = "no_row"
    NO_FIGURE = "no_figure"
    UNSURE = "unsure"
    NO_START = "no_start"


class Disposition(StrEnum):
    """What an inspector decides; its numbers on a chip are those of docs/tag-layout-qp1.md."""

    NOTED = "noted"
    RECTIFY = "rectify"
    STOP = "stop"
    LIFTED = "lifted"


NAMES = NameTable(
    (Disposition.NOTED, Names("已记录", "Noted")),
    (Disposition.RECTIFY, Names("限期整改", "To be put right")),
    (Disposition.STOP, Names("责令停用", "Stopped")),
    (Disposition.LIFTED, Names("已解除", "Lifted")),
    (LabelState.ISSUED, Names("已制发", "Issued")),
    (LabelState.BOUND, Names("已绑定", "Bound")),
    (LabelState.LOST, Names("已挂失", "Lost")),
    (LabelState.VOID, Names("已作废", "Void")),
    (LabelKind.METAL, Names("金属标签", "Metal label")),
    (LabelKind.METAL_COLLAR, Names("金属颈圈", "Metal collar")),
    (LabelKind.CERAMIC, Names("陶瓷标签", "Ceramic label")),
    (LabelKind.NYLON_COLLAR, Names("塑钢颈圈", "Nylon collar")),
    (LabelKind.PAINTED_STEEL, Names("钢制(喷漆)标签", "Painted steel label")),
    (LabelKind.HEXAGON_RFID, Names("六方电子标签", "Hexagonal RFID tag")),
    (LabelKind.RING_RFID, Names("指环电子标签", "Ring RFID tag")),
    (LabelKind.SEAL_RFID, Names("施封电子标签", "Seal RFID tag")),
    (CylinderStatus.IN_USE, Names("在用", "In use")),
    (CylinderStatus.SUSPENDED, Names("停用", "Suspended")),
    (CylinderStatus.CANCELLED, Names("已注销", "Cancelled")),
    (CylinderStatus.SCRAPPED, Names("已报废", "Scrapped")),
    (Stage.NEW, Names("新建档", "New")),
    (Stage.EMPTY_STORED, Names("入空瓶库", "Empty, in store")),
    (Stage.CHECKED, Names("充前检查合格", "Checked before fill")),
    (Stage.FULL_STORED, Names("入满瓶库", "Full, in store")),
    (Stage.OUT, Names("派送中", "Out for delivery")),
    (Stage.DELIVERED, Names("已配送", "Delivered")),
    (Stage.RECOVERED, Names("已回收", "Recovered")),
    (Stage.AT_INSPECTION, Names("送检", "At inspection")),
    (Stage.AT_REPAIR, Names("维修", "At repair")),
    (Stage.OUT_OF_USE, Names("退出使用", "Out of use")),
    (Ownership.OWN, Names("自有", "Own")),
    (Ownership.ENTRUSTED, Names("托管", "Entrusted")),
    (Ownership.FOREIGN, Names("非自有", "Not own")),
    (LicenceState.VALID, Names("有效", "Valid")),
    (LicenceState.SUSPENDED, Names("暂停", "Suspended")),
    (LicenceState.REVOKED, Names("吊销", "Revoked")),
    (TenantStatus.ACTIVE, Names("正常", "Active")),
    (TenantStatus.SUSPENDED, Names("暂停", "Suspended")),
    (EventKind.BIND_LABEL, Names("绑定标签", "Bind label")),
    (EventKind.TAKE_IN, Names("收瓶入库", "Take in")),
    (EventKind.CHECK_BEFORE_FILL, Names("充装前检查", "Check before fill")),
    (EventKind.FILL, Names("充装", "Fill")),
    (EventKind.CHECK_AFTER_FILL, Names("充装后检查", "Check after fill")),
    (EventKind.SEND_TO_INSPECTION, Names("送检", "Send to inspection")),
    (EventKind.INSPECT, Names("定期检验", "Periodic inspection")),
    (EventKind.REPAIR, Names("维修", "Repair")),
    (EventKind.STORE_IN, Names("入库", "Store in")),
    (EventKind.STORE_OUT, Names("出库", "Store out")),
    (EventKind.DELIVER, Names("配送", "Deliver")),
    (EventKind.RECOVER, Names("回收", "Recover")),
    (EventKind.SCRAP, Names("报废", "Scrap")),
    (EventKind.FINDING, Names("监察记录", "Finding")),
    (EventKind.TAG_WRITTEN, Names("写入标签", "Tag written")),
    (CustomerKind.PERSON, Names("个人", "Household")),
    (CustomerKind.COMPANY, Names("单位", "Firm")),
    (CustomerState.ACTIVE, Names("正常", "Active")),
    (CustomerState.CLOSED, Names("已停供", "Closed")),
    (OrderState.WAITING, Names("待出库", "Waiting")),
    (OrderState.OUT, Names("派送中", "Out for delivery")),
    (OrderState.DELIVERED, Names("派送完成", "Delivered")),
    (RecoveryState.TO_CONFIRM, Names("待确认", "To be confirmed")),
    (RecoveryState.COLLECTING, Names("回收中", "Being collected")),
    (RecoveryState.DONE, Names("已完成", "Done")),
    (PlaceState.OPEN, Names("使用中", "In use")),
    (PlaceState.CLOSED, Names("已停用", "Closed")),
    (Role.ADMIN, Names("企业管理员", "Enterprise admin")),
    (Role.FILLER, Names("充装工", "Filler")),
    (Role.CHECKER, Names("检查员", "Checker")),
    (Role.DRIVER, Names("配送员", "Driver")),
    (Role.STORE, Names("库管员", "Store keeper")),
    (Role.REPAIRER, Names("维修工", "Repairer")),
    (Role.LAB, Names("化验员", "Lab")),
    (Role.REGULATOR, Names("监管人员", "Regulator")),
    (Role.INSPECTOR, Names("监察员", "Inspector")),
    (Role.OPERATOR, Names("平台运营", "Platform operator")),
    (KeyPurpose.RING, Names("密钥目录", "Key ring")),
    (KeyPurpose.TAG, Names("电子标签", "Tags")),
    (KeyPurpose.SNAPSHOT, Names("离线数据", "Snapshots")),
    (KeyPurpose.LABEL, Names("标签签名", "Printed labels")),
    (ImportState.QUEUED, Names("正在检查", "Being checked")),
    (ImportState.CHECKED, Names("已检查，待确认", "Checked, to be decided")),
    (ImportState.APPROVED, Names("正在导入", "Being imported")),
    (ImportState.APPLIED, Names("已导入", "Imported")),
    (ImportState.UNDOING, Names("正在撤销", "Being undone")),
    (ImportState.UNDONE, Names("已撤销", "Undone")),
    (ImportState.CANCELLED, Names("已取消", "Cancelled")),
    (ImportState.REFUSED, Names("文件不能用", "File refused")),
    (ImportState.FAILED, Names("未完成", "Failed")),
    (ImportMode.ALL, Names("全部或全不", "All or nothing")),
    (ImportMode.GOOD, Names("只导入正确的行", "Good rows only")),
    (Severity.CRITICAL, Names("严重", "Critical")),
    (Severity.MAJOR, Names("较重", "Major")),
    (Severity.MINOR, Names("一般", "Minor")),
    (Confidence.S1, Names("官方文本", "Official text seen")),
    (Confidence.S2, Names("二手资料", "Secondary source")),
    (Confidence.M, Names("凭记忆", "From memory")),
    (Confidence.U, Names("未核实", "Unsure")),
    (DatePrecision.DAY, Names("日", "Day")),
    (DatePrecision.MONTH, Names("月", "Month")),
    (
        NotDerived.NO_ROW,
        Names("检验周期表中没有该品种和介质", "The table of inspection cycles has no such kind and medium"),
    ),
    (NotDerived.NO_FIGURE, Names("检验周期表未给出年限", "The table of inspection cycles gives no figure")),
    (NotDerived.UNSURE, Names("年限未经核实，请按钢印填写", "The figure is unsure; enter what is stamped")),
    (
        NotDerived.NO_START,
        Names("缺少制造日期或上次检验日期", "The date of manufacture or of the last inspection is missing"),
    ),
    *((value, Names(zh, en)) for value, zh, en in (*label_words.WORDS, *reports.WORDS)),
)
