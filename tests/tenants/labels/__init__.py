"""Making labels: a manager orders a run and its files, a worker makes them, a maker spoils some."""
