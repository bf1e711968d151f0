FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1

# The MySQL driver compiles: build with --build-arg WITH_MYSQL=true where the shop needs it,
# and with --build-arg WITH_S3=true where uploaded files go to a bucket.
ARG WITH_MYSQL=false
ARG WITH_S3=false
WORKDIR /shop
COPY requirements.txt requirements-mysql.txt requirements-s3.txt ./
RUN pip install -r requirements.txt && \
    if [ "$WITH_S3" = true ]; then pip install -r requirements-s3.txt; fi && \
    if [ "$WITH_MYSQL" = true ]; then \
        apt-get update && \
        apt-get install -y --no-install-recommends gcc libmariadb-dev pkg-config && \
        pip install -r requirements-mysql.txt && \
        apt-get purge -y gcc pkg-config && rm -rf /var/lib/apt/lists/*; \
    fi

COPY . .
# Only to collect static files: the shop itself refuses to start without its real environment.
RUN ENVIRONMENT=production ALLOW_EMBEDDED=true ALLOWED_HOSTS=nowhere \
    SECRET_KEY="$(python -c 'import uuid; print(uuid.uuid4(), uuid.uuid4())')" \
    RAZORPAY_KEY_ID=none RAZORPAY_KEY_SECRET=none RAZORPAY_WEBHOOK_SECRET=none \
    python manage.py collectstatic --noinput && \
    useradd --system --home-dir /shop shop && \
    mkdir -p var/media && chown -R shop var
USER shop

ENV ENVIRONMENT=production PORT=8000 WEB_CONCURRENCY=2
EXPOSE 8000
# The shop answers its own hosts only, also on this address.
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import os; from urllib.request import *; \
host = os.environ['ALLOWED_HOSTS'].split(',')[0].lstrip('.'); \
urlopen(Request(f\"http://127.0.0.1:{os.environ['PORT']}/health/live/\", \
headers={'Host': host}), timeout=4)"]
# gunicorn reads PORT and WEB_CONCURRENCY itself.
CMD ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--threads", "8", \
     "--keep-alive", "75", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
