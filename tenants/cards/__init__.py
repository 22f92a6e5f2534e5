"""Cards: what a citizen may be told of each code, kept at hand on every machine that answers citizens.

PostgreSQL is the truth. One keeper a machine (`keeper.py`) copies the public projection, and nothing else, into a file and follows
what changes; every web process reads the file (`file.py`). A file that the keeper hasn't confirmed within FRESH seconds isn't
believed, and PostgreSQL is asked instead. The word itself is never kept: it is judged from the card at the moment of the question.

`keeper.py` may import scope; `file.py` imports nothing of ours, so that a reader needs no database.
"""
