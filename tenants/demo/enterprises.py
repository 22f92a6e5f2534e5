"""The enterprises of the demo city: large and small, careful and careless. Names are invented, the numbers are from ranges nobody has."""

from __future__ import annotations

from random import Random

from tenants.demo.cast import JOBS, Character, Enterprise, Run
from tenants.rules.states import LabelKind, LicenceState, TenantStatus

SURNAMES = tuple("岑柏阮钟陆桑邵童凌颜闻管单席车路仓匡成卓解占宿从戈逢库全化应虞诸巩糜燕巢谷冶都")
GIVEN = (
    "望舒", "青原", "石安", "小满", "一禾", "远航", "平川", "守义", "铁生", "若水", "秋白", "大勇", "立冬", "福来", "文静",
    "云起", "平安", "守礼", "修远", "可鉴", "以宁", "长风", "北辰", "晓东", "容", "千山", "春生", "大有", "补天", "雨晴",
)  # fmt: skip
LPG = {"01": "LPG", "02": "LPGI"}
MAKERS_L = ("鲁东新元钢瓶厂", "华岳压力容器(演示)", "渤海湾容器(演示)")
MAKERS_Q = ("齐川高压容器(演示)", "东峤气瓶(演示)", "京坡气瓶(演示)")


def _made_up(code: str) -> tuple[str, ...]:
    rng = Random(f"people {code}")  # noqa: S311 - the same people every time
    surnames, given = rng.sample(SURNAMES, len(JOBS)), rng.sample(GIVEN, len(JOBS))
    return tuple(map(str.__add__, surnames, given))


def _enterprise(
    code: str,
    name: str,
    short_name: str,
    address: str,
    position: tuple[float, float],
    media: dict[str, str],
    cylinders: tuple[tuple[str, int], ...],
    character: Character,
    *,
    kinds: tuple[LabelKind, ...] = (LabelKind.RING_RFID, LabelKind.METAL_COLLAR),
    runs: tuple[Run, ...] = (),
    unlicensed: tuple[str, ...] = (),
    assayed: tuple[str, ...] = (),
    every_state: bool = False,
) -> Enterprise:
    gas = media["01"].startswith("LPG")
    letter, last = ("A" if gas else "B"), code[-3:]
    return Enterprise(
        code=code, name=name, short_name=short_name, credit_code=f"91{code[:6]}MA3DEMO{last[1:]}{'XYZW'[int(last) % 4]}",
        phone=f"0546-555{int(last):02d}{int(last):02d}", address=address, position=position,
        licence_no=f"TS42{code[:2]}{letter}{last[1:]}-2028", media=media, people=_made_up(code),
        runs=runs or _runs(media, cylinders, kinds), cylinders=cylinders, makers=MAKERS_L if gas else MAKERS_Q,
        unlicensed=unlicensed, assayed=assayed, every_state=every_state, character=character,
    )  # fmt: skip


def _runs(
    media: dict[str, str], cylinders: tuple[tuple[str, int], ...], kinds: tuple[LabelKind, ...]
) -> tuple[Run, ...]:
    """Labels for every cylinder of a medium, and some to spare."""
    from tenants.demo.stock import MODELS

    needed = dict.fromkeys(media, 250)
    code_of = {medium: code for code, medium in media.items()}
    for model, count in cylinders:
        needed[code_of[MODELS[model].medium_id]] += count
    return tuple(Run(code, count, kinds[i % len(kinds)]) for i, (code, count) in enumerate(needed.items()))


ENTERPRISES = (
    _enterprise(
        "370502-001", "东营新禾河畔液化气有限公司", "新禾河畔", "山东省东营市东营区柳荫北路 118 号", (118.5821, 37.4603), LPG,
        (("YSP35.5", 2300), ("YSP118", 330), ("YSP118I", 70)), Character(drivers=3), every_state=True,
    ),
    _enterprise(
        "370503-002", "河口芦风液化气充装站", "芦风", "山东省东营市河口区芦花东街 26 号", (118.5312, 37.8806), LPG,
        (("YSP35.5", 1350), ("YSP118", 150)), Character(), every_state=True, unlicensed=("02",),
    ),
    _enterprise(
        "370502-003", "东营盛屿工业气体有限公司", "盛屿气体", "山东省东营市东营区云帆路 9 号", (118.6247, 37.4412),
        {"01": "O2", "02": "N2", "03": "AR", "04": "CO2", "05": "C2H2"},
        (("O2-40", 900), ("N2-40", 400), ("AR-40", 350), ("CO2-40", 260), ("C2H2-40", 190)),
        Character(away_days=(10, 50)), every_state=True, assayed=("05",),
        kinds=(LabelKind.CERAMIC, LabelKind.METAL, LabelKind.PAINTED_STEEL, LabelKind.NYLON_COLLAR),
    ),
    # exemplary: everything recorded, nothing forgotten
    _enterprise(
        "370502-004", "东营晴川燃气有限公司", "晴川燃气", "山东省东营市东营区朝露大街 201 号", (118.4902, 37.4328), LPG,
        (("YSP35.5", 3700), ("YSP118", 420)), Character(away_days=(12, 40), slips=0.0, overdue=0.0, drivers=4),
    ),
    # one burst of fills at night, when nobody should be working
    _enterprise(
        "370502-005", "东营石桥液化气站", "石桥", "山东省东营市东营区石桥南巷 7 号", (118.6713, 37.4017), LPG,
        (("YSP35.5", 980), ("YSP118", 90)), Character(night_days=9, complete=False),
    ),
    # careless: overdue cylinders are tried again and again, and another's are filled
    _enterprise(
        "370505-006", "垦利黄河口便民液化气站", "黄河口便民", "山东省东营市垦利区渔洼新街 33 号", (118.6501, 37.5702), LPG,
        (("YSP35.5", 1500), ("YSP118", 160)),
        Character(slips=0.05, overdue=0.06, tries=4, complete=False, borrows_from="370502-001"),
    ),
    # its second filling gun has been silent for more than two weeks
    _enterprise(
        "370505-007", "垦利胜滩气体有限公司", "胜滩气体", "山东省东营市垦利区胜兴路 60 号", (118.8008, 37.6612),
        {"01": "O2", "02": "N2", "03": "AR"}, (("O2-40", 520), ("N2-40", 210), ("AR-40", 150)),
        Character(away_days=(12, 50), silent_days=16), kinds=(LabelKind.CERAMIC, LabelKind.METAL),
    ),
    # its licence ran out, and for some days it went on trying
    _enterprise(
        "370522-008", "利津凤凰城液化气站", "凤凰城", "山东省东营市利津县津二路北首", (118.2312, 37.5504), LPG,
        (("YSP35.5", 760), ("YSP118", 60)), Character(licence_days=18),
    ),
    # hardly working
    _enterprise(
        "370522-009", "利津盐窝乡村液化气点", "盐窝", "山东省东营市利津县盐窝镇西街", (118.2604, 37.5803), LPG,
        (("YSP35.5", 60),), Character(away_days=(40, 80), complete=False, drivers=1),
    ),
    # a third of its stock falls due next month; a cluster of refusals when the county looked
    _enterprise(
        "370523-010", "广饶乐安燃气有限公司", "乐安燃气", "山东省东营市广饶县乐安大街 512 号", (118.4083, 37.0561), LPG,
        (("YSP35.5", 2250), ("YSP118", 330)), Character(drivers=3, due_next_month=0.3, cluster_days=24),
    ),
    _enterprise(
        "370523-012", "广饶大王工业气体有限公司", "大王气体", "山东省东营市广饶县大王镇橡胶路 18 号", (118.4952, 37.0008),
        {"01": "O2", "02": "N2", "03": "CO2", "04": "C2H2"},
        (("O2-40", 700), ("N2-40", 260), ("CO2-40", 210), ("C2H2-40", 110)),
        Character(away_days=(10, 46), cluster_days=24), assayed=("04",),
        kinds=(LabelKind.METAL, LabelKind.PAINTED_STEEL),
    ),
    # not licensed yet and already trying
    _enterprise(
        "370505-013", "垦利新滩液化气站(筹建)", "新滩筹建", "山东省东营市垦利区新滩路口", (118.7211, 37.6003), LPG,
        (("YSP35.5", 40),), Character(licensed=False, complete=False, drivers=1),
    ),
    # the authority has suspended its licence
    _enterprise(
        "370523-014", "广饶稻庄液化气站", "稻庄", "山东省东营市广饶县稻庄镇稻香街 4 号", (118.5561, 37.1202), LPG,
        (("YSP35.5", 480), ("YSP118", 40)),
        Character(licence_state=LicenceState.SUSPENDED, stopped_days=21, slips=0.02),
    ),
    # the platform has suspended the enterprise
    _enterprise(
        "370503-015", "河口仙河气体供应站", "仙河气体", "山东省东营市河口区仙河镇海河路 21 号", (118.8321, 37.9012),
        {"01": "O2", "02": "CO2"}, (("O2-40", 260), ("CO2-40", 120)),
        Character(status=TenantStatus.SUSPENDED, stopped_days=12, complete=False), kinds=(LabelKind.METAL,),
    ),
    _enterprise(
        "110000-011", "北京云坡工业气体有限公司", "云坡气体", "北京市大兴区槐影西路 77 号", (116.3391, 39.7264),
        {"01": "O2", "02": "N2"}, (("O2-40", 480), ("N2-40", 140)), Character(away_days=(12, 55)),
        runs=(Run("01", 1500, LabelKind.METAL), Run("02", 200, LabelKind.METAL_COLLAR)),
    ),
)  # fmt: skip
