"""The device API: what filling guns, scales, gateways and handhelds ask (`POST /verdicts`) and report (`POST /events`).

Read `api.py` first: each view is a few lines. `auth.py` knows the caller, `reading.py` and `body.py` read JSON of which nothing is
trusted, `schemas.py` and `outgoing.py` say what may come in and goes out, `intake.py` sorts good events from malformed ones,
`problems.py` is every error. `openapi.py` and `docs.py` describe the views by looking at them.
`station/` is a program of its own at a filling gun, which only knows the API.
May import tenants: services, queries, scope, permissions, the rules' words.
"""
