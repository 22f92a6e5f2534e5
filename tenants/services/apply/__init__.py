"""Applying what devices uploaded: claim an upload, judge each event, write the records, remember what became of it.

Read in this order: `inbox.py` (claim, attempts, leases), `batch.py` (one upload, one transaction), `book.py` (what is known while it
runs), `steps.py` (what each kind of event does), `fills.py` (the one that may be refused).
"""
