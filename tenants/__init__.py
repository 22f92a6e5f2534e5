"""The heart of the house: what an enterprise is, what a cylinder is, and when it may be filled.

Here live the rules (pure decisions), the models (tables), the services (use cases that change something), the queries (read-only
lists and totals), the walls between enterprises (`scope.py`, `planes.py`, `migrations/walls.py`) and the reference tables as data.
Nothing here imports flask, dash or rq; only `verdict_cache/` knows Redis. Read `scope.py` first, then `rules/`.
"""
