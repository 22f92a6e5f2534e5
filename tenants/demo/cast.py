"""Who there is in the demo. Every name is invented; the numbers of enterprises are from a range that nobody has."""

from __future__ import annotations

from dataclasses import dataclass

from tenants.rules.states import LabelKind, Role


@dataclass(frozen=True, slots=True)
class Office:
    """An authority, with the account of its regulator and, where it has one, of its inspector."""

    name: str
    jurisdiction: str
    regulator: str
    inspector: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A label run that was ordered: the enterprise's medium code and how many."""

    medium_code: str
    quantity: int
    kind: LabelKind


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise of the demo; `media` maps its medium codes to media, `unlicensed` are those its licence doesn't cover."""

    code: str
    name: str
    short_name: str
    credit_code: str
    phone: str
    address: str
    position: tuple[float, float]
    licence_no: str
    media: dict[str, str]
    people: tuple[str, ...]
    runs: tuple[Run, ...]
    cylinders: tuple[tuple[str, int], ...]  # model of stock.py and how many in good order
    makers: tuple[str, ...]
    unlicensed: tuple[str, ...] = ()
    assayed: tuple[str, ...] = ()  # medium codes whose batches need a passing assay
    every_state: bool = True  # whether its stock has a cylinder in every state


@dataclass(frozen=True, slots=True)
class Job:
    """A post in every enterprise: staff code, kinds of work, days that the filling certificate still holds (None: has none)."""

    staff_code: str
    kinds: tuple[str, ...]
    role: Role | None = None
    certificate_days: int | None = None


OFFICES = (
    Office("山东省市场监督管理局(演示)", "37", "reg-37"),
    Office("东营市市场监督管理局(演示)", "3705", "reg-3705", "insp-3705"),
    Office("北京市市场监督管理局(演示)", "11", "reg-11"),
)
OPERATOR = "operator"

JOBS = (
    Job("A01", ("管理",), Role.ADMIN),
    Job("F01", ("充装", "操作"), Role.FILLER, 700),
    Job("F02", ("充装",), None, -60),  # certificate expired two months ago
    Job("F03", ("充装",), None, None),  # never had one
    Job("C01", ("检验", "操作"), Role.CHECKER, 500),
    Job("D01", ("配送",), Role.DRIVER),
    Job("D02", ("配送",)),
    Job("W01", ("入库",), Role.STORE),
    Job("R01", ("维修",), Role.REPAIRER),
    Job("L01", ("化验",), Role.LAB),
)

ENTERPRISES = (
    Enterprise(
        code="370502-001",
        name="东营新禾河畔液化气有限公司",
        short_name="新禾河畔",
        credit_code="91370502MA3DEMO01X",
        phone="0546-5550101",
        address="山东省东营市东营区柳荫北路 118 号",
        position=(118.5821, 37.4603),
        licence_no="TS4237A01-2028",
        media={"01": "LPG", "02": "LPGI"},
        people=(
            "岑望舒",
            "柏青原",
            "阮石安",
            "钟小满",
            "陆一禾",
            "桑远航",
            "邵平川",
            "童守义",
            "凌铁生",
            "颜若水",
        ),
        runs=(Run("01", 240, LabelKind.RING_RFID), Run("02", 40, LabelKind.METAL_COLLAR)),
        cylinders=(("YSP35.5", 58), ("YSP118", 12), ("YSP118I", 8)),
        makers=("鲁东新元钢瓶厂", "华岳压力容器(演示)"),
    ),
    Enterprise(
        code="370503-002",
        name="河口芦风液化气充装站",
        short_name="芦风",
        credit_code="91370503MA3DEMO02Y",
        phone="0546-5550202",
        address="山东省东营市河口区芦花东街 26 号",
        position=(118.5312, 37.8806),
        licence_no="TS4237A02-2028",
        media={"01": "LPG", "02": "LPGI"},
        people=(
            "闻秋白",
            "管大勇",
            "单立冬",
            "幸福来",
            "席文静",
            "车万里",
            "路平安",
            "仓守礼",
            "匡修远",
            "成可鉴",
        ),
        runs=(Run("01", 180, LabelKind.RING_RFID), Run("02", 20, LabelKind.METAL_COLLAR)),
        cylinders=(("YSP35.5", 52), ("YSP118", 8)),
        makers=("鲁东新元钢瓶厂", "渤海湾容器(演示)"),
        unlicensed=("02",),
    ),
    Enterprise(
        code="370502-003",
        name="东营盛屿工业气体有限公司",
        short_name="盛屿气体",
        credit_code="91370502MA3DEMO03Z",
        phone="0546-5550303",
        address="山东省东营市东营区云帆路 9 号",
        position=(118.6247, 37.4412),
        licence_no="TS4237B03-2028",
        media={"01": "O2", "02": "N2", "03": "AR", "04": "CO2", "05": "C2H2"},
        people=(
            "卓以宁",
            "解长风",
            "占北辰",
            "宿晓东",
            "从容",
            "戈千山",
            "逢春生",
            "库大有",
            "全补天",
            "化雨晴",
        ),
        runs=(
            Run("01", 120, LabelKind.CERAMIC),
            Run("02", 60, LabelKind.CERAMIC),
            Run("03", 60, LabelKind.METAL),
            Run("04", 40, LabelKind.PAINTED_STEEL),
            Run("05", 40, LabelKind.NYLON_COLLAR),
        ),
        cylinders=(("O2-40", 34), ("N2-40", 14), ("AR-40", 14), ("CO2-40", 10), ("C2H2-40", 12)),
        makers=("齐川高压容器(演示)", "东峤气瓶(演示)"),
        assayed=("05",),
    ),
    Enterprise(
        code="110000-011",
        name="北京云坡工业气体有限公司",
        short_name="云坡气体",
        credit_code="91110000MA0DEMO11W",
        phone="0546-5551111",
        address="北京市大兴区槐影西路 77 号",
        position=(116.3391, 39.7264),
        licence_no="TS4211B11-2028",
        media={"01": "O2", "02": "N2"},
        people=(
            "应知微",
            "虞北海",
            "诸明远",
            "巩长青",
            "糜素心",
            "燕归来",
            "巢湖生",
            "谷满仓",
            "冶金城",
            "都清扬",
        ),
        runs=(Run("01", 1500, LabelKind.METAL), Run("02", 200, LabelKind.METAL_COLLAR)),
        cylinders=(("O2-40", 30), ("N2-40", 14)),
        makers=("齐川高压容器(演示)", "京坡气瓶(演示)"),
        every_state=False,
    ),
)
