"""What the agent asks of hardware, and one file for each way to get it. `base.py` is the interface; `choose.py` reads the configuration.

`frames.py`, `rest.py` and `scanned.py` are pure: bytes to weights, weights to rest, text to tags. The others open ports.
"""
