# Every target makes what it needs first. On a fresh machine: `make demo`, `make test`.
PYTHON ?= python3
VENV   := .venv
FUZZ_SECS ?= 30
SEED    ?= 1
MINUTES ?= 30
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: venv demo test check format bench chaos fuzz lock clean

venv: $(READY)

$(READY): requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## the main job on an embedded emulator, no AWS account
	$(BIN)/relay demo

test: $(READY)
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

check: $(READY)  ## format, lint, types; the import direction is a test as well
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python -m benchmarks

chaos: $(READY)  ## real daemons, killed and lied to, by a seeded schedule (SEED, MINUTES)
	$(BIN)/python -m tests.chaos --seed $(SEED) --minutes $(MINUTES)

fuzz: $(READY)  ## half a minute of new texts and messages a target (FUZZ_SECS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.lock
	$(BIN)/python -m fuzz.patterns -max_total_time=$(FUZZ_SECS)

lock:  ## renew the pinned versions (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements/runtime.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements/dev.lock
	uv pip compile pyproject.toml --extra fuzz --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements/fuzz.lock

clean:
	rm -rf $(VENV) .coverage .mypy_cache .pytest_cache .ruff_cache build dist
