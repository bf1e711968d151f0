# The shop's commands. `make run` needs Python 3.11 or later and make, nothing else.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PORT ?= 8000
export PORT

TEST_POSTGRES_URL ?= postgres://root@127.0.0.1:5432/storefront
BENCH_DATABASE_URL ?= postgres://root@127.0.0.1:5432/storefront_bench
TEST_MYSQL_URL ?= mysql://root@127.0.0.1:3306/storefront
TEST_REDIS_URL ?= redis://127.0.0.1:6379/14
TEST_REDIS_BROKER_URL ?= redis://127.0.0.1:6379/15
TEST_RABBITMQ_URL ?= amqp://guest:guest@127.0.0.1:5672//
export TEST_POSTGRES_URL TEST_MYSQL_URL TEST_REDIS_URL TEST_REDIS_BROKER_URL TEST_RABBITMQ_URL

.PHONY: help run test test-all coverage check schema format bench-search clean

help:
	@echo "make run        the whole shop on this machine, at http://localhost:$(PORT)"
	@echo "make test       the tests, on SQLite"
	@echo "make test-all   the tests on PostgreSQL with Redis, and on MariaDB with RabbitMQ"
	@echo "make coverage   the tests with the lines and branches they reach"
	@echo "make check      format, lint, types, migrations, production settings, API document"
	@echo "make schema     write docs/openapi.yaml"
	@echo "make format     format the code"
	@echo "make bench-search  how fast search is at 20,000 to 1,000,000 products (PostgreSQL)"
	@echo "make clean      remove the environment and caches; the shop's data in var/ stay"

run: .venv/runtime
	@exec $(BIN)/python manage.py run_shop

test: .venv/dev
	$(BIN)/python -m pytest -q -n auto --dist loadgroup $(ARGS)

test-all: .venv/dev .venv/mysql
	@exec scripts/test_all.sh $(ARGS)

coverage: .venv/dev
	$(BIN)/python -m pytest -q -n auto --dist loadgroup --cov --cov-report=term:skip-covered $(ARGS)

check: .venv/dev
	@exec scripts/check.sh

schema: .venv/dev
	ENVIRONMENT=test $(BIN)/python manage.py spectacular --validate --fail-on-warn \
		--file docs/openapi.yaml

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench-search: .venv/dev
	BENCH_DATABASE_URL=$(BENCH_DATABASE_URL) $(BIN)/python scripts/bench_search.py $(ARGS)

clean:
	rm -rf .venv staticfiles htmlcov .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The files below are marks: newer than the list whose libraries are installed.

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt | .venv/bin/python
	@echo "Installing the libraries; this happens once …"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/runtime
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/mysql: requirements-mysql.txt .venv/runtime
	@$(PIP) -r requirements-mysql.txt || { echo "The MySQL driver compiles: install its" \
		"headers first (Debian: apt-get install libmariadb-dev pkg-config gcc)."; exit 1; }
	@touch $@
