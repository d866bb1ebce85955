# Everything runs in a virtual environment of its own in .venv; nothing is installed elsewhere but the download cache
# (~/.cache/sluicegate). `make demo ARGS="--seconds 300"` and `make test PYTEST="-k wire"` pass arguments on.

VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
PYTEST ?=
# of the tests of the stream those that run beside the rest, so that both halves take as long
BESIDE := $(foreach name,canary lag gateway notify export,tests/streams/test_$(name).py)

.DEFAULT_GOAL := help
.PHONY: help install demo test lint fmt bench clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

install: $(VENV)/.run ## put the command into .venv/bin/sluicegate

demo: $(VENV)/.run ## a real Kafka, generated payments, alerts with their reasons; Ctrl-C ends all of it
	@$(BIN)/sluicegate demo $(ARGS)

test: lint ## lint, types, import contract, and all tests (against a real Kafka)
ifeq ($(PYTEST),)
	@echo "==> tests: most of the stream's here, all others beside them and shown at the end (15 minutes or so in all)"
	@$(BIN)/python -m pytest -p no:cacheprovider tests/unit tests/checks tests/console tests/deploy tests/scenarios models streams $(BESIDE) > .tests.log 2>&1 & others=$$!; \
	  trap 'kill $$others 2>/dev/null; exit 130' INT TERM; \
	  $(BIN)/python -m pytest tests/streams $(BESIDE:%=--ignore=%); streams=$$?; \
	  echo "==> the others"; wait $$others; status=$$?; cat .tests.log; rm -f .tests.log; \
	  [ $$streams = 0 ] && [ $$status = 0 ]
else
	@echo "==> tests"
	@$(BIN)/python -m pytest $(PYTEST)
endif

lint: $(VENV)/.dev ## style, types and the import contract
	@echo "==> style, types, import contract"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fmt: $(VENV)/.dev ## format the code and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: ## list the measurements; each file says at its top how to run it
	@ls tests/bench/*.py

clean: ## remove the virtual environment and every tool's cache (not the download cache)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

# ---- the virtual environment: made once, updated when pyproject.toml changes

$(VENV)/.run: pyproject.toml $(VENV)/.made
	@echo "==> installing Sluicegate and its libraries into $(VENV) (a minute or two, once)"
	@$(BIN)/python -m pip install --quiet --progress-bar on --editable '.[embedded]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "==> installing the development tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --progress-bar on --group dev
	@touch $@

# pip older than 25.1 knows no dependency groups. An existing environment is kept.
$(VENV)/.made:
	@if ! $(BIN)/python -c '' 2>/dev/null; then \
	  for python in python3.13 python3.12 python3.11 python3; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "Python 3.11 or later is needed, and none of python3.13, python3.12, python3.11, python3 is one."; \
	    echo "Install it. Debian, Ubuntu: apt install python3.11 python3.11-venv; Fedora: dnf install python3.12;"; \
	    echo "macOS: brew install python@3.12; anywhere: https://docs.astral.sh/uv, uv python install 3.12"; \
	    exit 1; \
	  fi; \
	  if ! $$found -c 'import venv, ensurepip' 2>/dev/null; then \
	    version=$$($$found -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    echo "$$found cannot make virtual environments: its module ensurepip is missing."; \
	    echo "Install it. Debian, Ubuntu: apt install python$$version-venv"; \
	    exit 1; \
	  fi; \
	  echo "==> making a virtual environment in $(VENV) with $$found"; \
	  $$found -m venv $(VENV) || exit 1; \
	fi
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@
