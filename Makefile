# `make demo` and `make test` need python3 (3.11 or later, with venv) and make; everything else they fetch themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-oscar test test-long test-wheel test-oldest lint bench screenshots wheel clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(STAMP): pyproject.toml setup.cfg
	@echo "Setting up $(VENV), which takes a minute the first time ..."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(STAMP) ## make the virtual environment

demo: $(STAMP) ## the whole story on real parts: simulator, sample shop, plugin (ARGS=--once: without waiting)
	@$(BIN)/reverb-plugin demo $(ARGS)

demo-oscar: $(STAMP) ## a django-oscar shop with the plugin plugged in, on the simulator (ARGS=--port=0: another port)
	@$(BIN)/python -m examples.oscar_shop $(ARGS)

test: $(STAMP) ## all tests
	$(BIN)/pytest -n 4 $(ARGS)

test-long: $(STAMP) ## the proofs that take minutes
	$(BIN)/pytest -n 4 -m long $(ARGS)
	$(BIN)/pytest --hypothesis-profile=long -k machine $(ARGS)

test-wheel: wheel ## all tests against the built wheel, in an empty environment
	rm -rf build/wheel-test
	mkdir -p build/wheel-test
	cp -r tests docs examples benchmarks pyproject.toml setup.cfg Makefile *.md build/wheel-test
	$(PYTHON) -m venv build/wheel-test/.venv
	build/wheel-test/.venv/bin/python -m pip install --quiet --disable-pip-version-check "$$(ls dist/*.whl)[dev]"
	cd build/wheel-test && .venv/bin/python -m pytest -n 4 $(ARGS)

test-oldest: ## all tests with the oldest allowed version of each dependency
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check --constraint tests/oldest.txt --editable '.[dev]'
	.venv-oldest/bin/python -m pytest -n 4 $(ARGS)

lint: $(STAMP) ## ruff, mypy --strict, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## the measures of benchmarks/, as a table with ratios
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(STAMP) ## pictures of each page into docs/screenshots; needs Chromium
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

wheel: $(STAMP) ## build the wheel and the sdist into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

clean: ## remove what the other targets made
	rm -rf $(VENV) .venv-oldest build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
