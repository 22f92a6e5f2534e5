"""Places and enterprises → the map, and nothing else: no query, no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards.figures import blank
from dashboards.numbers import short, ticks
from dashboards.palette import Palette

LABELS_UNTIL = 40  # the browser leaves out those that would cover others
PADDING = 0.03
HEIGHT = 460
SEA = (106.0, 2.6, 124.0, 25.4)  # the South China Sea with every stroke of the ten-dash line
HAINAN = (108.45, 18.05, 111.95, 20.25)  # the island itself; its sea stands in the inset
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Area:
    """A place of the map: `value` None is a place without an enterprise; `href` leads into it."""

    code: str
    name: str
    value: float | None
    text: str
    href: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Spot:
    """An enterprise on the map."""

    name: str
    lon: float
    lat: float
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class View:
    """What part of the earth is seen (west, south, east, north); `inset` adds the South China Sea in a corner, under this name."""

    box: Box | None = None
    strokes: Sequence[Sequence[tuple[float, float]]] = ()
    inset: str = ""


def choropleth(
    areas: Sequence[Area],
    spots: Sequence[Spot],
    *,
    shapes: str,
    unit: str,
    palette: Palette,
    language: str,
    view: View | None = None,
) -> go.Figure:
    """The map: places by how much, grey where no enterprise is, enterprises as dots; `shapes` is the address of the GeoJSON."""
    view = view or View()
    figure = blank(palette, HEIGHT, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    _fill(figure, "geo", areas, shapes, palette)
    _strokes(figure, "geo", () if view.inset else view.strokes, palette)
    _names(figure, areas, view.box, palette)
    _spots(figure, spots, palette)
    most = max((area.value or 0 for area in areas), default=0)
    with_bar = bool(most) and len(areas) > 1
    if with_bar:
        figure.update_layout(coloraxis_colorbar=_colour_bar(most, unit, palette, language))
    figure.update_layout(
        coloraxis={"colorscale": palette.scale() if len(areas) > 1 else _flat(palette["accent-soft"]), "cmin": 0,
                   "cmax": max(most, 1), "showscale": with_bar},
        geo=_window(view.box, {"x": [0, 1], "y": [0.13 if with_bar else 0, 1]}),
    )  # fmt: skip
    if view.inset:
        _inset(figure, areas, shapes, view, palette)
    return figure


def _fill(figure: go.Figure, geo: str, areas: Sequence[Area], shapes: str, palette: Palette) -> None:
    outline = {"color": palette["line-2"], "width": 0.7}  # seen on islands of less than a pixel too
    for part, colours in (
        ([area for area in areas if area.value is not None], {"coloraxis": "coloraxis"}),
        ([area for area in areas if area.value is None], {"colorscale": _flat(palette["line"]), "showscale": False}),
    ):  # fmt: skip
        if part:
            figure.add_choropleth(
                geo=geo,
                geojson=shapes,
                featureidkey="id",
                locations=[area.code for area in part],
                z=[area.value or 0 for area in part],
                text=[area.text for area in part],
                customdata=[area.href for area in part],
                marker={"line": outline},
                hovertemplate="%{text}<extra></extra>",
                **colours,
            )


def _flat(colour: str) -> list[tuple[float, str]]:
    return [(0, colour), (1, colour)]


def _strokes(
    figure: go.Figure, geo: str, strokes: Sequence[Sequence[tuple[float, float]]], palette: Palette
) -> None:
    for stroke in strokes:
        figure.add_scattergeo(
            geo=geo, lon=[x for x, _ in stroke], lat=[y for _, y in stroke], mode="lines", hoverinfo="skip",
            line={"color": palette["ink-2"], "width": 2},
        )  # fmt: skip


def _names(figure: go.Figure, areas: Sequence[Area], box: Box | None, palette: Palette) -> None:
    """The greatest first: where two names would cover each other, the browser keeps the first."""
    named = sorted((area for area in areas if _inside(area, box)), key=lambda area: -(area.value or 0))
    most = max((area.value or 0 for area in areas), default=0)
    if 1 < len(named) <= LABELS_UNTIL:
        figure.add_scattergeo(
            lon=[area.lon for area in named], lat=[area.lat for area in named], text=[area.name for area in named],
            mode="text", hoverinfo="skip", meta="names",
            textfont={"size": 12, "color": [_readable(area, most, palette) for area in named]},
        )  # fmt: skip


def _inside(area: Area, box: Box | None) -> bool:
    if area.lon is None or area.lat is None:
        return False
    return box is None or (box[0] <= area.lon <= box[2] and box[1] <= area.lat <= box[3])


def _spots(figure: go.Figure, spots: Sequence[Spot], palette: Palette) -> None:
    if spots:
        figure.add_scattergeo(
            lon=[spot.lon for spot in spots], lat=[spot.lat for spot in spots], text=[spot.text for spot in spots],
            customdata=[spot.href for spot in spots], mode="markers", hovertemplate="%{text}<extra></extra>",
            marker={"size": 11, "color": palette["less"], "line": {"color": palette["surface"], "width": 1.5}},
        )  # fmt: skip


def _window(box: Box | None, domain: dict[str, list[float]]) -> dict[str, object]:
    window: dict[str, object] = {
        "visible": False,
        "projection": {"type": "mercator"},
        "bgcolor": "rgba(0,0,0,0)",
        "domain": domain,
    }
    if box is None:
        return {**window, "fitbounds": "locations"}
    west, south, east, north = box
    wide, high = (east - west) * PADDING, (north - south) * PADDING
    return {**window, "fitbounds": False, "lonaxis": {"range": [west - wide, east + wide]},
            "lataxis": {"range": [south - high, north + high]}}  # fmt: skip


def _inset(figure: go.Figure, areas: Sequence[Area], shapes: str, view: View, palette: Palette) -> None:
    """The South China Sea in a frame of its own, with the ten-dash line."""
    corner = {"x": [0.76, 0.99], "y": [0.02, 0.44]}
    _fill(figure, "geo2", areas, shapes, palette)
    _strokes(figure, "geo2", view.strokes, palette)
    figure.update_layout(geo2=_window(SEA, corner))
    figure.add_shape(
        type="rect", xref="paper", yref="paper", x0=corner["x"][0], x1=corner["x"][1], y0=corner["y"][0], y1=corner["y"][1],
        line={"color": palette["ink-2"], "width": 1},
    )  # fmt: skip
    figure.add_annotation(
        text=view.inset, xref="paper", yref="paper", x=corner["x"][0], y=corner["y"][1], xanchor="left", yanchor="top",
        showarrow=False, font={"size": 11, "color": palette["ink-2"]},
    )  # fmt: skip


def _readable(area: Area, most: float, palette: Palette) -> str:
    """The colour of a name that stands on its place's own colour."""
    deep = area.value is not None and most > 0 and area.value / most >= 0.45
    return palette["surface"] if deep else palette["ink"]


def _colour_bar(most: float, unit: str, palette: Palette, language: str) -> dict[str, object]:
    places = [place for place in ticks(most, 3) if place <= most] or [0]
    return {
        "orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yanchor": "bottom", "len": 0.42, "thickness": 9,
        "tickvals": places, "ticktext": [short(place, language) for place in places], "outlinewidth": 0,
        "title": {"text": unit, "side": "top", "font": {"size": 12, "color": palette["ink-2"]}},
        "tickfont": {"size": 11, "color": palette["ink-2"]},
    }  # fmt: skip
