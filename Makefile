# Two commands set everything up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMONSTRATION := demo

.DEFAULT_GOAL := help
.PHONY: help demo ui quick test test-long prove lint bench data-dictionary method policies gallery lock clean

help: ## list these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 26

# Pango lays out the board paper, and pip cannot bring it. As root on Debian or Ubuntu it is installed with the rest; elsewhere
# the first command that needs it says how to.
PANGO := ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	libpango-1.0-0 libpangoft2-1.0-0 >/dev/null; } || true

$(VENV)/run.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11 to 3.13 is needed; name one with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@$(PANGO)
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/run.stamp ## run the whole job on twelve quarters of invented extracts
	@$(BIN)/python -P -m pipelines demo --out $(DEMONSTRATION)

ui: $(VENV)/run.stamp ## start Dagster's interface on this machine alone; DEMO=1 opens the demonstration
	@test -z "$(DEMO)" || test -d $(DEMONSTRATION)/storage || $(BIN)/python -P -m pipelines demo --out $(DEMONSTRATION)
	@$(BIN)/python -P -m pipelines ui $(if $(DEMO),--catalogue catalogue --landing $(DEMONSTRATION)/landing --storage $(DEMONSTRATION)/storage)

# On two cores, a file of tests whole in one process: what several of its tests read is made once.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

quick: $(VENV)/dev.stamp
	$(PYTEST)

# Side by side: the checker of types has work for one core alone.
test: $(VENV)/dev.stamp ## everything quick: style, types, layers, tests (under five minutes)
	@$(MAKE) --no-print-directory --jobs 2 lint quick

# The W3C's checker of HTML. Where npm or Java cannot be had, its test says so and is skipped, but not in .ci/run.
$(VENV)/npm/node_modules/vnu-jar/package.json: $(VENV)/dev.stamp
	-@npm install --silent --no-save --ignore-scripts --prefix $(VENV)/npm vnu-jar@26.9.27 && touch $@

test-long: $(VENV)/dev.stamp $(VENV)/npm/node_modules/vnu-jar/package.json ## what is slower: servers, browsers, faults
	$(PYTEST) -m long

prove: $(VENV)/dev.stamp ## what takes hours, printed: 200 releases judged, 20,000 hostile files, 200 runs killed, seven years of both samples; the last output is kept in docs/proofs.md
	JUDGED_RELEASES=200 $(BIN)/pytest -q -p no:randomly -m long tests/judging/test_drawn_releases.py
	HOSTILE_MUTANTS=20000 HOSTILE_BUILT=1 $(BIN)/pytest -q -p no:randomly -m long tests/hostile
	RANDOM_KILLS=200 $(BIN)/pytest -q -p no:randomly -m long tests/end_to_end/test_killed.py -k random
	$(BIN)/python -m benchmarks.audit_of_seven_years every

# What we are timed against, and nothing else needs. Where it cannot be had, `make bench` says so and runs without.
BENCH_EXTRA := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["bench"])
$(VENV)/bench.stamp: $(VENV)/dev.stamp
	-@$(BIN)/pip install --quiet $$($(BIN)/python -c '$(BENCH_EXTRA)') && touch $@

bench: $(VENV)/dev.stamp $(VENV)/bench.stamp ## speed and memory beside other libraries, and growth by reports, printed, never asserted
	$(BIN)/python -m benchmarks

data-dictionary: $(VENV)/run.stamp ## write docs/data-dictionary.md from the schemas
	$(BIN)/python -P -m pipelines.documents.data_dictionary > docs/data-dictionary.md

method: $(VENV)/run.stamp ## compute the numbers and the chart in docs/method.md
	$(BIN)/python -P -m pipelines.documents.method_figures

policies: $(VENV)/run.stamp ## compute what each policy tells, in docs/policies.md
	$(BIN)/python -P -m pipelines.documents.policy_figures

gallery: $(VENV)/dev.stamp ## take pictures of the demonstration's pages, in docs/gallery
	@test -d $(DEMONSTRATION)/storage || $(BIN)/python -P -m pipelines demo --out $(DEMONSTRATION)
	$(BIN)/python -P -m pipelines.documents.gallery $(DEMONSTRATION)/storage

lock: $(VENV)/dev.stamp ## pin every dependency by hash, for Python 3.11 to 3.13
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --extra build --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean: ## remove the environment and the demonstration
	rm -rf $(VENV) $(DEMONSTRATION)
