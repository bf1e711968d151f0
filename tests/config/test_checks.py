import pytest
from django.core.checks import run_checks

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "django.core.mail.backends.filebased.EmailBackend"


@pytest.mark.parametrize(
    ("environment", "url", "backend", "expected"),
    [
        ("production", "https://shop.example", SMTP, []),
        ("production", "http://shop.example", FILES, ["config.W001", "config.W002"]),
        ("local", "http://localhost:8000", FILES, []),
    ],
)
def test_a_real_shop_is_warned_of_mails_that_reach_nobody(
    settings, environment, url, backend, expected
):
    settings.ENVIRONMENT, settings.SITE_URL, settings.EMAIL_BACKEND = environment, url, backend
    found = [each.id for each in run_checks() if each.id.startswith("config.W")]
    assert found == expected
