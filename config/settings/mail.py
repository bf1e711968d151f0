"""What EMAIL_URL means: a mail server, a provider of Anymail, the console, or files."""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TIMEOUT = 10
_BACKENDS = {
    name: f"django.core.mail.backends.{module}.EmailBackend"
    for module, names in {
        "console": ("console", "consolemail"),
        "filebased": ("file", "filemail"),
        "locmem": ("memorymail",),
        "dummy": ("dummymail",),
        "smtp": ("smtp", "smtp+tls", "submission", "smtps", "smtp+ssl"),
    }.items()
    for name in names
}
# Without TLS, with STARTTLS, and with TLS from the first byte.
_PORTS = {"smtp": 25, "smtp+tls": 587, "submission": 587, "smtps": 465, "smtp+ssl": 465}
# Anymail's names for what stands before the @ and after it. Providers that refuse headers of ours,
# such as Mailjet, are reached by SMTP.
_PROVIDERS = {
    "brevo": ("API_KEY", ""),
    "mailgun": ("API_KEY", "SENDER_DOMAIN"),
    "mandrill": ("API_KEY", ""),
    "postmark": ("SERVER_TOKEN", ""),
    "resend": ("API_KEY", ""),
    "sendgrid": ("API_KEY", ""),
    "sparkpost": ("API_KEY", ""),
}


def mail_settings(url: str) -> dict[str, Any]:
    """Return the settings that an address asks for; no refusal repeats the secrets in it."""
    scheme = url.partition(":")[0].lower()
    parts = urlsplit(url)
    if scheme == "ses":
        return _of_ses(parts)
    if scheme in _PROVIDERS:
        return _of_provider(scheme, parts)
    if scheme not in _BACKENDS:
        known = ", ".join(sorted([*_BACKENDS, *_PROVIDERS, "ses"]))
        raise ImproperlyConfigured(f"EMAIL_URL must begin with one of these and a colon: {known}.")
    server = _of_server(scheme, parts) if scheme in _PORTS else {}
    return {"EMAIL_BACKEND": _BACKENDS[scheme], **server}


def _of_server(scheme: str, parts: SplitResult) -> dict[str, Any]:
    try:
        port = parts.port or _PORTS[scheme]
    except ValueError:
        raise ImproperlyConfigured("EMAIL_URL: write signs like / # @ in the password as %2F …")
    if not parts.hostname:
        raise ImproperlyConfigured(f"EMAIL_URL: write {scheme}://user:password@host:port.")
    # Port 587 speaks STARTTLS, whatever the address calls it.
    is_wrapped = _PORTS[scheme] == 465 and port != 587
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_wrapped,
        "EMAIL_USE_TLS": not is_wrapped and scheme != "smtp",
    }


def _of_provider(name: str, parts: SplitResult) -> dict[str, Any]:
    """Read provider://key@ or mailgun://key@domain; the key may stand alone."""
    key, _, domain = parts.netloc.partition("@")
    if not key:
        raise ImproperlyConfigured(f"EMAIL_URL: write {name}://key@.")
    given = dict(zip(_PROVIDERS[name], (unquote(key), domain), strict=True))
    given |= {option.upper(): value for option, value in parse_qsl(parts.query)}
    prefix = name.upper()
    anymail = {f"{prefix}_{option}": value for option, value in given.items() if option and value}
    return {
        "EMAIL_BACKEND": f"anymail.backends.{name}.EmailBackend",
        "ANYMAIL": {"REQUESTS_TIMEOUT": TIMEOUT, **anymail},
    }


def _of_ses(parts: SplitResult) -> dict[str, Any]:
    """Read ses://region or ses://key:secret@region; without a key the machine's own role counts."""
    patience = {"connect_timeout": TIMEOUT, "read_timeout": TIMEOUT, "retries": {"max_attempts": 1}}
    session = {
        "aws_access_key_id": unquote(parts.username or ""),
        "aws_secret_access_key": unquote(parts.password or ""),
        "region_name": parts.hostname or "",
    }
    return {
        "EMAIL_BACKEND": "anymail.backends.amazon_ses.EmailBackend",
        "ANYMAIL": {
            "AMAZON_SES_SESSION_PARAMS": {name: value for name, value in session.items() if value},
            "AMAZON_SES_CLIENT_PARAMS": {"config": patience},
        },
    }
