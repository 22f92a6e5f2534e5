"""The snapshot at the edge: `views.py` hands it out; `reading.py` and `judging.py` are what a device does with it, for agents in Python.

The two for devices use the standard library only, so that an agent may take them along.
"""
