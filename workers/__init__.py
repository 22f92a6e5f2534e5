"""The work behind the pages, and the hands that start and stop it all.

Here live the queues and jobs (`queues.py`, `jobs/`, `worker.py`), the bell between a recorded event and a job (`relay.py`,
`subscriptions.py`), the clock (`schedule.py`), and what `make run` becomes: `supervisor.py` starts the private PostgreSQL and
Redis (`local_services.py`), prepares the data (`prepare.py`) and watches (`nursery.py`) over the processes (`children.py`).
May import tenants and integrations; nothing imports it. Read `supervisor.py` first for the processes, `subscriptions.py` for the work.
"""
