# Bare `make` lists what there is. Everything happens in .venv; nothing is installed elsewhere.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
ARGS ?=
# One more than the two cores of a small machine: a test of a browser or a worker waits often.
WORKERS ?= 3
BACKEND ?= sqlite
STORE ?= all

BIN := $(VENV)/bin
comma := ,
# Tests start a thousand processes: whatever the environment says, code is compiled by the first of them, not by each.
lint test test-stores test-stores-short test-slow: export PYTHONDONTWRITEBYTECODE :=
# What the demo keeps, per port, so that two of them do not meet; the queue-* targets look at the same place.
export SHOP_FOLDER ?= $(CURDIR)/instance/shop$(if $(filter-out 8000,$(PORT)),-$(PORT))

.DEFAULT_GOAL := help
.PHONY: help run test test-stores test-stores-short test-slow lint format bench screenshots clean queue-work queue-work-emails queue-stats queue-failed queue-retry-failed queue-clear queue-dashboard queue-metrics queue-health queue-top

help: ## List the targets
	@echo "Flask-Horizon. make TARGET, for example: make run PORT=8080"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- environment -------------------------------------------------------------------------------------

# uv where it can be had and reaches the packages, else pip, which goes by other certificates and settings; pip must know
# dependency groups (25.1).
define install
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv || true
	@$(BIN)/python -m uv --version >/dev/null 2>&1 && $(BIN)/python -m uv pip install --quiet --python $(BIN)/python $(1) || \
	  { echo "uv did not get them (or is not there); pip tries now. This takes a little longer ..."; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1); }
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null && apt-get update -q >/dev/null && apt-get install -y -q python3-venv >/dev/null; } || \
	  { echo "This Python cannot make environments. On Debian or Ubuntu, as root: apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "Installing Flask-Horizon into $(VENV) ..."
	$(call install,-e '.[demo]')
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) ..."
	$(call install,-e '.[demo]' --group test --group lint)
	@touch $@ $(VENV)/.run

$(VENV)/.bench: pyproject.toml | $(BIN)/python
	$(call install,-e '.[demo$(comma)redis$(comma)postgres$(comma)mysql]')
	@touch $@

# --- see it ------------------------------------------------------------------------------------------

run: $(VENV)/.run ## The demo: web, worker and a shop's traffic at http://127.0.0.1:8000/horizon (PORT= changes it)
	@exec $(BIN)/horizon demo --port $(PORT) --folder "$(SHOP_FOLDER)" $(ARGS)

# --- check it ----------------------------------------------------------------------------------------

# Each process takes a stretch of its own, and from the others' when it is done: most servers are started by one of them only.
pytest = $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow"

test: $(VENV)/.test ## The tests, with all that they need (ARGS="tests/cli -k stats" for some of them)
	@sh tests/deps.sh
	$(pytest) $(ARGS)

# `make test` has been through this on the usual stores: pages on one in memory, the API, the command line and workers on SQLite.
# Whole rooms on the store that is named; in a browser the short form takes what people do to jobs, for what else is to be seen there
# is the same on every store.
web_and_workers := tests/web tests/cli tests/e2e
but_browser := --ignore=tests/web/browser
deeds := tests/web/browser/test_flows.py tests/web/browser/test_acts.py
on_store = $(pytest) --store

test-stores-short: $(VENV)/.test ## Pages, API, command line and workers on Redis and PostgreSQL, as CI does
	@sh tests/deps.sh
	$(on_store) redis $(but_browser) $(web_and_workers) $(deeds) $(ARGS)
	$(on_store) postgres $(but_browser) $(web_and_workers) $(deeds) $(ARGS)

test-stores: $(VENV)/.test ## The same with SQLite, and with all of the browser's on each (STORE=redis: from end to end on that one)
	@sh tests/deps.sh
ifeq ($(STORE),all)
	$(on_store) redis $(web_and_workers) $(ARGS)
	$(on_store) postgres $(web_and_workers) $(ARGS)
	$(on_store) sqlite --ignore=tests/web/api tests/web $(ARGS)
else
	$(on_store) $(STORE) $(web_and_workers) $(ARGS)
endif

test-slow: $(VENV)/.test ## The tests that take minutes
	@sh tests/deps.sh
	$(BIN)/python -m pytest -m slow $(ARGS)

screenshots: $(VENV)/.test ## Pictures of every page in test-results/screens (ARGS="--only full/jobs")
	@sh tests/deps.sh
	$(BIN)/python -m tests.web.screens $(ARGS)

lint: $(VENV)/.test ## Style, types and the rules of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if ls tests/architecture/test_*.py >/dev/null 2>&1; then $(BIN)/python -m pytest -q -p no:cacheprovider tests/architecture; fi

format: $(VENV)/.test ## Let ruff format everything
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench ## Measure (BACKEND=redis, postgres, mysql; ARGS="--quick" or ARGS="--peers")
	$(BIN)/python -m benchmarks --backend $(BACKEND) $(ARGS)

# --- the queue of the demo ---------------------------------------------------------------------------

queue-work: $(VENV)/.run ## One worker for every queue
	@exec $(BIN)/horizon work $(ARGS)

queue-work-emails: $(VENV)/.run ## One worker for the queue `emails`
	@exec $(BIN)/horizon work --queue emails $(ARGS)

queue-stats: $(VENV)/.run ## How the queues are doing
	@$(BIN)/horizon stats $(ARGS)

queue-failed: $(VENV)/.run ## Jobs that failed
	@$(BIN)/horizon failed $(ARGS)

queue-retry-failed: $(VENV)/.run ## Run every failed job again
	@$(BIN)/horizon retry all $(ARGS)

queue-clear: $(VENV)/.run ## Cancel everything that waits in a queue, after asking (QUEUE=emails)
	@$(BIN)/horizon clear $(QUEUE) $(ARGS)

queue-dashboard: $(VENV)/.run ## The web pages alone, with the scheduler
	@exec env PORT=$(PORT) $(BIN)/horizon serve $(ARGS)

queue-metrics: $(VENV)/.run ## Runtimes, waits and rates of every job (ARGS="--since 1h --by queue")
	@$(BIN)/horizon metrics $(ARGS)

queue-health: $(VENV)/.run ## How well it goes, and why not better
	@$(BIN)/horizon health $(ARGS)

queue-top: $(VENV)/.run ## Workers and what they run, live
	@exec $(BIN)/horizon top $(ARGS)

clean: ## Remove the environment, caches and what the demo left
	rm -rf $(VENV) build dist instance .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
