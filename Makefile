# Two commands on a fresh machine: `make run` opens the app, `make test` runs every check. `make check` is the quick gate.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run check test install lint types clean

run: $(VENV)/.installed
	$(BIN)/python -m stylecam $(ARGS)

check: $(VENV)/.installed lint types
	$(BIN)/python -m pytest

test: $(VENV)/.installed lint types
	$(BIN)/python -m pytest -m "not cuda and not soak"

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
