"""The three things at a filling place. A driver raises OSError when its hardware doesn't answer, and can connect again."""

from __future__ import annotations

from typing import Protocol

from integrations.devices.station.seen import Tag, Weight


class TagReader(Protocol):
    """Reads tags or printed codes."""

    def connect(self) -> None:
        """Open the line."""

    def read(self) -> Tag | None:
        """The next tag; None when there was none for a moment (at most half a second)."""

    def close(self) -> None:
        """Let go of the line; may be called twice."""


class Scale(Protocol):
    """Weighs what stands on it."""

    def connect(self) -> None:
        """Open the line."""

    def read(self) -> Weight | None:
        """The next weight; None when there was none for a moment (at most half a second)."""

    def close(self) -> None:
        """Let go of the line; may be called twice."""


class Interlock(Protocol):
    """The valve or the gun's release. Without power or `hold` it must be shut: that is the wiring's duty."""

    def connect(self) -> None:
        """Open the line; doesn't move the valve."""

    def release(self) -> None:
        """Open the valve."""

    def hold(self) -> None:
        """Still wanted open; called some times a second while it is."""

    def shut(self) -> None:
        """Shut the valve; may be called again and again."""

    def is_open(self) -> bool | None:
        """What the valve itself reports; None where it reports nothing."""

    def close(self) -> None:
        """Let go of the line; may be called twice."""


class DriverProblem(OSError):
    """The hardware doesn't answer as it should."""
