"""Tests of the authority's dashboards: who is told what, how rows become pictures, and how it looks in a browser."""
