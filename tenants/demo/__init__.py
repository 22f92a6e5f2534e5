"""The demo city: invented authorities, enterprises, people and cylinders, and 90 days of work with them.

`cast.py` and `enterprises.py` say who there is, `stock.py` what they own, `seasons.py` when they work, `roads.py` where their lorries go,
`weeks.py` and `stories.py` what happens to a cylinder, `city.py` puts one enterprise together and `load.py` all of them in. Every event
goes through the rule that real work goes through (`ledger.py` keeps the book in memory), so that a refusal in the demo is the rule's own.
"""
