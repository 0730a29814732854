# unleak: every command sets up what it needs.  `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
LOCK = uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header
AS_ROOT := $(shell [ "$$(id -u)" -eq 0 ] || echo sudo)
CORES := $(shell getconf _NPROCESSORS_ONLN)
# fights compute; what talks to clouds over sockets waits about as long as it computes
JOBS ?= $(CORES)
CLOUD_JOBS ?= $(shell echo $$((2 * $(CORES))))
# `make e2e CLOUDS=rgw` leaves out the clouds that `make test` has gone over
CLOUDS ?= all
TYPED := src tests lab benchmarks deploy
# Scenarios: fights compute while those on clouds wait.  They are not measured, which took them half as
# long again; what pyproject.toml demands is covered without them.
PLAYED := tests/clouds tests/fights tests/laws/test_fight_laws.py

.PHONY: help demo test gates unit e2e e2e-vault rgw kubernetes spark trino browser bench fights fights-test check-readme docs format
.PHONY: lambda cold-start deploy-files deploy-check lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.ready .lab/ministack-venv/.ready ## a thief, a leak, `unleak revoke`, the proof: no AWS account needed
	@$(BIN)/python -m lab.demo

test: gates unit ## every gate, then every test that needs no apt

gates: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports
	$(BIN)/interrogate --config pyproject.toml src

unit: .venv/.ready .lab/ministack-venv/.ready .lab/lambda-runtime-venv/.ready
	$(BIN)/python -m pytest -n $(CLOUD_JOBS) --dist worksteal -m "not rgw and not slow_fight" $(PLAYED)
	$(BIN)/python -m pytest -n $(JOBS) -m "not spark and not trino and not browser" $(addprefix --ignore=,$(PLAYED)) --cov --cov-report=term

e2e: rgw .lab/ministack-venv/.ready .lab/lambda-runtime-venv/.ready ## end to end on every cloud; installs Debian's ceph packages (root or sudo)
	$(BIN)/python -m pytest -n $(CLOUD_JOBS) $(if $(filter rgw,$(CLOUDS)),-m rgw) tests/clouds

rgw: .venv/.ready
	@$(BIN)/python -c 'from lab.install_rgw import missing; raise SystemExit(bool(missing()))' \
	  || $(AS_ROOT) $(BIN)/python -B -m lab.install_rgw

kubernetes: .venv/.ready .lab/kube-apiserver ## the Kubernetes store on a real API server; builds it (needs Go, minutes)
	$(BIN)/python -m pytest tests/clouds/test_kubernetes.py

e2e-vault: .venv/.ready .lab/ministack-venv/.ready .lab/vault ## leaks that Vault issued, on a real Vault server; builds it (needs Go, minutes)
	$(BIN)/python -m pytest -n $(CLOUD_JOBS) -m vault tests/clouds/test_vault.py

spark: .lab/spark-venv/.ready ## the engine spark on local[2], the same answers as the local one (needs Java 17)
	PYTHONPATH=src .lab/spark-venv/bin/python -m pytest -o addopts="--import-mode=importlib -ra" -p no:cacheprovider -m spark tests/engines/test_spark.py

trino: .venv/.ready .lab/trino/.ready ## the SQL for Athena and CloudTrail Lake on a Trino server (needs Maven, Java 17)
	$(BIN)/python -m pytest -m trino tests/engines/test_trino.py

lambda: .venv/.ready ## build dist/unleak-lambda-{arm64,x86_64}.zip; POLICY=FILE puts a policy file in
	$(BIN)/python -m deploy.lambda_zip $(if $(POLICY),--policy $(POLICY))

cold-start: .venv/.ready .lab/lambda-runtime-venv/.ready ## how long the function takes to load
	@$(BIN)/python -m lab.cold_start

deploy-files: .venv/.ready ## write the roles' policies and the bus's rules into the templates of deploy/
	$(BIN)/python -m deploy.generate

deploy-check: .venv/.ready .lab/deploy-venv/.ready ## lint the templates (cfn-lint, checkov; terraform where it is installed)
	$(BIN)/python -m pytest tests/deploy
	.lab/deploy-venv/bin/cfn-lint deploy/*/template.yaml
	.lab/deploy-venv/bin/checkov --quiet --compact --skip-download --directory deploy --framework cloudformation terraform
	if command -v terraform >/dev/null; then terraform -chdir=deploy/terraform fmt -check -recursive; fi
	if [ -d deploy/terraform/.terraform ]; then cd deploy/terraform && terraform validate && terraform test; fi

browser: .lab/browser-venv/.ready ## the HTML report in a headless Chromium; installs Debian's chromium (root or sudo)
	@[ -n "$${UNLEAK_CHROMIUM:-}" ] || command -v chromium >/dev/null \
	  || { $(AS_ROOT) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(AS_ROOT) apt-get install -y -qq --no-install-recommends chromium; }
	PYTHONPATH=src .lab/browser-venv/bin/python -m pytest -o addopts="--import-mode=importlib -ra" -p no:cacheprovider -m browser tests/browser

bench: .venv/.ready .lab/ministack-venv/.ready .lab/bench-venv/.ready .lab/trail-bench-venv/.ready ## measure, and write benchmarks/RESULTS.md and TRACE.md
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.trail_speed

fights: .venv/.ready ## let every thief fight every defence, and write docs/fights.md
	$(BIN)/python -m lab.fight_table

fights-test: .venv/.ready ## test every cell of docs/fights.md; `make test` plays half of them
	$(BIN)/python -m pytest -n $(JOBS) tests/fights

check-readme: .venv/.ready ## the documentation says what the program does
	$(BIN)/python -m pytest tests/docs

docs: .venv/.ready ## write the --help blocks of the documents anew
	PYTHONPATH=tests $(BIN)/python -m docs.help_blocks

format: .venv/.ready ## let ruff repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## resolve the requirement files anew (needs uv; never commit a uv.lock)
	$(LOCK) pyproject.toml -o requirements/runtime.txt
	$(LOCK) pyproject.toml requirements/dev.in -c requirements/runtime.txt -o requirements/dev.txt
	$(LOCK) requirements/ministack.in -o requirements/ministack.txt
	$(LOCK) pyproject.toml --extra notify -c requirements/runtime.txt -o requirements/lambda.txt
	$(LOCK) requirements/lambda-runtime.in -o requirements/lambda-runtime.txt
	$(LOCK) requirements/deploy.in -o requirements/deploy.txt
	$(LOCK) requirements/bench.in -o requirements/bench.txt
	$(LOCK) requirements/trail-bench.in -o requirements/trail-bench.txt
	$(LOCK) pyproject.toml requirements/browser.in -c requirements/runtime.txt -o requirements/browser.txt
	$(LOCK) pyproject.toml requirements/spark.in -c requirements/runtime.txt -o requirements/spark.txt

clean: ## take away everything that these commands made
	rm -rf .venv .lab .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	rm -f .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.ready: requirements/dev.txt pyproject.toml requirements/make-venv.sh
	@requirements/make-venv.sh .venv requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.lab/%-venv/.ready: requirements/%.txt requirements/make-venv.sh
	@mkdir -p .lab
	@requirements/make-venv.sh .lab/$*-venv $<
	@touch $@

.lab/kube-apiserver: lab/kubernetes/main.go lab/kubernetes/go.mod lab/kubernetes/go.sum
	@mkdir -p .lab
	cd lab/kubernetes && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o ../../$@ .

.lab/vault: lab/vault/main.go lab/vault/go.mod lab/vault/go.sum lab/vault/build.sh
	lab/vault/build.sh

.lab/trino/.ready: lab/trino/pom.xml lab/trino/src/main/java/unleak/lab/TrinoServer.java
	@mkdir -p .lab
	mvn --quiet --batch-mode --strict-checksums --file lab/trino/pom.xml package
	@touch $@
