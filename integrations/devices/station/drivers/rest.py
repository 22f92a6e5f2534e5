"""Whether a scale that doesn't say so is at rest: every reading of the last while lies within a division or two."""

from __future__ import annotations

from collections import deque


class Rest:
    """Readings of one scale; `within_g` grams for `for_s` seconds is rest."""

    def __init__(self, within_g: int, for_s: float) -> None:
        self._within, self._for = within_g, for_s
        self._kept: deque[tuple[float, int]] = deque()

    def feed(self, grams: int, at: float) -> bool:
        """Whether it rests now, this reading included."""
        if self._kept and at - self._kept[-1][0] > self._for:
            self._kept.clear()  # a gap: nothing is known of what was between
        self._kept.append((at, grams))
        while len(self._kept) > 2 and at - self._kept[1][0] >= self._for:
            self._kept.popleft()
        whole = at - self._kept[0][0] >= self._for
        values = [kept for _, kept in self._kept]
        return whole and max(values) - min(values) <= self._within

    def forget(self) -> None:
        """A reading was flawed: begin anew."""
        self._kept.clear()
