"""The small demo: invented authorities, enterprises, people and cylinders, and some weeks of work with them.

`cast.py` says who there is, `stock.py` what they own, `weeks.py` what happens to it, `load.py` puts it all in. Everything goes through the
services that real work goes through, so that a refusal in the demo is the rule's own.
"""
