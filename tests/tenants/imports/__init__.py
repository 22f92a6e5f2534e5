"""Imports in the heart: files that nobody can trust, the old table, writing, taking back, limits."""
