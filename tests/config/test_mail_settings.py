import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings.mail import mail_settings

SECRET = "ge/heim"
QUOTED = "ge%2Fheim"


@pytest.mark.parametrize(
    ("url", "backend"),
    [
        ("file:", "filebased"),
        ("filemail:", "filebased"),
        ("console:", "console"),
        ("consolemail:", "console"),
    ],
)
def test_files_and_the_console_need_no_server(url, backend):
    assert mail_settings(url) == {
        "EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend"
    }


@pytest.mark.parametrize(
    ("url", "port", "starts_tls", "is_wrapped"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://mail.example", 587, True, False),
        ("submission://mail.example", 587, True, False),
        ("smtp+tls://mail.example:2525", 2525, True, False),
        ("smtps://mail.example", 465, False, True),
        ("smtp+ssl://mail.example:4465", 4465, False, True),
        ("smtps://mail.example:587", 587, True, False),
    ],
)
def test_the_scheme_and_the_port_say_how_a_server_is_spoken_to(url, port, starts_tls, is_wrapped):
    found = mail_settings(url)
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert found["EMAIL_HOST"] == "mail.example"
    assert found["EMAIL_PORT"] == port
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (starts_tls, is_wrapped)


def test_signs_in_user_and_password_are_quoted():
    found = mail_settings(f"smtp+tls://shop%40example.com:{QUOTED}@mail.example")
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("shop@example.com", SECRET)


@pytest.mark.parametrize(
    ("url", "name", "expected"),
    [
        (
            f"mailgun://{QUOTED}@Mg.example.com?api_url=https://api.eu.mailgun.net/v3",
            "mailgun",
            {
                "MAILGUN_API_KEY": SECRET,
                "MAILGUN_SENDER_DOMAIN": "Mg.example.com",
                "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
            },
        ),
        (f"mailgun://{QUOTED}", "mailgun", {"MAILGUN_API_KEY": SECRET}),
        ("sendgrid://SG.Ab-C@", "sendgrid", {"SENDGRID_API_KEY": "SG.Ab-C"}),
        (f"postmark://{QUOTED}@", "postmark", {"POSTMARK_SERVER_TOKEN": SECRET}),
        ("brevo://key@", "brevo", {"BREVO_API_KEY": "key"}),
        ("resend://key@", "resend", {"RESEND_API_KEY": "key"}),
        ("mandrill://key@", "mandrill", {"MANDRILL_API_KEY": "key"}),
        ("sparkpost://key@", "sparkpost", {"SPARKPOST_API_KEY": "key"}),
    ],
)
def test_a_provider_gets_its_key_and_ten_seconds(url, name, expected, settings):
    found = mail_settings(url)
    assert found["EMAIL_BACKEND"] == f"anymail.backends.{name}.EmailBackend"
    assert found["ANYMAIL"] == {"REQUESTS_TIMEOUT": 10, **expected}
    settings.ANYMAIL = found["ANYMAIL"]
    backend = __import__(f"anymail.backends.{name}", fromlist=["EmailBackend"]).EmailBackend()
    assert backend.timeout == 10


def test_ses_takes_keys_or_the_role_of_the_machine(settings):
    found = mail_settings(f"ses://AKIA:{QUOTED}@ap-south-1")
    session = found["ANYMAIL"]["AMAZON_SES_SESSION_PARAMS"]
    assert session == {
        "aws_access_key_id": "AKIA",
        "aws_secret_access_key": SECRET,
        "region_name": "ap-south-1",
    }
    assert mail_settings("ses:")["ANYMAIL"]["AMAZON_SES_SESSION_PARAMS"] == {}
    settings.ANYMAIL = found["ANYMAIL"]
    backend = __import__("anymail.backends.amazon_ses", fromlist=["EmailBackend"]).EmailBackend()
    backend.open()
    assert backend.client.meta.region_name == "ap-south-1"
    assert backend.client.meta.config.read_timeout == 10


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        (f"ftp://user:{QUOTED}@mail.example", "must begin with one of these"),
        ("mail.example", "must begin with one of these"),
        ("smtp:", "smtp://user:password@host:port"),
        (f"smtp://user:{SECRET}@mail.example", "%2F"),
        ("mailgun://", "mailgun://key@"),
        (f"postmark://@{QUOTED}", "postmark://key@"),
        (f"mailjet://{QUOTED}@", "must begin with one of these"),
    ],
)
def test_a_wrong_address_is_refused_with_what_to_write_and_without_its_secret(url, hint):
    with pytest.raises(ImproperlyConfigured) as refusal:
        mail_settings(url)
    assert hint in str(refusal.value)
    assert "heim" not in str(refusal.value)
