"""Rows → pictures, and nothing else: no query, no request, one template made from the colour tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from dashboards.numbers import full, short, ticks
from dashboards.palette import Palette

FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
BAR_ROW = 40
LABELS_UNTIL = 24


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


def template(palette: Palette) -> go.layout.Template:
    """How every picture looks: the page shows through, thin lines, one colour for quantity."""
    axis = {"gridcolor": palette["line"], "linecolor": palette["line-2"], "zeroline": False, "automargin": True,
            "tickfont": {"color": palette["ink-2"], "size": 12}, "title": {"font": {"color": palette["ink-2"], "size": 12}}}  # fmt: skip
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "color": palette["ink"], "size": 13},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [palette["quantity"], palette["less"]],
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"bgcolor": palette["raised"], "bordercolor": palette["line-2"],
                           "font": {"color": palette["ink"], "family": FONT}},
            "showlegend": False,
            "dragmode": False,
            "bargap": 0.25,
        }
    )  # fmt: skip


def _figure(palette: Palette, height: int, **layout: object) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(template=template(palette), height=height, **layout)
    return figure


def _measured(figure: go.Figure, most: float, unit: str, language: str) -> None:
    places = ticks(most)
    figure.update_yaxes(
        tickvals=places,
        ticktext=[short(place, language) for place in places],
        range=[0, max(places[-1], most * 1.02)],
        fixedrange=True,
    )
    figure.add_annotation(
        text=unit,
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="bottom",
        yshift=6,
        showarrow=False,
        font={"color": figure.layout.template.layout.yaxis.tickfont.color, "size": 12},
    )
    figure.update_layout(margin_t=30)


def bars(
    x: Sequence[date],
    y: Sequence[float],
    *,
    unit: str,
    palette: Palette,
    language: str,
    months: bool = False,
    places: int = 0,
    hrefs: Sequence[str] = (),
    height: int = 280,
) -> go.Figure:
    """A bar for every day, or for every month; hovering tells the full number."""
    figure = _figure(palette, height)
    shape = "%Y-%m" if months else "%Y-%m-%d"
    figure.add_bar(
        x=[one.strftime(shape) for one in x],
        y=[float(one) for one in y],
        customdata=list(hrefs) or None,
        text=[full(one, places) for one in y],
        textposition="none",
        hovertemplate=f"%{{x}}<br><b>%{{text}}</b> {unit}<extra></extra>",
        marker={"color": palette["quantity"]},
    )
    _measured(figure, max((float(one) for one in y), default=0), unit, language)
    step = max(1, len(x) // (4 if months else 5))
    marks = list(range(0, len(x), step))
    figure.update_xaxes(
        type="category",
        tickvals=[x[mark].strftime(shape) for mark in marks],
        ticktext=[x[mark].strftime("%Y-%m" if months else "%m-%d") for mark in marks],
        showgrid=False,
        fixedrange=True,
        tickangle=0,
        ticks="outside",
        ticklen=6,
        tickcolor="rgba(0,0,0,0)",
    )
    return figure


def ranked(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    unit: str,
    palette: Palette,
    language: str,
    hrefs: Sequence[str] = (),
) -> go.Figure:
    """Lying bars, the longest on top, each under its name, so that long names fit a phone."""
    count = len(labels)
    figure = _figure(palette, max(120, BAR_ROW * count + 44), bargap=0.72)
    rows = list(range(count, 0, -1))
    figure.add_bar(
        x=[float(value) for value in values],
        y=rows,
        orientation="h",
        customdata=list(hrefs) or None,
        text=[f"{label}<br><b>{full(value)}</b> {unit}" for label, value in zip(labels, values, strict=True)],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
        marker={"color": palette["quantity"]},
    )
    for row, label, value in zip(rows, labels, values, strict=True):
        figure.add_annotation(
            x=0, y=row, text=f"{label}  <b>{short(value, language)}</b>", showarrow=False, xanchor="left", yshift=13,
            font={"size": 12, "color": palette["ink"]},
        )  # fmt: skip
    places = ticks(max(map(float, values), default=0))
    figure.update_xaxes(
        tickvals=places, ticktext=[short(place, language) for place in places], title={"text": unit},
        range=[0, places[-1]], fixedrange=True, side="bottom",
    )  # fmt: skip
    figure.update_yaxes(visible=False, range=[0.4, count + 0.9], fixedrange=True)
    return figure


def choropleth(
    areas: Sequence[Area],
    spots: Sequence[Spot],
    *,
    shapes: str,
    unit: str,
    palette: Palette,
    language: str,
    strokes: Sequence[Sequence[tuple[float, float]]] = (),
    height: int = 460,
) -> go.Figure:
    """The map: places by how much, grey where no enterprise is, enterprises as dots; `shapes` is the address of the GeoJSON."""
    figure = _figure(palette, height, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    common = {"geojson": shapes, "featureidkey": "id", "marker": {"line": {"color": palette["surface"], "width": 1}},
              "hovertemplate": "%{text}<extra></extra>"}  # fmt: skip
    empty = [area for area in areas if area.value is None]
    counted = [area for area in areas if area.value is not None]
    for part, colours in (
        (
            counted,
            palette.scale() if len(areas) > 1 else [(0, palette["accent-soft"]), (1, palette["accent-soft"])],
        ),
        (empty, [(0, palette["line"]), (1, palette["line"])]),
    ):
        if part:
            most = max((area.value or 0 for area in part), default=0)
            bar = (
                _colour_bar(most, unit, palette, language)
                if part is counted and most and len(areas) > 1
                else None
            )
            figure.add_choropleth(
                locations=[area.code for area in part],
                z=[area.value or 0 for area in part],
                zmin=0,
                zmax=max(most, 1),
                text=[area.text for area in part],
                customdata=[area.href for area in part],
                colorscale=colours,
                colorbar=bar,
                showscale=bar is not None,
                **common,
            )
    for stroke in strokes:
        figure.add_scattergeo(lon=[x for x, _ in stroke], lat=[y for _, y in stroke], mode="lines", hoverinfo="skip",
                              line={"color": palette["ink-2"], "width": 2})  # fmt: skip
    named = [area for area in areas if area.lon is not None] if len(areas) <= LABELS_UNTIL else []
    top = max((area.value or 0 for area in counted), default=0)
    if len(named) > 1:
        figure.add_scattergeo(
            lon=[area.lon for area in named], lat=[area.lat for area in named], text=[area.name for area in named],
            mode="text", hoverinfo="skip",
            textfont={"size": 11, "color": [_readable(area, top, palette) for area in named]},
        )  # fmt: skip
    if spots:
        figure.add_scattergeo(
            lon=[spot.lon for spot in spots], lat=[spot.lat for spot in spots], text=[spot.text for spot in spots],
            customdata=[spot.href for spot in spots], mode="markers", hovertemplate="%{text}<extra></extra>",
            marker={"size": 11, "color": palette["less"], "line": {"color": palette["surface"], "width": 1.5}},
        )  # fmt: skip
    figure.update_geos(
        visible=False, projection_type="mercator", fitbounds="locations", bgcolor="rgba(0,0,0,0)"
    )
    return figure


def _readable(area: Area, top: float, palette: Palette) -> str:
    """The colour of a name that stands on its place's own colour."""
    deep = area.value is not None and top > 0 and area.value / top >= 0.45
    return palette["surface"] if deep else palette["ink"]


def _colour_bar(most: float, unit: str, palette: Palette, language: str) -> dict[str, object]:
    places = [place for place in ticks(most, 3) if place <= most] or [0]
    return {
        "orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yanchor": "bottom", "len": 0.42, "thickness": 9,
        "tickvals": places, "ticktext": [short(place, language) for place in places], "outlinewidth": 0,
        "title": {"text": unit, "side": "top", "font": {"size": 12, "color": palette["ink-2"]}},
        "tickfont": {"size": 11, "color": palette["ink-2"]},
    }  # fmt: skip
