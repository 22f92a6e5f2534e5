"""From a bare checkout to a running portal: what `make` calls. Standard library only, because nothing is installed yet.

`setup.py` has the goals (run, test, lint, bench, chaos), `environment.py` the Python and front-end packages, `packages.py` what the
system's package manager brings, `steps.py` how one step is run and how its failure is told. May import `workers.accidents`,
`workers.binaries` and `workers.preflight`, which need no package either. Read `setup.py` first.
"""
