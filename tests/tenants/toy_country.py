"""A country of squares with real codes, for tests: two provinces, one of them a municipality, ten dashes, and some bad shapes."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tenants.services.boundary_source import FILES, BoundarySource, Expected


def square(west: float, south: float, size: float = 1.0, *, clockwise: bool = True) -> list[list[float]]:
    east, north = west + size, south + size
    ring = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    return ring if clockwise else ring[::-1]


BOW_TIE = [[120, 38], [121, 39], [121, 38], [120, 39], [120, 38]]  # crosses itself: make_valid cures it
SHANDONG = {
    "370000": ("山东省", [square(118, 37, 2)]),
    "370500": ("东营市", [square(118, 37)]),
    "370502": ("东营区", [square(118, 37, 0.5)]),
    "370503": ("河口区", [square(118, 37.5, 0.5, clockwise=False)]),
    "370600": ("烟台市", [square(119, 37)]),  # has no counties: a leaf itself
}
BEIJING = {"110000": ("北京市", [square(116, 39)]), "110101": ("东城区", [square(116, 39)])}
SANDWICH = {"629700": ("山丹马场", [BOW_TIE])}  # not of GB/T 2260
GANSU = {"620000": ("甘肃省", [square(100, 38)])}


def write_country(folder: Path) -> BoundarySource:
    """The three files and what they hold."""
    every = SHANDONG | BEIJING | SANDWICH | GANSU
    wanted = {
        "province": [code for code in every if code.endswith("0000")],
        "city": ["110000", "370500", "370600", "629700"],
        "district": [code for code in every if not code.endswith("00")] + ["370600", "629700"],
    }
    digests = {}
    for name in FILES:
        features = [_area(code, *every[code]) for code in dict.fromkeys(wanted[name])]
        if name == "province":
            features += [_line(10, 110, 10), _line(1, 74, 38), _line(2, 114, 22)]
        content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
        (folder / f"{name}.geojson").write_bytes(content)
        digests[name] = sha256(content).hexdigest()
    expected = Expected(provinces=3, districts=9, leaves=5, codes=("370502", "110000"))
    return BoundarySource(folder, digests, expected, "toy", "数据来源: 玩具国")


def _area(code: str, name: str, rings: list[list[list[float]]]) -> dict[str, Any]:
    geometry = {"type": "MultiPolygon", "coordinates": [rings]}
    return {"type": "Feature", "properties": {"name": name, "gb": f"156{code}"}, "geometry": geometry}


def _line(parts: int, lon: float, lat: float) -> dict[str, Any]:
    lines = [[[lon + i * 0.2, lat], [lon + i * 0.2 + 0.1, lat + 0.1]] for i in range(parts)]
    geometry = {"type": "MultiLineString", "coordinates": lines}
    return {"type": "Feature", "properties": {"name": "境界线", "gb": ""}, "geometry": geometry}
