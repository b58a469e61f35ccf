# Two commands for everyone: `make demo` and `make test`. Both set up what they need.

PYTHON ?= python3.11
PIP_FLAGS ?=
BIN := .venv/bin
INSTALLED := .venv/.installed
PACKAGES := configs orbits catalog features models review pipelines
# Files in the order of their folders: the long ones of e2e and integration begin before the many short ones.
PYTEST := $(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder
REAL_DATA ?= $(or $(BURNWATCH_DATA),../shared/data)

.PHONY: help demo test lint check fmt bench docs clean system-packages screenshots audit sbom

help:  ## what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || python3 -m venv .venv
	$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "burnwatch needs Python 3.11 or later")'
	$(BIN)/python -m pip install --quiet $(PIP_FLAGS) -c constraints.txt 'torch==2.13.0'
	$(BIN)/python -m pip install --quiet $(PIP_FLAGS) -c constraints.txt -e '.[dev]'
	touch $@

demo: $(INSTALLED)  ## simulate a fleet with an inspector, train, score, show its flags
	$(BIN)/burnwatch demo

system-packages: $(INSTALLED)  ## a browser and a database server for the tests, by the system's package manager
	sh tests/system_packages.sh $(BIN)/python

test: $(INSTALLED) system-packages  ## everything that CI runs
	$(MAKE) --no-print-directory lint
	$(PYTEST)

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports

check: $(INSTALLED) lint  ## format, lint, types, import rules and the fast tests: before every commit
	$(PYTEST) --ignore tests/e2e --ignore tests/integration -p no:schemathesis -m 'not slow and not integration and not e2e'

fmt: $(INSTALLED)  ## format and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(INSTALLED)  ## rewrite the pages that are generated from code
	$(BIN)/python -m configs.load
	$(BIN)/python -m features.registry

screenshots: $(INSTALLED) system-packages  ## pictures of the desk's pages, of simulated data, into the folder screenshots
	$(BIN)/python -m tests.screenshots screenshots

bench: $(INSTALLED)  ## speed, and the figures on real element sets where they are
	for name in orbits simulate detectors flags catalog desk; do $(BIN)/python -m benchmarks.$$name || exit 1; done
	@if [ -d $(REAL_DATA)/shorten2023 ]; then \
	    $(BIN)/python benchmarks/feature_bank.py $(REAL_DATA)/shorten2023/processed_files && \
	    for name in robust-step boosted; do \
	        $(BIN)/burnwatch benchmark $(REAL_DATA)/shorten2023 --detector $$name --controls $(REAL_DATA)/controls || exit 1; \
	    done && \
	    $(BIN)/python benchmarks/burn_fit.py $(REAL_DATA)/shorten2023; \
	else echo "REAL DATA MISSING: no $(REAL_DATA)/shorten2023; set BURNWATCH_DATA for the figures on it"; fi

.audit/.installed: Makefile  # an environment of its own: what looks at the dependencies is none of them
	test -x .audit/bin/python || $(PYTHON) -m venv .audit || python3 -m venv .audit
	.audit/bin/python -m pip install --quiet $(PIP_FLAGS) pip-audit==2.10.1 cyclonedx-bom==7.5.0
	touch $@

audit: .audit/.installed  ## hold the pinned dependencies against the public list of known weaknesses (needs the network)
	.audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict || \
	    { echo "audit: a dependency has a known weakness, or, as the line above says, could not be looked up" >&2; exit 1; }

sbom: $(INSTALLED) .audit/.installed  ## a bill of materials for a release (CycloneDX) of what is installed, into dist/
	mkdir -p dist
	.audit/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o dist/burnwatch.cdx.json $(BIN)/python

clean:  ## remove everything that these targets made
	rm -rf .venv .audit .burnwatch dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
