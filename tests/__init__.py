"""The suite mirrors the rooms: `tests/workers` tests `workers`, and `tests/house` asks the running system about the rules of the house.

Rules are tested without a database; everything else stands on a real PostgreSQL and Redis, thrown away afterwards, that
`services_fixture.py` starts once for the whole run. Read that file first, then `conftest.py`. `make test` runs it all.
"""
