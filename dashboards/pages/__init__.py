"""Every page of the authority, in the order of the menu. A new page is a file here and its name in `PAGES`."""

from __future__ import annotations

from dashboards.page import Page
from dashboards.pages import due, enterprises, fills, overview, places, refusals

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    places.PAGE,
    fills.PAGE,
    refusals.PAGE,
    refusals.ROWS,
    due.PAGE,
    due.ROWS,
    enterprises.PAGE,
)
BY_KEY = {page.key: page for page in PAGES}
