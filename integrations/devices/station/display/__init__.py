"""What the person at the gun sees: one page and one JSON, on this machine only. `server.py` serves, `status.py` says what is shown."""
