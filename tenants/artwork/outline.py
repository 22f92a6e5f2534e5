"""Outlines: closed contours of straight lines and cubic curves in millimetres, y downwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from typing import NamedTuple

from tenants.rules.label_layouts import Box

Point = tuple[float, float]
_KAPPA = 0.5522847498  # a quarter of a circle as one cubic curve


class Step(NamedTuple):
    """Straight to a point, or by two control points to it."""

    points: tuple[Point, ...]  # one or three


class Contour(NamedTuple):
    """A closed line."""

    start: Point
    steps: tuple[Step, ...]

    def points(self) -> Iterable[Point]:
        """Every point and control point: the line lies within them."""
        yield self.start
        for step in self.steps:
            yield from step.points


@dataclass(frozen=True, slots=True)
class Outline:
    """Contours that are filled together."""

    contours: tuple[Contour, ...]

    def moved(self, dx: float, dy: float, scale: float = 1.0) -> Outline:
        """Scaled about the origin, then moved."""

        def at(point: Point) -> Point:
            return point[0] * scale + dx, point[1] * scale + dy

        return Outline(
            tuple(
                Contour(at(one.start), tuple(Step(tuple(map(at, step.points))) for step in one.steps))
                for one in self.contours
            )
        )

    def box(self) -> Box:
        """What holds every point of it; raises ValueError for an empty outline."""
        points = [point for contour in self.contours for point in contour.points()]
        left, top = min(x for x, _ in points), min(y for _, y in points)
        return Box(left, top, max(x for x, _ in points) - left, max(y for _, y in points) - top)


def joined(outlines: Iterable[Outline]) -> Outline:
    """Several as one."""
    return Outline(tuple(contour for outline in outlines for contour in outline.contours))


def polygon(points: Iterable[Point]) -> Contour:
    """Straight lines through the points."""
    start, *others = points
    return Contour(start, tuple(Step((point,)) for point in others))


def rectangle(box: Box) -> Contour:
    """A box."""
    return polygon(((box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)))


def rounded(box: Box, radius: float) -> Outline:
    """A box with round corners."""
    if radius <= 0:
        return Outline((rectangle(box),))
    left, top, right, bottom = box.x, box.y, box.right, box.bottom
    near = radius * (1 - _KAPPA)
    steps = (
        Step(((right - radius, top),)),
        Step(((right - near, top), (right, top + near), (right, top + radius))),
        Step(((right, bottom - radius),)),
        Step(((right, bottom - near), (right - near, bottom), (right - radius, bottom))),
        Step(((left + radius, bottom),)),
        Step(((left + near, bottom), (left, bottom - near), (left, bottom - radius))),
        Step(((left, top + radius),)),
        Step(((left, top + near), (left + near, top), (left + radius, top))),
    )
    return Outline((Contour((left + radius, top), steps),))


def circle(x: float, y: float, across: float) -> Outline:
    """A round hole."""
    radius = across / 2
    return rounded(Box(x - radius, y - radius, across, across), radius)


def hexagon(width: float) -> Outline:
    """Regular, `width` from corner to corner, flat above and below, in the box that begins at the origin."""
    side, height = width / 2, width * sqrt(3) / 2
    corners = [
        (side + side * cos(turn * pi / 3), height / 2 + side * sin(turn * pi / 3)) for turn in range(6)
    ]
    return Outline((polygon(corners),))
