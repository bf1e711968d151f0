#!/usr/bin/env bash
# Run the suite over real connections: PostgreSQL with Redis, then MariaDB with RabbitMQ.
# A service that does not answer is skipped on a laptop and is a failure where CI=true.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
failed=0
ran=0
# No database has a say in these; `make test` runs them.
elsewhere=(-m "not browser")
for path in test_access.py access payments/sandbox carts/test_discounts.py carts/test_pricing.py \
    config/test_production.py config/test_supervisor.py notifications/test_addresses.py \
    notifications/test_sending.py; do
    elsewhere+=("--ignore=tests/$path")
done
# All must fit into twenty minutes there: the real files and the fault test take many of them.
if [ "${CI:-}" = true ]; then
    elsewhere+=(-m "not browser and not shop_data and not faults")
fi

answers() {
    "$python" - "$1" <<'PY'
import socket, sys
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])
ports = {"postgres": 5432, "mysql": 3306, "redis": 6379, "amqp": 5672}
try:
    socket.create_connection((url.hostname, url.port or ports[url.scheme]), timeout=3).close()
except OSError:
    sys.exit(1)
PY
}

run_suite() { # name, variables of the environment…, then the tests' arguments from "$@"
    local name=$1 database=$2 redis=$3 broker=$4 url
    shift 4
    for url in "$database" "$redis" "$broker"; do
        if [ -n "$url" ] && ! answers "$url"; then
            echo "!!! NOT TESTED on $name: nothing answers at ${url##*@}"
            if [ "${CI:-}" = true ]; then failed=1; fi
            return
        fi
    done
    echo "=== $name"
    ran=$((ran + 1))
    export DATABASE_URL=$database REDIS_URL=$redis CELERY_BROKER_URL=$broker
    "$python" -m pytest -q -n 2 --dist loadgroup "${elsewhere[@]}" "$@" || failed=1
    # What the tests queued and nobody worked on must not wait for a real worker.
    ENVIRONMENT=test "$python" -m celery -A config purge -f \
        -Q default,emails,reports >/dev/null || failed=1
}

run_suite "PostgreSQL with Redis" "$TEST_POSTGRES_URL" "$TEST_REDIS_URL" \
    "$TEST_REDIS_BROKER_URL" "$@"
run_suite "MariaDB with RabbitMQ" "$TEST_MYSQL_URL" "" "$TEST_RABBITMQ_URL" "$@"

echo "Suites run: $ran of 2"
exit "$failed"
