"""Use cases, one verb per function: load, decide, write, record the event. A service never commits. Read `facts.py` first."""
