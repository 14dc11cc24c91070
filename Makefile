# Every recipe sets up what it needs; see README.md.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.test-ready: requirements-dev.txt $(VENV)/.run-ready
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.system-ready: tests/debian-packages.txt | $(BIN)/python
	@sh tests/install_system_packages.sh
	@touch $@

setup: $(VENV)/.run-ready  ## .venv with the command tiendoso

run: setup  ## fill an empty data/live from the demo and serve at http://127.0.0.1:8501
	@$(BIN)/tiendoso demo --if-empty
	@$(BIN)/tiendoso serve

lint: $(VENV)/.test-ready  ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint $(VENV)/.system-ready  ## everything that a change must pass
	$(BIN)/python -m pytest -n 2 --dist loadfile

COUNT ?= 3000
SEED ?= $(shell date +%Y%m%d)
fuzz: $(VENV)/.test-ready  ## thousands of mutated workbooks through ingest: make fuzz COUNT=5000 SEED=7
	$(BIN)/python -m tests.fuzz --count $(COUNT) --seed $(SEED)

KILLS ?= 200
soak: $(VENV)/.test-ready $(VENV)/.system-ready  ## load, a day compressed, three days of a wall screen, faults of every kind: make soak KILLS=200 SEED=7
	$(BIN)/python -m tests.soak_load
	$(BIN)/python -m tests.soak_wall
	$(BIN)/python -m tests.soak_access
	$(BIN)/python -m tests.soak_bundle
	$(BIN)/python -m tests.soak_faults --kills $(KILLS) --seed $(SEED)

bundle: $(VENV)/.run-ready  ## one archive in dist/ that installs on a machine without network
	@PYTHON=$(BIN)/python sh deploy/bundle.sh dist

bench: $(VENV)/.test-ready $(VENV)/.system-ready  ## the figures of this machine
	$(BIN)/python -m tests.bench

pictures: $(VENV)/.test-ready $(VENV)/.system-ready  ## the pictures of the documents, taken anew
	$(BIN)/python -m tests.pictures

pin:  ## make the pinned requirements anew from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate deploy/installer.in -o deploy/installer.txt

clean:  ## remove what was set up; data/live stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

.PHONY: help setup run lint test fuzz soak bundle bench pictures pin clean
