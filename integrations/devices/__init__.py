"""The device API: what filling guns, scales, gateways and handhelds ask (`POST /verdicts`) and report (`POST /events`).

Read `api.py` first: each view is a few lines. `auth.py` knows the caller, `body.py` reads JSON of which nothing is trusted, `schemas.py`
says what may come in and go out, `intake.py` sorts good events from malformed ones, `problems.py` is every error. `openapi.py` and
`docs.py` describe the views by looking at them. May import tenants: services, queries, scope, permissions, the rules' words.
"""
