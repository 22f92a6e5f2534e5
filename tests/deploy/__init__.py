"""Tests of the way from a bare checkout to a running portal."""
