"""Read-only lists and totals; they return frozen rows, never ORM objects."""
