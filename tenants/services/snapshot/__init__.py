"""The snapshot that a device judges by without a network: what the rule says of every label of an enterprise, in columns, signed.

Read `build.py` first. `rows.py` reads the database, `table.py` asks the rule and makes columns, `header.py` says what concerns the whole
enterprise. The format is in docs/snapshot-format.md.
"""
