"""The station agent: a program of its own beside a filling gun and its scale. Only a verdict of the portal opens the valve.

    python -m integrations.devices.station --config station.toml [--check | --simulate N | --shut | --set-aside | --enrol TOKEN]

Read `machine.py` first: one pure step from what is seen to what is done, with a table of reasons that shut the valve. `agent.py` feeds it
from the drivers and does what it says; `outbox.py` keeps each event until the portal has it, `sender.py` brings it there, `portal.py`
speaks HTTP as any device. `drivers/` has an interface and a folder's worth of hardware; `words.py` is every reason in both languages.
Knows nothing of the portal but its public API: imports no other room, and nothing of integrations/devices outside this folder.
"""
