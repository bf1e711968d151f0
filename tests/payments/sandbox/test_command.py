import socket

import pytest
from django.core.management import CommandError, call_command


def run(tmp_path, **options):
    call_command("run_payment_sandbox", data=str(tmp_path / "sandbox.sqlite3"), **options)


@pytest.mark.parametrize(
    "change",
    [
        {"ENVIRONMENT": "production"},
        {"RAZORPAY_KEY_ID": "rzp_live_0123456789abcd"},
        {"STRIPE_SECRET_KEY": "sk_live_0123456789abcd"},
        {"CHAPA_SECRET_KEY": "CHASECK-0123456789abcd"},
    ],
)
def test_the_command_refuses_production_and_live_keys(settings, tmp_path, change):
    for name, value in change.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match="neither in production nor with live keys"):
        run(tmp_path, port=0)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_when_its_port_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} cannot be opened"):
            run(tmp_path, port=port)
