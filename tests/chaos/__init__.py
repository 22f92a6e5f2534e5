"""Kill everything while events are on their way, and look whether one was lost or counted twice. `make chaos`.

`world.py` starts the whole portal, `client.py` sends events and keeps its own log, `killer.py` kills, `invariants.py` compares the log
with the database afterwards, `campaign.py` tells the story and prints the table.
"""
