"""The colours of the portal's token file, as figures need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"(:root|\[data-bs-theme=\"dark\"\])\s*\{([^}]*)\}")
_TOKEN = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")


@dataclass(frozen=True, slots=True)
class Palette:
    """The tokens of one theme; `palette["ink"]` is a colour."""

    tokens: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.tokens[name]

    def scale(self) -> list[tuple[float, str]]:
        """From little to much in one hue, for quantities on a map."""
        return [(0.0, self["accent-soft"]), (0.55, self["quantity"]), (1.0, self["map-most"])]


@dataclass(frozen=True, slots=True)
class Palettes:
    """Light and dark."""

    light: Palette
    dark: Palette

    def of(self, theme: str) -> Palette:
        """The palette of a theme; everything that isn't dark is light."""
        return self.dark if theme == "dark" else self.light


def read_palettes(tokens: Path) -> Palettes:
    """Both themes of a token file; dark takes over what it doesn't say itself."""
    found = {block: dict(_TOKEN.findall(body)) for block, body in _BLOCK.findall(tokens.read_text("utf-8"))}
    light = {**found[":root"], "map-most": "#0f3a68"}
    dark = {**light, **found['[data-bs-theme="dark"]'], "map-most": "#cfe5fb"}
    return Palettes(Palette(light), Palette(dark))
