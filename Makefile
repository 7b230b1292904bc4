# Gatehouse. Every target sets up what it needs; a second run costs next to nothing.
PY := .venv/bin/python
OUT ?= demo-out
WORKERS ?= 3
SEEDS ?= 200000
MINUTES ?= 120
REPORT ?= soak-out
JOBS ?= 2
REAL ?= 300
KILLS ?= 1000
FUZZ ?= 1000000
RESUME ?=
# Thousands of small stores and a few databases: in memory where there is room, so that no test waits for a disk.
MEMORY := $(shell [ -w /dev/shm ] && [ "$$(df -Pk /dev/shm | awk 'NR==2 {print $$4}')" -gt 4000000 ] && echo /dev/shm/gatehouse-tests)
history ?=
message ?=

.PHONY: setup demo test check coverage bench tour soak mutants audit migration translations lock clean

setup:
	@bash .ci/setup

demo: setup            ## hub, two tills and a gate on demo data; the whole story where there is no display
	@$(PY) -m app.main demo --out $(OUT)

test: setup            ## all tests but the long ones
	@rm -rf "$(MEMORY)"; [ -z "$(MEMORY)" ] || mkdir -p "$(MEMORY)"
	@$(if $(MEMORY),TMPDIR=$(MEMORY)) QT_QPA_PLATFORM=offscreen $(PY) -m pytest -q -n $(WORKERS) --dist loadgroup tests --ignore tests/bench

check: setup           ## format, lint, types, layers, repository rules
	@.venv/bin/ruff format --check -q .
	@.venv/bin/ruff check -q .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PY) .ci/rules.py

coverage: setup        ## branch coverage against its floors
	@QT_QPA_PLATFORM=offscreen $(PY) -m pytest -q -n $(WORKERS) --dist loadgroup tests --ignore tests/bench --cov --cov-report=
	@$(PY) -m coverage report --skip-covered --sort=cover --fail-under=85
	@$(PY) -m coverage report --include='domain/*,app/services/*' --fail-under=95

bench: setup           ## the figures, as JSON lines
	@QT_QPA_PLATFORM=offscreen $(PY) -m tests.bench

tour: setup            ## a picture of every screen
	@QT_QPA_PLATFORM=offscreen $(PY) -m app.main tour --out tour-out

soak: setup            ## long runs on one page: simulation (SEEDS, MINUTES, REAL, JOBS, RESUME=1), kills (KILLS), power cuts, fuzz (FUZZ)
	@mkdir -p $(REPORT); failed=0; resume=$(if $(RESUME),--resume); \
	$(PY) -m tests.simulation soak --seeds $(SEEDS) --minutes $(MINUTES) --jobs $(JOBS) --report $(REPORT) $$resume || failed=1; \
	$(PY) -m tests.simulation soak --tier real --seeds $(REAL) --jobs 1 --report $(REPORT) $$resume || failed=1; \
	[ -n "$(RESUME)" ] || rm -f $(REPORT)/counted.jsonl; \
	GATEHOUSE_SOAK=1 GATEHOUSE_KILLS=$(KILLS) GATEHOUSE_FUZZ=$(FUZZ) GATEHOUSE_REPORT=$(abspath $(REPORT)) \
		$(PY) -m pytest -o faulthandler_timeout=0 -q tests/power tests/kills tests/fuzz || failed=1; \
	QT_QPA_PLATFORM=offscreen GATEHOUSE_SOAK=1 $(PY) -m pytest -o faulthandler_timeout=0 -q -n $(WORKERS) --dist loadgroup \
		tests/unit tests/devices tests/store tests/simulation || failed=1; \
	$(PY) -m tests.simulation report $(REPORT); exit $$failed

mutants: setup         ## planted bugs, and how many seeds of the simulation find each
	@$(PY) -m tests.simulation mutants --jobs $(JOBS) --report $(REPORT)

migration: setup       ## make migration history=station|hub message="what changes"
	@$(PY) -m migrations.new "$(history)" "$(message)"

translations: setup    ## collect the strings of the windows into resources/i18n
	@$(PY) -m ui.translations --update

lock: setup            ## pin all packages with their hashes again
	@$(PY) -m pip install --quiet uv
	@$(PY) -m uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --all-extras pyproject.toml -o requirements.lock

audit: setup           ## known holes in the locked packages (asks the network)
	@$(PY) -m pip install --quiet --disable-pip-version-check --target .venv/audit pip-audit
	@PYTHONPATH=.venv/audit $(PY) -m pip_audit --require-hashes --disable-pip -r requirements.lock

clean:
	rm -rf .venv build *.egg-info demo-out tour-out soak-out .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
