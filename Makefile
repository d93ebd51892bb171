# Everything runs in the project's own environment, .venv, which the first target that needs it makes.
# PYTHON=python3.12 make test     another interpreter (after make clean)

PYTHON ?= python3
CACHE := $(or $(XDG_CACHE_HOME),$(if $(HOME),$(HOME)/.cache,/tmp))
export AURALIS_CORPUS ?= $(CACHE)/auralis-corpus
# Build requirements are held to the same versions; older and newer pips read different variables.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := $(PIP_CONSTRAINT)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet
BENCH := PYTHONPATH=tests $(BIN)/python tests/benchmarks
DECLARED := pyproject.toml constraints.txt auralis_cli/version.py

.DEFAULT_GOAL := help
.PHONY: help demo screenshots test coverage bench soak fuzz halts corpus mutants lint man completions clean

help:
	@echo "Targets:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- environment -------------------------------------------------------------------------------------------------

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/.run-time: $(DECLARED) | $(BIN)/python
	@echo "Installing Auralis into .venv (once) ..." >&2
	$(INSTALL) --editable .
	@touch $@

.venv/.development: $(DECLARED) | $(BIN)/python
	@echo "Installing Auralis and its development tools into .venv (once) ..." >&2
	$(INSTALL) --editable '.[dev]'
	@touch $@ .venv/.run-time

# What is measured against is kept apart: it wants other versions.
.venv-peers/.installed: Makefile
	$(PYTHON) -m venv .venv-peers
	PIP_CONSTRAINT= PIP_BUILD_CONSTRAINT= .venv-peers/bin/python -m pip install --quiet \
	  matchering==2.0.6 beets==2.14.1 bliss-audio==0.2.0 librosa==0.11.0 visqol-python==3.8.0 pedalboard==0.9.26
	@touch $@

# ---- targets -----------------------------------------------------------------------------------------------------

demo: .venv/.run-time ## hear it: synthesise a short piece, master it, print before and after
	@mkdir -p build
	@$(BIN)/python tests/demo_piece.py build/demo.wav
	$(BIN)/auralis master --force build/demo.wav build/demo-mastered.flac
	@echo; echo "Listen:  before  build/demo.wav"; echo "         after   build/demo-mastered.flac"

screenshots: .venv/.development ## take the README's pictures anew, from a demo library (needs pulseaudio)
	PYTHONPATH=tests $(BIN)/python tests/screenshots.py
	PYTHONPATH=tests $(BIN)/python tests/report_picture.py
	PYTHONPATH=tests $(BIN)/python tests/recording.py

test: .venv/.development ## set up and run everything CI runs
	@tests/system_packages.sh
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m "not alone"
	$(BIN)/python -m pytest -q -m alone

coverage: .venv/.development ## which lines the tests run, workers and players included, in build/coverage/lines
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m "not alone and not unmeasured" --cov --cov-report=term:skip-covered --cov-report=html:build/coverage/lines

lint: .venv/.development ## ruff, mypy --strict, import-linter, generated files up to date
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m auralis_cli.manual --check

mutants: .venv/.development ## plant every known fault and see that the tests kill it
	$(BIN)/python tests/faults/replay.py

# What fails, fails by who comes first: make halts SEED=7 TESTS=tests/tui
SEED ?= 1
TESTS ?= tests

halts: .venv/.development ## the tests while single threads halt at random (Linux; as root)
	$(BIN)/python tests/halts.py --seed $(SEED) -- \
	  $(BIN)/python -m pytest -q -n auto --dist loadfile -m "not alone" $(TESTS)

corpus: ## fetch the open music (some 330 MB of Debian packages) into AURALIS_CORPUS
	@tests/fetch_corpus.sh "$(AURALIS_CORPUS)"

# A table that ends with 1 has missed a gate: the section "Gates" says so, and the others are measured all the same.
bench: .venv/.development .venv-peers/.installed ## every table of BENCHMARKS.md, then its section "Gates": build/benchmarks.json
	-MATCHERING_PYTHON=.venv-peers/bin/python $(BENCH)/peers.py --json build/bench.json
	-$(BIN)/python -m pytest -q tests/benchmarks --benchmark-only --benchmark-json build/kernels.json
	-$(BENCH)/corpus_table.py --json build/corpus.json
	-$(BENCH)/defects_table.py --quick --json build/defects.json
	-$(BENCH)/sound_table.py --json build/sound.json
	-$(BENCH)/lossy_table.py --json build/lossy.json
	-$(BENCH)/album_table.py --json build/album.json
	-MATCHERING_PYTHON=.venv-peers/bin/python $(BENCH)/reference_table.py --json build/reference.json
	-MATCHERING_PYTHON=.venv-peers/bin/python $(BENCH)/reference_torture.py --json build/reference-torture.json
	-MATCHERING_PYTHON=.venv-peers/bin/python $(BENCH)/reference_speed.py --json build/reference-speed.json
	-HARM_PYTHON=.venv-peers/bin/python $(BENCH)/harm_table.py --json build/harm.json
	-$(BENCH)/declip_table.py --json build/declip.json
	-$(BENCH)/batch_table.py --json build/batch.json
	-BEET=.venv-peers/bin/beet $(BENCH)/library_table.py --json build/library.json
	-BEET=.venv-peers/bin/beet $(BENCH)/tagging_table.py --json build/tagging.json
	-$(BENCH)/replaygain_table.py --json build/replaygain.json
	-PEERS_PYTHON=.venv-peers/bin/python $(BENCH)/fingerprint_speed.py --json build/fingerprint-speed.json
	-$(BENCH)/copies_table.py --json build/copies.json
	-$(BENCH)/export_table.py --json build/export.json
	-PEERS_PYTHON=.venv-peers/bin/python $(BENCH)/retrieval_table.py --json build/retrieval.json
	-PEERS_PYTHON=.venv-peers/bin/python $(BENCH)/tempo_table.py --json build/tempo.json
	-$(BENCH)/similar_table.py --json build/similar.json
	-$(BENCH)/gapless_table.py --json build/gapless.json
	-$(BENCH)/playing_table.py --json build/playing.json
	-$(BENCH)/live_mastering_table.py --json build/live_mastering.json
	-$(BENCH)/tui_table.py --json build/tui.json
	-BEET=.venv-peers/bin/beet $(BENCH)/startup_table.py --json build/startup.json
	-$(BENCH)/completion_table.py --json build/completion.json
	$(BENCH)/gather.py

# Of all targets together: make fuzz CASES=31000
CASES ?= 1000000

fuzz: .venv/.development ## give our own parsers a million odd cases, half of them led by what they reach
	$(INSTALL) --editable '.[fuzz]'
	$(BIN)/python tests/fuzz/run.py --cases $(CASES) --json build/fuzz.json

# How long the player plays in them: make soak MINUTES=5
MINUTES ?= 30

soak: .venv/.development ## run the long proofs as well
	$(BIN)/python -m pytest --soak -m soak --soak-minutes $(MINUTES)

man: .venv/.development ## render man/ and completions/ from the command tree
	$(BIN)/python -m auralis_cli.manual

completions: man ## the same: both are rendered together

clean: ## remove environments, caches and build/ (not the music)
	rm -rf .venv .venv-peers build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
