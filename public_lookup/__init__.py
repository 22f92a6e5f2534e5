"""What a citizen sees at `/Q` and `/L`: whether this cylinder may be used, in one word and one colour, and what to do next.

May import tenants: queries, scope, permissions and rules. The database answers through one function and shows no table here; nothing
about customers or workers can reach this room. Read `views.py` first, then `lookup.py`; every word people read is in `words.py`. `/report`
takes what a citizen has to say: read `reports.py`; its words are in `report_words.py`.
"""
