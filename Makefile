# Two commands on a fresh machine: `make run` opens the app, `make test` runs every check. `make check` is the quick gate.
# Without an NVIDIA GPU, PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu in front saves gigabytes of torch on Linux.
# With HASHED=1, as in CI, every package but torch is checked against requirements-hashed.txt.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run check test faults install lint types clean

run: $(VENV)/.installed
	$(BIN)/python -m stylecam $(ARGS)

# Five minutes at most.
check: $(VENV)/.installed lint types
	$(BIN)/python -m pytest

# Half an hour at most: also what is marked `slow`. What is marked `cuda` or `soak` is run by hand.
test: $(VENV)/.installed lint types
	$(BIN)/python -m pytest -m "not cuda and not soak"

# Every fault that docs/reliability.md lists, caused on purpose: kills, full disks, clocks, several copies at once. Some minutes.
faults: $(VENV)/.installed
	$(BIN)/python -m pytest -m "faults and not cuda and not soak"

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("stylecam needs Python 3.11 or newer; name one with make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
ifdef HASHED
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-hashed.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e ".[dev]"
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
endif
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
