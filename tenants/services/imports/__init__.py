"""Imports: a spreadsheet becomes rows of a module, checked first, applied when a person has chosen, and taken back if need be.

`template.py` says how a module declares what its file holds; `cylinders.py` is the example. `reading.py` opens files that nobody can
trust, `checking.py` is the dry run, `applying.py` writes and takes back, `runs.py` is what a person does, `claims.py` what a worker does.
Read `template.py` first.
"""
