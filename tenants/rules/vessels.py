"""Kinds of cylinder: what each is called, and which gases it can't hold.

Only what physics or the kind's own name settles is refused: a deep-cold liquid needs an insulated cylinder, dissolved acetylene one with
a filling material, and an LPG or DME cylinder holds what it is named after. A kind or a state that isn't known here is not judged.
"""

from __future__ import annotations

from tenants.rules.states import Names

KINDS: dict[str, Names] = {
    "2310": Names("钢质无缝气瓶", "Seamless steel cylinder"),
    "2310AL": Names("铝合金无缝气瓶", "Seamless aluminium cylinder"),
    "2320": Names("钢质焊接气瓶", "Welded steel cylinder"),
    "2320DME": Names("液化二甲醚钢瓶", "DME cylinder"),
    "2320LPG": Names("液化石油气钢瓶", "LPG cylinder"),
    "2320LPG50": Names("液化石油气钢瓶（50 kg）", "LPG cylinder (50 kg)"),
    "23T0C2H2": Names("溶解乙炔气瓶", "Dissolved acetylene cylinder"),
    "23T0DPL": Names("焊接绝热气瓶", "Welded insulated cylinder"),
    "23T0FRP": Names("金属内胆纤维缠绕气瓶", "Fibre-wrapped cylinder, metal liner"),
    "23T0LNGV": Names("车用液化天然气气瓶", "Vehicle LNG cylinder"),
    "23T0LPGF": Names("液化石油气纤维缠绕气瓶", "Composite LPG cylinder"),
    "23T0SCBA": Names("呼吸器用复合气瓶", "Composite breathing cylinder"),
    "BUNDLE": Names("气瓶集束装置", "Cylinder bundle"),
    "FIRE": Names("消防灭火用气瓶", "Fire-fighting cylinder"),
    "FIREN2": Names("消防驱动氮气瓶", "Fire-system nitrogen cylinder"),
    "NONREFILL": Names("非重复充装焊接气瓶", "Non-refillable welded cylinder"),
    "VCNG1": Names("车用压缩天然气钢瓶（CNG-1）", "Vehicle CNG cylinder (CNG-1)"),
    "VCNG2": Names("车用压缩天然气缠绕气瓶（CNG-2/3/4）", "Vehicle CNG cylinder (CNG-2/3/4)"),
    "VH2": Names("车用氢气缠绕气瓶", "Vehicle hydrogen cylinder"),
    "VLPG": Names("车用液化石油气钢瓶", "Vehicle LPG cylinder"),
}
DEEP_COLD, DISSOLVED, LPG = "低温液化", "溶解", "LPG"  # state classes of GB/T 16163; the media's class of LPG
INSULATED = frozenset({"23T0DPL", "23T0LNGV"})
FOR_LPG = frozenset({"2320LPG", "2320LPG50", "23T0LPGF", "VLPG"})
FOR_ACETYLENE = "23T0C2H2"
ONLY: dict[str, frozenset[str]] = {  # kind → the only media that it is built for
    "2320DME": frozenset({"DME"}),
    "23T0LNGV": frozenset({"LNG"}),
    "VCNG1": frozenset({"CNG", "CH4"}),
    "VCNG2": frozenset({"CNG", "CH4"}),
    "VH2": frozenset({"H2"}),
}


def can_hold(kind_code: str, medium_id: str, state_class: str, cycle_class: str) -> bool:
    """Whether a cylinder of this kind can hold the medium; True where nothing is known to the contrary."""
    if kind_code not in KINDS or not state_class:
        return True
    if kind_code in ONLY:
        return medium_id in ONLY[kind_code]
    if (state_class == DEEP_COLD) != (kind_code in INSULATED):
        return False
    if (state_class == DISSOLVED) != (kind_code == FOR_ACETYLENE):
        return False
    return kind_code not in FOR_LPG or cycle_class == LPG
