"""Where this machine has the Chinese font that labels are drawn with. Standard library only: the set-up asks too."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PACKAGE = "fonts-noto-cjk"
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts")
FILES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
)


def find_font(folders: Iterable[str] = FOLDERS) -> Path | None:
    """The font file, or None."""
    every = (path for folder in folders for path in Path(folder).expanduser().rglob("*"))
    found = {path.name: path for path in every if path.name in FILES}
    return next((found[name] for name in FILES if name in found), None)
