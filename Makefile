# make run · make test · make check: each sets up everything it needs. Python >= 3.11 is all that must be there.

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.stamp-requirements
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON ?= $(shell for name in $(CANDIDATES); do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test check format clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: $(READY) ## serve the example project with demo accounts (PORT=8000)
	@PORT=$(PORT) $(BIN)/python manage.py migrate --verbosity 0
	@PORT=$(PORT) $(BIN)/python manage.py demo
	@PORT=$(PORT) DJANGO_RUNSERVER_HIDE_WARNING=true $(BIN)/python manage.py runserver localhost:$(PORT)

test: $(READY) ## run the tests on SQLite (ARGS="tests/flow -k refresh" for some of them)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: $(READY) ## lint, format, types, import direction, migrations, system checks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING

format: $(READY) ## let ruff mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist *.egg-info db.sqlite3* .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache docs/_build tests/browser/node_modules tests/verifiers/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.txt setup.cfg pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# Debian ships Python without ensurepip: there the environment is made without pip, and pip fetched into it.
$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && $(BIN)/python .ci/fetch_pip.py; }
