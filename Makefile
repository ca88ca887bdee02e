# make install .venv with the command `fleet`
# make demo    the main job in the terminal: SIMs, machines, an alert, a technician (ARGS="--once" ends by itself)
# make test    all tests                 make check   format, lint, types, import contracts
# make bench   the measurements          make soak    the long runs
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= auto

.PHONY: install demo test check format bench soak clean

install: $(READY)

demo: $(READY)
	@$(BIN)/fleet demo $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not soak" $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	@$(BIN)/python -m tests.bench $(ARGS)

soak: $(READY)
	$(BIN)/python -m pytest -m soak --timeout 0 -s $(ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "expected Python 3.11 or newer, got $$($(PYTHON) --version): run make with PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "expected the Python module venv, got none: run apt install python3-venv, then make again" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
