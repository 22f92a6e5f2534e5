"""The card file and its keeper."""
