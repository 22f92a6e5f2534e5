"""How quick it is, each figure beside a yardstick from the same run: `make bench` or `python -m bench`.

The whole portal runs on private servers with everything durable switched on. Requests come from `wrk` on this machine over loopback, so
load and server share its cores; the yardstick (a Flask route that does nothing, under the same server and the same load) suffers alike.
Read `rows.py` for what is measured, `load.py` for how.
"""
