"""Start the whole shop on one machine."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config.first_start import ADMIN_EMAIL, prepare
from config.supervisor import Supervisor, is_port_free

THREADS = 8


class Command(BaseCommand):
    help = "Prepare the shop, then run web, worker, beat and payment sandbox until Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        ports = _ports()
        for name, port in ports.items():
            if not is_port_free(port):
                raise CommandError(
                    f"Port {port} is taken. Stop what listens there or set {name}, "
                    f"as in: make run {name}={port + 10}"
                )
        password = prepare(with_goods=settings.ENVIRONMENT != "production")
        connections.close_all()
        code = Supervisor(_commands()).run(
            ports=list(ports.values()),
            when_ready=lambda: print(_welcome(password), flush=True),
        )
        sys.exit(code)


def _ports() -> dict[str, int]:
    ports = {"PORT": settings.PORT}
    if settings.PAYMENTS_USE_SANDBOX:
        ports["SANDBOX_PORT"] = settings.SANDBOX_PORT
    return ports


def _commands() -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    manage = [sys.executable, sys.argv[0]]
    celery = [*python, "celery", "--quiet", "-A", "config"]
    web = [*python, "gunicorn", "config.wsgi", "--worker-class", "gthread"]
    web += ["--bind", f"127.0.0.1:{settings.PORT}", "--graceful-timeout", "5"]
    # A client that comes back after a pause finds its connection still open, not just closing.
    web += ["--no-control-socket", "--keep-alive", "75"]
    web += ["--workers", str(settings.WEB_CONCURRENCY), "--threads", str(THREADS)]
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "4"]
    worker += ["--queues", "default,emails,reports", "--loglevel", "WARNING"]
    worker += ["--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--pidfile", "", "--loglevel", "WARNING"]
    commands = {"web": web, "worker": worker, "beat": beat}
    if settings.PAYMENTS_USE_SANDBOX:
        hooks = f"http://127.0.0.1:{settings.PORT}/api/v1/payments/webhooks"
        sandbox = ["run_payment_sandbox", "--port", str(settings.SANDBOX_PORT)]
        sandbox += ["--webhook-url", f"{hooks}/razorpay/"]
        sandbox += ["--chapa-webhook-url", f"{hooks}/chapa/"]
        sandbox += ["--stripe-webhook-url", f"{hooks}/stripe/"]
        commands["sandbox"] = [*manage, *sandbox]
    return commands


def _welcome(password: str | None) -> str:
    """Tell where everything is and how to log in."""
    base = f"http://localhost:{settings.PORT}"
    lines = [
        "",
        "The shop is open. Ctrl-C closes it.",
        f"  API            {base}/api/v1/products/",
        f"  Documentation  {base}/api/docs/",
        f"  Admin          {base}/admin/",
    ]
    if settings.PAYMENTS_USE_SANDBOX:
        lines += [
            f"  Payment test   {base}/payments/test/",
            f"  Sandbox        {settings.SANDBOX_URL}/",
        ]
    if password:
        lines.append(f"  Log in as      {ADMIN_EMAIL}  password  {password}  (shown this once)")
    else:
        lines.append(
            "  Log in as      an administrator; a new password: "
            f".venv/bin/python manage.py changepassword {ADMIN_EMAIL}"
        )
    return "\n".join([*lines, ""])
