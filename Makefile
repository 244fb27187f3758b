# Everything a learner or an author does, by name; `make` alone lists it.  Works with GNU make 4.3 and any sh.

PYTHON ?= python3
port = 8888
lang =
torch = keep
only =

ifeq ($(OS),Windows_NT)
VENV_PYTHON = .venv/Scripts/python
else
VENV_PYTHON = .venv/bin/python
endif
AIGC = $(VENV_PYTHON) -m aigc_course.cli
# One thread for each of two processes is about three times faster than two threads each on two shared cores.
PYTEST = OMP_NUM_THREADS=1 $(VENV_PYTHON) -m pytest
UNIT = tests --ignore=tests/browser

.DEFAULT_GOAL := help
.PHONY: help lab doctor test unit soak mutants bench book pdf constraints clean env-lab env-test

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: env-lab ## Open the course in JupyterLab (port=8888, lang=zh or en, torch=cpu)
	@$(AIGC) lab --port $(port) --lang "$(lang)"

doctor: env-lab ## Find out what is wrong with this installation (fix=1 mends what it can)
	@$(AIGC) doctor $(if $(fix),--fix)

test: env-test ## Everything that must hold: style, types, tests, notebooks, mutants, browser (only="types unit" for these alone)
	@$(VENV_PYTHON) tools/stages.py $(only)

unit: env-test ## The quick part of the tests, within a minute
	$(PYTEST) -n 2 -m "not slow and not soak and not browser" $(UNIT)

soak: env-test ## The long repetitions: 50 kills of a run, all notebooks in all environments (only=NAMES: these alone)
	@failed=0; $(if $(only),,$(PYTEST) -n 2 -m soak || failed=1;) $(AIGC) author soak $(only) || failed=1; exit $$failed

mutants: env-test ## Break the code on purpose, one fault at a time: each must turn a test red
	$(VENV_PYTHON) -m tests.mutants

bench: env-test ## Measure everything (only=NAME for one benchmark)
	@$(VENV_PYTHON) benchmarks $(only)

book: env-test ## Build the textbook into book/_build/html (EXECUTE=1 runs the notebooks again)
	$(VENV_PYTHON) book/build.py $(if $(EXECUTE),--execute)

pdf: env-test ## Print the book, one PDF for each language
	$(VENV_PYTHON) book/build.py pdf

constraints: env-test ## Pin anew the versions that make lab installs (constraints.txt)
	$(VENV_PYTHON) tools/constraints.py

clean: ## Remove the environment and all that was built; your notebooks in my-course stay
	rm -rf .venv book/_build build dist .pytest_cache .ruff_cache
	find aigc_course tests book benchmarks tools -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

env-lab:
	@$(PYTHON) tools/setup_env.py lab --torch=$(torch)

env-test:
	@$(PYTHON) tools/setup_env.py test --torch=$(torch)
