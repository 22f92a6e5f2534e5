"""Doors to other machines: `devices/` for readers, scales and handhelds, `supervision/` for other platforms."""
