"""Columns and words that several pages share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from dash import html
from flask_babel import gettext, lazy_gettext

from dashboards.ask import Ask
from dashboards.numbers import Number, change, full, percent
from dashboards.page import Column, Filter, Option
from tenants.queries import supervision
from tenants.rules.refusal import REASONS, Refusal

PERIODS = ("30", "7", "90", "365")


def _periods(ask: Ask) -> list[Option]:
    del ask
    order = sorted(PERIODS, key=int)
    return [Option("" if days == "30" else days, gettext("%(n)s 天", n=days)) for days in order]


def _media(ask: Ask) -> list[Option]:
    listed = supervision.media_filled(ask.session, ask.since, ask.today, ask.within)
    chosen = ask.values.get("m", "")
    keys = [*listed, *([chosen] if chosen and chosen not in listed else [])]
    return [Option("", gettext("全部")), *(Option(key, ask.medium_name(key)) for key in keys)]


PERIOD = Filter("days", lazy_gettext("期间"), _periods)
MEDIUM = Filter("m", lazy_gettext("介质"), _media)


def compared(ask: Ask, now: Number, before: Number) -> str:
    """A half sentence that compares with the period before; empty where there was nothing."""
    moved = change(now, before)
    if moved is None:
        return ""
    if abs(moved) < 0.0005:
        return gettext("与前 %(n)s 天持平", n=ask.days)
    if moved >= 1:
        return gettext("是前 %(n)s 天的 %(times)s 倍", n=ask.days, times=f"{moved + 1:.1f}")
    if moved > 0:
        return gettext("比前 %(n)s 天多 %(share)s", n=ask.days, share=percent(moved))
    return gettext("比前 %(n)s 天少 %(share)s", n=ask.days, share=percent(-moved))


def sentence(first: str, second: str, ask: Ask) -> str:
    """Two half sentences as one."""
    between = ", " if ask.language == "en" else "，"
    return first + (between + second if second else "")


def refusal_name(code: str, ask: Ask) -> str:
    """What a refusal's public code means; a code of a later version stays a code."""
    try:
        reason = REASONS[Refusal(code)]
    except ValueError:
        return code
    return reason.sentence_en if ask.language == "en" else reason.sentence_zh


def number(title: object, unit: object, of: Any, href: Any = None, places: int = 0) -> Column:
    """A column of numbers."""
    return Column(
        title, lambda row, _: full(of(row), places), unit, right=True, href=href, plain=lambda row, _: of(row)
    )


def share(title: object, of: Any) -> Column:
    """A column of percentages."""
    return Column(
        title, lambda row, _: percent(of(row)).removesuffix("%"), "%", right=True,
        plain=lambda row, _: None if (part := of(row)) is None else round(part * 100, 1),
    )  # fmt: skip


def month_of(day: date) -> str:
    """2026-11."""
    return day.strftime("%Y-%m")


def sparkline(values: Sequence[float], title: str, ask: Ask) -> html.Img:
    """A line without axes, as a picture of its own; the words say what it shows."""
    width, height = 120, 24
    size = max(1, len(values) // 30)
    sums = [sum(values[at : at + size]) for at in range(0, len(values), size)]
    most = max(sums, default=0) or 1
    step = (width - 4) / max(len(sums) - 1, 1)
    points = " ".join(
        f"{2 + at * step:.1f},{height - 3 - one / most * (height - 6):.1f}" for at, one in enumerate(sums)
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<polyline fill="none" stroke="{ask.palette["quantity"]}" stroke-width="1.5" points="{points}"/></svg>'
    )
    return html.Img(
        src="data:image/svg+xml," + quote(picture), alt=title, width=width, height=height, className="spark"
    )
