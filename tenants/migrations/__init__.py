"""The schema's history. `versions/` has one revision a file, `walls.py` writes every row-level policy."""
