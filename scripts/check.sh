#!/usr/bin/env bash
# Everything that can be judged without running the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin

step() { echo "--- $*"; "$@"; }

as_production() {
    env ENVIRONMENT=production \
        SECRET_KEY="$("$bin/python" -c 'import secrets; print(secrets.token_urlsafe(60))')" \
        ALLOWED_HOSTS=shop.example SITE_URL=https://shop.example \
        DATABASE_URL=postgres://shop@127.0.0.1/shop REDIS_URL=redis://127.0.0.1:6379/0 \
        CELERY_BROKER_URL=redis://127.0.0.1:6379/1 CORS_ALLOWED_ORIGINS=https://shop.example \
        EMAIL_URL=smtps://shop:check@mail.example:465 \
        RAZORPAY_KEY_ID=rzp_live_check RAZORPAY_KEY_SECRET=check RAZORPAY_WEBHOOK_SECRET=check \
        "$@"
}

api_document_is_up_to_date() {
    local written
    written=$(mktemp)
    ENVIRONMENT=test "$bin/python" manage.py spectacular --validate --fail-on-warn --file "$written"
    diff -u docs/openapi.yaml "$written" ||
        { echo "docs/openapi.yaml is not what the code says: run make schema."; return 1; }
    rm "$written"
}

step "$bin/ruff" format --check .
step "$bin/ruff" check .
step "$bin/mypy"
step env ENVIRONMENT=test "$bin/python" manage.py makemigrations --check --dry-run
step as_production "$bin/python" manage.py check --deploy --fail-level WARNING
step api_document_is_up_to_date
echo "All checks passed."
