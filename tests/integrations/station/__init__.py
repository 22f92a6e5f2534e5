"""The station agent: its pure parts, its drivers against simulators of the hardware, and the whole of it against the portal."""
