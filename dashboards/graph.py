"""The only way to put a picture on a page: nothing of it leaves the server's own origin."""

from __future__ import annotations

import plotly.graph_objects as go
from dash import dcc

CONFIG = {
    "displaylogo": False,
    "displayModeBar": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "topojsonURL": "/dashboards/assets/topojson/",
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
}


def graph(key: str, figure: go.Figure) -> dcc.Graph:
    """A picture; a point of it that carries an address leads there when it is clicked."""
    height = figure.layout.height or 300
    figure.update_layout(height=None)  # the frame decides, so that a phone can have it lower
    return dcc.Graph(
        id={"type": "chart", "name": key},
        figure=figure,
        config=CONFIG,
        style={"height": f"{height}px"},
        responsive=True,
    )
