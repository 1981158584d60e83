# Two commands do everything on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
SAMPLE_DATE := 2026-06-30
# jars of the Neo4j server that make neo4j and the tests start
CACHE = $${XDG_CACHE_HOME:-$$HOME/.cache}/liangxin

.PHONY: install demo test check serve neo4j bench torture mutation docs clean

install: $(VENV)/.installed

# compiled as pip compiles what it installs, so that the first command starts as fast as later ones
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	$(BIN)/python -m compileall -q graph loaders api visualizations
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

# the store of the demo is a file under demo/, unless LIANGXIN_STORE names another file or a Neo4j server
demo serve: export LIANGXIN_STORE ?= $(DEMO)/demo.lbug

# Writes and loads the sample of all five places, asks questions, and writes a report on 丁市.
demo: install
	rm -rf $(DEMO) && mkdir -p $(DEMO)
	$(BIN)/liangxin sample $(DEMO)/台账
	$(BIN)/liangxin load $(DEMO)/台账 --as-of $(SAMPLE_DATE) --rejects $(DEMO)/拒收行.xlsx
	$(BIN)/liangxin ask overview --as-of $(SAMPLE_DATE)
	$(BIN)/liangxin ask gaps_by_division --as-of $(SAMPLE_DATE)
	$(BIN)/liangxin ask org_should_exist region=丁市 size=10 --as-of $(SAMPLE_DATE)
	$(BIN)/liangxin report $(DEMO)/report.html --region 丁市 --as-of $(SAMPLE_DATE)
	@echo "报告已写入 $(DEMO)/report.html，用浏览器打开即可；make serve 可在网页上继续查看。"

serve: install
	@test -f $(DEMO)/report.html || $(MAKE) demo
	$(BIN)/liangxin serve --as-of $(SAMPLE_DATE)

test: $(VENV)/.installed-dev
	sh tests/setup.sh
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadgroup

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m api.reference --check

# Generates docs/ontology.md, docs/settings.md, docs/rules.md and docs/questions.md.
docs: install
	$(BIN)/python -m api.reference

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

# Runs a Neo4j server for development until it is interrupted; prints its address and how to use it.
neo4j: install
	$(BIN)/python -m tests.neo4j_server

# Tests that take too long for every run.
torture: $(VENV)/.installed-dev
	$(BIN)/python -m tests.torture
	TORTURE_EXAMPLES=5000 $(BIN)/python -m pytest tests/api/cli/test_hostile_arguments.py tests/graph/stores -k "hostile or allowed" -n0
	$(BIN)/python -m tests.loaders.read.mutants
	$(BIN)/python -m tests.wear
	$(BIN)/python -m tests.scopes

# Flips each comparison of each rule and checks that a case of the rule fails: for all rules, for RULES="id id", or for
# those changed since the git revision SINCE, or with CHANGED=1 since this branch left main; after SECONDS no further
# rule is begun.
mutation: $(VENV)/.installed-dev
	$(BIN)/python -m tests.mutation $(RULES) $(if $(SINCE),--since $(SINCE)) $(if $(CHANGED),--changed) $(if $(SECONDS),--seconds $(SECONDS))

clean:
	rm -rf "$(CACHE)"
	rm -rf $(VENV) $(DEMO) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
