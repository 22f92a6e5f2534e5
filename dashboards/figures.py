"""Rows → pictures, and nothing else: no query, no request, one template made from the colour tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from dashboards.numbers import full, short, ticks
from dashboards.palette import Palette

FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
BAR_ROW = 40


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


def blank(palette: Palette, height: int, **layout: object) -> go.Figure:
    """A picture with nothing in it yet."""
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
    figure = blank(palette, height)
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
    notes: Sequence[str] = (),
) -> go.Figure:
    """Lying bars, the longest on top, each under its name, so that long names fit a phone; hovering tells the note."""
    count = len(labels)
    figure = blank(palette, max(120, BAR_ROW * count + 44), bargap=0.72)
    rows = list(range(count, 0, -1))
    figure.add_bar(
        x=[float(value) for value in values],
        y=rows,
        orientation="h",
        customdata=list(hrefs) or None,
        text=[
            f"{label}<br><b>{full(value)}</b> {unit}" + (f"<br>{note}" if note else "")
            for label, value, note in zip(labels, values, notes or [""] * count, strict=True)
        ],
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
