"""Decisions: pure functions over frozen facts, and the tables of reasons. Only the standard library.

Read `fill.py` first (may this cylinder be filled?), then `facts.py` (what the rule is told) and `refusal.py` (what it can say).
"""
