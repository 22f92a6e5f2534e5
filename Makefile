# `make run` starts the portal, `make test` checks everything. Each sets up what it needs; see docs/ for what else there is.
# ARGS are handed on: make test ARGS="tests/workers -x".
PYTHON ?= python3
# The recipe becomes the program, so that signals reach it, and it ends when make is killed.
GOAL = @exec setpriv --pdeathsig TERM $(PYTHON) -m deploy.setup

.PHONY: run test lint bench chaos shift decode
run test lint bench chaos shift decode:
	$(GOAL) $@ $(ARGS)
