"""Artwork: a label as outlines in millimetres, and the files that makers work from.

May import `tenants.rules`. `drawing.py` puts a label together from the layout (`tenants/rules/label_layouts.py`), the symbols and the
typeface; `svg.py`, `sheets.py` and `lists.py` write it down. Outlines only: whoever opens a file needs no font.
"""
