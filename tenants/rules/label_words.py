"""The closed lists of making labels, with the names that `states.NAMES` takes over."""

from __future__ import annotations

from enum import StrEnum


class Process(StrEnum):
    """How a label is made."""

    LASER = "laser"
    ENAMEL = "enamel"
    COATING = "coating"
    PRINT = "print"


class Shape(StrEnum):
    """The outline of a label."""

    PLATE = "plate"
    HEXAGON = "hexagon"


class Limit(StrEnum):
    """What a layout is checked for."""

    MODULE = "module"
    BAR = "bar"
    BAR_HEIGHT = "bar_height"
    MATRIX_PIXELS = "matrix_pixels"
    BAR_PIXELS = "bar_pixels"
    CONTRAST = "contrast"
    TEXT = "text"


class Genuine(StrEnum):
    """What a scanned signature says."""

    GENUINE = "genuine"
    ABSENT = "absent"
    WRONG = "wrong"


class MakingState(StrEnum):
    """Where the making of a run's files is."""

    QUEUED = "queued"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Spoilt(StrEnum):
    """Why a label was spoilt before it stood on a cylinder."""

    MISPRINTED = "misprinted"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    MISSING = "missing"
    OTHER = "other"


WORDS: tuple[tuple[StrEnum, str, str], ...] = (
    (Process.LASER, "激光雕刻", "Laser engraving"),
    (Process.ENAMEL, "搪瓷烧制", "Enamel"),
    (Process.COATING, "静电烤漆", "Powder coating"),
    (Process.PRINT, "印刷", "Printing"),
    (Shape.PLATE, "矩形", "Plate"),
    (Shape.HEXAGON, "六边形", "Hexagon"),
    (Limit.MODULE, "二维码模块", "Module of the 2-D code"),
    (Limit.BAR, "一维码最窄条", "Narrowest bar of the 1-D code"),
    (Limit.BAR_HEIGHT, "一维码高度", "Height of the 1-D code"),
    (Limit.MATRIX_PIXELS, "二维码模块，手机距 20 cm", "Module of the 2-D code, phone at 20 cm"),
    (Limit.BAR_PIXELS, "一维码最窄条，手机距 20 cm", "Narrowest bar, phone at 20 cm"),
    (Limit.CONTRAST, "反射率差", "Difference of reflectance"),
    (Limit.TEXT, "单位名称字高", "Height of the name's letters"),
    (Genuine.GENUINE, "签名有效", "Signature holds"),
    (Genuine.ABSENT, "无签名", "No signature"),
    (Genuine.WRONG, "签名不符", "Signature is wrong"),
    (MakingState.QUEUED, "正在制作", "Being made"),
    (MakingState.DONE, "已制作", "Made"),
    (MakingState.CANCELLED, "已取消", "Cancelled"),
    (MakingState.FAILED, "未完成", "Failed"),
    (Spoilt.MISPRINTED, "内容错误", "Wrong content"),
    (Spoilt.UNREADABLE, "扫不出", "Can't be scanned"),
    (Spoilt.DAMAGED, "损坏", "Damaged"),
    (Spoilt.MISSING, "缺失", "Missing"),
    (Spoilt.OTHER, "其他", "Other"),
)
