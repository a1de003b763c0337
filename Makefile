# Baogong. `make` alone lists the commands.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
JOBS ?= 2
ARGS ?=
BIN := .venv/bin
UV := .boot/bin/python -m uv
# The folder is part of a stamp's name: a checkout that was moved has scripts with the old path in them, and is set up anew.
HERE := $(shell printf '%s' '$(CURDIR)' | cksum | cut -d' ' -f1)
BOOT := .boot/.boot-$(HERE)
PACKAGES := .venv/.packages-$(HERE)
PROJECT := .venv/.project-$(HERE)
MESSAGES := .venv/.messages-$(HERE)
CODE := $(wildcard baogong tools tests bench conftest.py)

export JOBS PORT
export UV_SYSTEM_CERTS = 1
export UV_PYTHON_DOWNLOADS = never
export UV_NO_PROGRESS = 1

.PHONY: help setup run test quick lint format bench soak messages screenshots audit lock clean

help: ## list these commands
	@sed -nE 's/^([a-z]+):.*## (.*)/\1|\2/p' Makefile | while IFS='|' read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

setup: $(MESSAGES) ## everything into .venv; quick when nothing changed

run: setup ## the demonstration on http://127.0.0.1:$(PORT), data under var/ or BAOGONG_DATA
	@exec $(BIN)/baogong run --port $(PORT)

test: setup ## every test on SQLite and PostgreSQL, with the browser
	@$(BIN)/python tools/run_tests.py $(ARGS)

quick: setup ## the fast tests only, on SQLite
	@$(BIN)/python -m pytest -q -n $(JOBS) -m 'not slow and not browser' $(ARGS)

lint: setup ## every static check
	@data=$$(mktemp -d); trap 'rm -rf "$$data"' EXIT; export BAOGONG_DATA="$$data" DJANGO_SETTINGS_MODULE=baogong.config.settings
	failed=''
	check() { local name=$$1; shift; echo "== $$name"; "$$@" || failed="$$failed $$name"; }
	check style $(BIN)/ruff check $(CODE)
	check format $(BIN)/ruff format --check $(CODE)
	check types $(BIN)/mypy $(CODE)
	check imports $(BIN)/lint-imports --no-logo
	check messages $(BIN)/python tools/messages.py --check
	check house $(BIN)/python tools/static_checks.py
	check django $(BIN)/python -m django check --fail-level WARNING
	check migrations $(BIN)/python -m django makemigrations --check --dry-run
	if [ -n "$$failed" ]; then echo "lint: failed:$$failed"; exit 1; fi
	echo 'lint: all well'

format: setup ## put imports and layout in order
	@$(BIN)/ruff check --fix --select I $(CODE)
	$(BIN)/ruff format $(CODE)

bench: setup ## print the benchmark table
	@$(BIN)/python -m bench $(ARGS)

soak: setup ## the long counts; stop and go on as you like
	@$(BIN)/python -m bench.soak $(ARGS)

messages: $(PROJECT) ## new texts into each app's catalogue (ARGS=people: only that app), and say what is missing
	@$(BIN)/python tools/messages.py $(ARGS)
	$(BIN)/python tools/messages.py --compile $(ARGS)

screenshots: setup ## the browser tests' pages as pictures, into var/screenshots
	@$(BIN)/python -m pytest -q -m browser --screenshots var/screenshots $(ARGS)

audit: setup ## ask the advisory database about every locked package
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements/base.txt -r requirements/dev.txt

clean: ## take away what setup made; data under var/ stays
	@rm -rf .boot .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find baogong -name '*.mo' -delete

# ---------------------------------------------------------------- what setup is made of

$(BOOT): requirements/boot.txt
	@$(PYTHON) tools/preflight.py
	echo 'setup: boot environment'
	rm -rf .boot
	$(PYTHON) -m venv .boot
	.boot/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/boot.txt
	touch $@

$(PACKAGES): requirements/base.txt requirements/dev.txt $(BOOT)
	@echo 'setup: packages (a minute or two the first time)'
	[ -e $@ ] || { rm -rf .venv; $(UV) venv --quiet --python "$$(command -v $(PYTHON))" .venv; }
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/base.txt requirements/dev.txt
	touch $@

$(PROJECT): pyproject.toml $(PACKAGES)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

$(MESSAGES): $(PROJECT) $(wildcard baogong/*/locale/zh_Hans/LC_MESSAGES/django.po)
	@$(BIN)/python tools/messages.py --compile
	touch $@
	echo 'setup: done'

lock: $(BOOT) ## write the hashed lock files anew (UPGRADE=1 takes newer releases)
	@trap 'rm -f requirements/*.new' EXIT
	compile() {
		cp "requirements/$$1.txt" "requirements/$$1.txt.new"
		$(UV) pip compile --quiet $(if $(UPGRADE),--upgrade) --generate-hashes --universal --fork-strategy fewest --python-version 3.11 \
			--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' \
			"requirements/$$1.in" -o "requirements/$$1.txt.new"
		cmp -s "requirements/$$1.txt.new" "requirements/$$1.txt" || mv "requirements/$$1.txt.new" "requirements/$$1.txt"
	}
	compile boot
	compile base
	compile dev
	if grep -nE 'https?://|--(extra-)?index|--find-links' requirements/*.txt; then echo 'lock: an address got into a lock file' >&2; exit 1; fi
