"""A portal of toy processes, for tests of the supervisor: `python -m tests.workers.make_believe` is its `make run`.

`web` answers every address with 200. `worker` has a child that moved to a session of its own, as the queue's work-horses do.
MAKE_BELIEVE_STEP is the Python text of what prepares the data.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from tenants.settings import Settings
from workers import interruption
from workers.accidents import CannotStart
from workers.nursery import Child
from workers.supervisor import supervise

WEB = """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Yes(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Yes).serve_forever()
"""
WORKER = """
import os, time
if os.fork() == 0:
    os.setsid()
time.sleep(600)
"""


def children(settings: Settings, env: Mapping[str, str]) -> list[Child]:
    commands = {"web": WEB, "worker": WORKER}
    return [
        Child(name, (sys.executable, "-c", text), settings.data_dir, env) for name, text in commands.items()
    ]


if __name__ == "__main__":
    preparation = (sys.executable, "-c", os.environ.get("MAKE_BELIEVE_STEP", ""))
    interruption.listen()
    try:
        supervise(dict(os.environ), children, preparation)
    except CannotStart as error:
        sys.exit(str(error))
    except interruption.Stopping:
        pass
