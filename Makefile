# `make setup` once, then `make verify` and `make test`; both also set up by themselves. Needs Python 3.11+, git, make.

# The first Python here that is new enough; `make setup PYTHON=/path/to/python3` names another.
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
BIN := .venv/bin
READY := .venv/.ready

# Without bytecode on disk, each worker and each command under test compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup verify test test-offline lint format docs docs-check node bench lock clean

help: ## List what can be made.
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' Makefile | expand -t 15

setup: $(READY) ## Make .venv with migcheck, its servers and everything the tests need.

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo 'migcheck needs Python 3.11 or newer, and none was found. Name one: make setup PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { echo 'python -m venv failed; on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

verify: $(READY) ## Verify migrations/ with the embedded server.
	$(BIN)/migcheck verify --scratch embedded

test: $(READY) ## Run every test this machine can run; the summary names what was left out and why.
	$(BIN)/python -m pytest --numprocesses auto $(ARGS)

test-offline: $(READY) ## Run the tests that need git alone: no server, no other tool.
	$(BIN)/python -m pytest --numprocesses auto -m 'not (server or docker or node or debian or pre_commit or action)' $(ARGS)

lint: $(READY) ## Lint, formatting and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy docs/generate.py .github/lock.py

format: $(READY) ## Format the code, and fix what the linter can fix.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY) ## Write docs/rules/ and the help texts in docs/commands.md again.
	$(BIN)/python docs/generate.py

docs-check: $(READY) ## Fail where what `make docs` writes is out of date.
	$(BIN)/python docs/generate.py --check

node: ## Install the real Drizzle for the tests that compare with it (needs npm).
# lefthook's own script would write a lefthook.yml and a hook into this repository; with CI set it does not.
	cd tests/node && CI=true npm install --no-package-lock --no-fund --no-audit

bench: $(READY) ## Measure against drizzle-kit and drizzle-orm (needs `make node`).
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(READY) ## Take the newest releases into what the action installs.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python .github/lock.py

clean: ## Remove everything that was made.
	rm -rf .venv dist build tests/node/node_modules .mypy_cache .ruff_cache .pytest_cache
