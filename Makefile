# `make ask` and `make test` set up all they need; run again, they take seconds and minutes.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# torch comes as a CPU build from wherever pip is told to look; elsewhere, from PyTorch's own index.
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# Without AMX: some virtual machines announce it and end a program that uses it ("Illegal instruction").
# Undefining what announces it to the compiler is understood by every compiler on every processor.
NO_AMX := -U__AMX_INT8__ -U__AMX_TILE__
CMAKE_ARGS ?= -DCMAKE_C_FLAGS='$(NO_AMX)' -DCMAKE_CXX_FLAGS='$(NO_AMX)'
export CMAKE_ARGS
SAMPLE_HOME := .inyong-sample
# Questions that tell most about a change: near misses, lists, persons, comparisons; a third of the set.
GATED := --tag near-miss --tag list --tag person --tag comparison
QUESTION ?= which regions were selected and for how much?

.PHONY: help setup models ask test lint types browser unit gate bench clean

help:
	@echo "make ask    set up, index the sample documents, ask a question (QUESTION=...)"
	@echo "make test   set up, then lint, types and every test"
	@echo "make gate   a third of the sample questions, and whether enough answers are right"
	@echo "make bench  the figures of the README, measured on this machine"

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Inyong needs Python 3.11 or later; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || \
		{ echo "Inyong needs a C++ compiler to build llama.cpp; on Debian or Ubuntu: apt-get install g++"; exit 1; }
	@echo "Setting up in $(VENV) (once; compiling llama.cpp takes about five minutes on two cores)"
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "$$(grep '^pip==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --only-binary=torch "$(TORCH)+cpu" 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --index-url $(TORCH_INDEX) "$(TORCH)+cpu" 2>/dev/null || \
		$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

models: $(STAMP)
	$(BIN)/inyong models pull

ask: models
	$(BIN)/inyong index --home $(SAMPLE_HOME) --prune eval/data/sample/docs
	@echo
	@echo '$$ inyong ask --home $(SAMPLE_HOME) "$(QUESTION)"'
	@$(BIN)/inyong ask --home $(SAMPLE_HOME) "$(QUESTION)"

test: lint types unit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

# The page is tried in a real browser: the system's, or one that is fetched here.
browser: $(STAMP)
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
		$(BIN)/playwright install chromium || \
		{ test "$$(id -u)" = 0 && apt-get install --yes --quiet --no-install-recommends chromium; } || \
		echo "No Chromium here and none to be had: the tests of the page are left out"

unit: models browser
	$(BIN)/python -m pytest

gate: models
	rm -rf runs/gate
	$(BIN)/inyong eval run -o runs/gate $(GATED)
	$(BIN)/inyong eval gate runs/gate --gate eval/data/sample/gate.toml

bench: models
	$(BIN)/python -m eval.bench

clean:
	rm -rf $(VENV) $(SAMPLE_HOME) .mypy_cache .ruff_cache .pytest_cache .hypothesis
