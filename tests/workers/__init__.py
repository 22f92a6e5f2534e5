"""Tests of the work behind the pages, and of what starts and stops it. `make_believe.py` is a portal of two toy processes."""
