"""The tables of the domain as data files, each row with its source and confidence. `README.md` beside them says what is what."""
