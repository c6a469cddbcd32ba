# What can be done here. `make run` needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.runtime
DEV_STAMP := $(VENV)/.development

# For `make quality`: a folder with documents labelled by hand (docs/) and their labels (*.jsonl). They are no part of
# the project, they belong to their publishers.
LABELLED ?=

.PHONY: help run test lint format proof bench quality truth lock clean

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST)

run: $(RUN_STAMP) ## crawl the local replica of publishers' sites and serve the page
	$(BIN)/netdocket run --replica

test: $(DEV_STAMP) ## all tests; the long proofs at a tenth of their size
	$(BIN)/python -m pytest -n 2

lint: $(DEV_STAMP) ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

proof: $(DEV_STAMP) ## the long proofs at full size
	$(BIN)/python -m pytest -m proof --proof-scale 1 --timeout 5400 -s

bench: $(RUN_STAMP) ## measures; prints ratios against the bare engines
	$(BIN)/netdocket bench all

quality: $(RUN_STAMP) ## docs/quality.md: the classifier measured on the labelled documents in LABELLED
	@test -n "$(LABELLED)" || { echo 'say where the labelled documents are: make quality LABELLED=FOLDER'; exit 2; }
	$(BIN)/netdocket evaluate $(LABELLED)/*.jsonl --docs $(LABELLED)/docs --format md --notes docs/quality-notes.md --output docs/quality.md

truth: $(RUN_STAMP) ## docs/quality-generated.md: the classifier against the truth of 3,000 generated bulletins, code by code
	$(BIN)/netdocket evaluate --generated 3000 --format md --output docs/quality-generated.md

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

lock: ## writes the lock files anew; needs uv
	$(COMPILE) --extra cluster -o requirements-cluster.lock
	$(COMPILE) -c requirements-cluster.lock -o requirements.lock
	$(COMPILE) -c requirements-cluster.lock --extra cluster --extra kibana --extra parquet --extra notify --group dev -o requirements-dev.lock

engines: $(DEV_STAMP) ## start a real Kafka and Elasticsearch (fetched once; needs Java 17 and Maven)
	$(BIN)/netdocket engines up

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(RUN_STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("netdocket needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
