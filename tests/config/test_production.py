import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k3Jd82hfKq1mZx7Lr5Tn0Vb4Wc6Ye9PsAuGiOoDfHj2Rt8Nv3X",
    "ALLOWED_HOSTS": "shop.example",
    "SITE_URL": "https://shop.example",
    "DATABASE_URL": "postgres://shop@127.0.0.1/shop",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/1",
    "RAZORPAY_KEY_ID": "rzp_live_0",
    "RAZORPAY_KEY_SECRET": "s",
    "RAZORPAY_WEBHOOK_SECRET": "w",
}


def start(tmp_path, code="from django.conf import settings; settings.DEBUG", **changes):
    """Load the settings in a process of its own; a change to None takes a variable away."""
    environment = {k: v for k, v in {**GOOD, **changes}.items() if v is not None}
    environment |= {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var")}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_shop_that_has_everything_starts(tmp_path):
    done = start(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "change-me-" + "x" * 50}, "SECRET_KEY"),
        ({"DEBUG": "true"}, "DEBUG"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"RAZORPAY_KEY_ID": None}, "RAZORPAY_KEY_ID"),
        ({"RAZORPAY_KEY_SECRET": None}, "RAZORPAY_KEY_SECRET"),
        ({"RAZORPAY_WEBHOOK_SECRET": None}, "RAZORPAY_WEBHOOK_SECRET"),
        ({"RAZORPAY_BASE_URL": "http://127.0.0.1:8001"}, "RAZORPAY_BASE_URL"),
        ({"STRIPE_SECRET_KEY": "sk_live_0"}, "STRIPE_WEBHOOK_SECRET"),
        ({"STRIPE_BASE_URL": "http://localhost:8001/stripe"}, "STRIPE_BASE_URL"),
        ({"CHAPA_SECRET_KEY": "CHASECK-0"}, "CHAPA_WEBHOOK_SECRET"),
        ({"CHAPA_BASE_URL": "http://127.0.0.1:8001/chapa"}, "CHAPA_BASE_URL"),
        ({"SMS_BACKEND": "pigeon"}, "SMS_BACKEND"),
        ({"SMS_BACKEND": "twilio", "TWILIO_FROM": "+1"}, "TWILIO_ACCOUNT_SID"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"CELERY_BROKER_URL": "", "REDIS_URL": ""}, "CELERY_BROKER_URL"),
        ({"REDIS_URL": None, "CELERY_BROKER_URL": None}, "CELERY_BROKER_URL"),
    ],
)
def test_a_shop_that_lacks_something_refuses_to_start_and_says_what(tmp_path, change, reason):
    done = start(tmp_path, **change)
    assert done.returncode != 0
    assert "This shop cannot start" in done.stderr
    assert reason in done.stderr.split("This shop cannot start")[-1]


def test_embedded_parts_are_used_in_production_where_they_are_allowed(tmp_path):
    embedded = {"DATABASE_URL": None, "REDIS_URL": None, "CELERY_BROKER_URL": None}
    assert start(tmp_path, **embedded, ALLOW_EMBEDDED="true").returncode == 0


def test_a_variable_that_is_set_to_nothing_is_not_set(tmp_path):
    code = """
from django.conf import settings
print(settings.PORT, settings.FRONTEND_URL, settings.STORE_NAME, repr(settings.STORE_STATE))
print(settings.CELERY_BROKER_URL, settings.EMAIL_BACKEND)
"""
    names = ("PORT", "FRONTEND_URL", "STORE_NAME", "STORE_STATE", "CELERY_BROKER_URL", "EMAIL_URL")
    done = start(tmp_path, code, **dict.fromkeys(names, ""))
    assert done.stdout.split() == [
        "8000",
        "https://shop.example",
        "Storefront",
        "''",
        GOOD["REDIS_URL"],
        "django.core.mail.backends.filebased.EmailBackend",
    ]


def test_an_address_that_names_no_database_is_refused_with_the_ones_that_do(tmp_path):
    done = start(tmp_path, DATABASE_URL="shop")
    assert done.returncode != 0
    assert "DATABASE_URL must begin with postgres://" in done.stderr


def test_an_environment_that_is_none_refuses_to_start(tmp_path):
    done = start(tmp_path, ENVIRONMENT="prod")
    assert done.returncode != 0
    assert "local, test or production" in done.stderr


def test_with_nothing_set_a_key_is_made_once_and_kept(tmp_path):
    nothing = dict.fromkeys(GOOD)
    code = "from django.conf import settings; print(settings.SECRET_KEY, settings.DEBUG)"
    first, second = (start(tmp_path, code, **nothing) for _ in range(2))
    key, debug = first.stdout.split()
    assert len(key) > 40
    assert debug == "False"
    assert second.stdout == first.stdout
    assert (tmp_path / "var" / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_sandbox_payments_do_not_exist_in_production(tmp_path):
    code = "from django.conf import settings; print(settings.PAYMENTS_USE_SANDBOX)"
    assert start(tmp_path, code).stdout.strip() == "False"


def test_with_nothing_set_mails_are_files_under_var(tmp_path):
    code = (
        "import django; django.setup()\n"
        "from django.core.mail import send_mail\n"
        "send_mail('Hello', 'Mugs', None, ['asha@example.com'])"
    )
    done = start(tmp_path, code, **dict.fromkeys(GOOD))
    assert (done.returncode, done.stderr) == (0, "")
    (mail,) = (tmp_path / "var" / "mail").iterdir()
    assert "To: asha@example.com" in mail.read_text()


def test_a_file_of_secrets_of_an_earlier_version_keeps_them_and_gets_new_ones(tmp_path):
    kept = tmp_path / "var" / "secrets.json"
    kept.parent.mkdir()
    old = {name: f"old-{name}" for name in ("SECRET_KEY", "RAZORPAY_KEY_ID")}
    old |= dict.fromkeys(("RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET"), "old")
    kept.write_text(json.dumps(old))
    code = "from django.conf import settings as s; print(s.SECRET_KEY, s.STRIPE_SECRET_KEY)"
    first, second = (start(tmp_path, code, **dict.fromkeys(GOOD)) for _ in range(2))
    key, stripe_key = first.stdout.split()
    assert key == "old-SECRET_KEY"
    assert stripe_key.startswith("sk_test_")
    assert second.stdout == first.stdout
    assert json.loads(kept.read_text()).items() >= old.items()
