# Every verb does its own set-up; what is installed already is not installed again. `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.done
UV := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv
LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# The first Python on this machine that is new enough; `make PYTHON=/path/to/python3.12 setup` overrides it.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# In CI a test that is skipped counts as failed.
STRICT := $(if $(CI),--nothing-skipped)

# Compiled once, at the installation: a process that reads the sources anew starts in twice the time.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

# Options for the command behind a verb: make demo ARGS="--once --json"
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup demo test check bench health db-backup db-restore rollout clean lock pages chromium

help: ## Shows this list
	@echo "Kiwimesh. Start with 'make demo'."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Options for the command behind a verb go in ARGS: make demo ARGS=\"--once --json\""

setup: pages $(DONE)/dev $(DONE)/bench $(DONE)/local-model ## Makes .venv with everything; .venv/bin/kiwimesh is the command

demo: pages ## Starts the whole product on http://127.0.0.1:8000 and replays one recorded call
	@$(BIN)/kiwimesh demo $(ARGS)

test: pages $(DONE)/dev $(DONE)/bench $(DONE)/local-model chromium ## Runs every test
	@sh web/build.sh test
	@failed=0; \
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder $(STRICT) $(if $(ARGS),$(ARGS),--ignore=tests/acceptance) || failed=1; \
	$(if $(ARGS),,$(BIN)/pytest -n 2 --dist loadfile tests/acceptance $(STRICT) || failed=1;) \
	exit $$failed # the second half has browsers and speech, two at a time

check: pages $(DONE)/dev $(DONE)/bench ## Style, types, import contracts, generated files, the repository's own rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m dispatch.contract.generate --check
	sh web/build.sh lint
	$(BIN)/pytest tests/repository

bench: pages $(DONE)/dev $(DONE)/bench $(DONE)/local-model ## Runs a bench: make bench ARGS="NAME options"; without ARGS lists them
	@$(BIN)/kiwimesh bench $(if $(ARGS),$(ARGS),--help)

health: $(DONE)/project ## Asks the running server how it is
	@$(BIN)/kiwimesh health $(ARGS)

db-backup: $(DONE)/project ## Writes a backup of the database: make db-backup FILE=kiwimesh.dump
	@$(BIN)/kiwimesh db backup $(or $(FILE),kiwimesh.dump) $(ARGS)

db-restore: $(DONE)/project ## Restores a backup: make db-restore FILE=kiwimesh.dump
	@$(BIN)/kiwimesh db restore $(or $(FILE),kiwimesh.dump) $(ARGS)

rollout: ## Puts a new version of compose.yaml into service while calls go on; goes back when it is not fit
	@sh deploy/rollout.sh

clean: ## Removes the environment, built pages and caches; never the data of calls
	rm -rf $(VENV) build dist artefacts web/*/dist web/node_modules web/*/node_modules \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: $(DONE)/bootstrap ## Resolves requirements/*.in anew into the hash-pinned lock files
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) requirements/runtime.in -o requirements/runtime.txt
	$(LOCK) requirements/web.in -o requirements/web.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/bench.in -o requirements/bench.txt
	$(LOCK) requirements/recording.in -o requirements/recording.txt
	$(LOCK) --no-deps requirements/local-model.in -o requirements/local-model.txt

pages: $(DONE)/web $(DONE)/project
	@sh web/build.sh

chromium:
	@sh deploy/install-chromium.sh

# One stamp a step: a step runs again only when what it was made from has changed.

$(DONE)/bootstrap: requirements/bootstrap.txt
	@test -n "$(PYTHON)" || { echo "Kiwimesh needs Python 3.11 or newer. Install it, for instance: apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv module is missing. Install it, for instance: apt install python3-venv"; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@mkdir -p $(DONE) && touch $@

$(DONE)/runtime $(DONE)/web $(DONE)/dev $(DONE)/bench: $(DONE)/%: requirements/%.txt $(DONE)/bootstrap
	@echo "Installing $< ..."
	@$(UV) pip install -q --require-hashes -r $<
	@touch $@

$(DONE)/local-model: requirements/local-model.txt $(DONE)/bootstrap
	@echo "Installing $< ..."
	@$(UV) pip install -q --require-hashes --no-deps -r $<
	@touch $@

$(DONE)/project: pyproject.toml $(DONE)/runtime
	@$(UV) pip install -q --no-deps --no-build-isolation --editable .
	@touch $@
