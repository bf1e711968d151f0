"""One webhook on the wire, with a receiver on this machine."""

import hashlib
import hmac
import json
import re
import socket
import ssl
import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.utils import timezone

from notifications.services import addresses, sending
from notifications.services.sending import post

BODY = json.dumps({"id": "1", "name": "Bücher"}, ensure_ascii=False).encode()


def send(receiver, **fields):
    given = {"url": receiver.url, "secret": "whsec_1", "body": BODY, "headers": {}}
    return post(**given | fields)


def test_a_webhook_is_signed_over_its_time_and_raw_body(receiver):
    outcome = send(receiver, headers={"X-Storefront-Event": "order.paid"})
    assert (outcome.is_accepted, outcome.status, outcome.excerpt) == (True, 200, "thanks")
    ((path, headers, body),) = receiver.calls
    assert (path, body) == ("/hooks?from=shop", BODY)
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Storefront-Event"] == "order.paid"
    moment, signature = re.fullmatch(
        "t=([0-9]+),v1=([0-9a-f]{64})", headers["X-Storefront-Signature"]
    ).groups()
    assert abs(int(moment) - time.time()) < 60
    expected = hmac.new(b"whsec_1", f"{moment}.".encode() + BODY, hashlib.sha256).hexdigest()
    assert signature == expected


@pytest.mark.parametrize("status", [199, 301, 302, 304, 307, 400, 401, 404, 410, 429, 500, 503])
def test_anything_but_2xx_is_a_failure_and_no_redirect_is_followed(receiver, status):
    receiver.status, receiver.body = status, b""
    receiver.headers = {"Location": receiver.url}
    outcome = send(receiver)
    assert not outcome.is_accepted
    assert outcome.status == status
    assert outcome.error == f"The answer was {status}."
    assert len(receiver.calls) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_2xx_is_accepted(receiver, status):
    receiver.status, receiver.body = status, b""
    assert send(receiver).is_accepted


def trickle(handler):
    """Answer with a byte now and then, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    try:
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)
    except OSError:
        return


def trickle_headers(handler):
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)
    except OSError:
        return


def keep_silent(handler):
    handler.rfile.read(1)


@pytest.mark.parametrize("act", [trickle, trickle_headers, keep_silent])
def test_a_receiver_that_takes_its_time_is_cut_off(receiver, monkeypatch, act):
    monkeypatch.setattr(sending, "TIMEOUT", 0.6)
    receiver.act = act
    outcome = send(receiver)
    assert not outcome.is_accepted
    assert outcome.error == "No whole answer within 0.6 seconds."
    assert 600 <= outcome.latency_ms < 5000


def test_only_the_beginning_of_an_answer_is_read(receiver):
    receiver.body = b"<b>\xff\x00" + b"y" * 3_000_000
    outcome = send(receiver)
    assert outcome.is_accepted
    assert outcome.excerpt == "<b>\ufffd" + "y" * 496


def test_rubbish_instead_of_http_is_a_failure(receiver):
    receiver.act = lambda handler: handler.wfile.write(b"\x00\x01 nonsense\r\n\r\n")
    outcome = send(receiver)
    assert not outcome.is_accepted
    assert outcome.error.startswith("BadStatusLine")


def test_nobody_listening_is_a_failure(receiver, settings):
    receiver.stop()
    outcome = send(receiver)
    assert not outcome.is_accepted
    assert "refused" in outcome.error


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("0", 0), ("soon", None), ("-5", None), ("9" * 400, 999999999)],
)
def test_the_wait_that_a_receiver_asks_for_is_read(receiver, header, seconds):
    receiver.status, receiver.headers = 503, {"Retry-After": header}
    assert send(receiver).retry_after == seconds


def test_a_date_to_wait_for_is_read(receiver):
    receiver.status, receiver.headers = 429, {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}
    assert send(receiver).retry_after > 10**9
    receiver.headers = {"Retry-After": "Wed, 21 Oct 1999 07:28:00 GMT"}
    assert send(receiver).retry_after == 0


def test_a_private_address_gets_nothing(receiver, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = []
    assert send(receiver).error == "Webhooks go to the ports 80, 443, 8080, 8443 alone."
    assert send(receiver, url="http://localhost:8080/").error == (
        "The host leads to a private address."
    )
    assert receiver.calls == []


def test_a_name_is_looked_up_once_and_the_line_goes_to_what_was_judged(
    receiver, settings, monkeypatch
):
    """A name that leads outside at first and inside a moment later reaches nothing inside."""
    answers, dialled = [["8.8.8.8"], ["127.0.0.1"]], []

    def look_up(host, port, **kwargs):
        return [(0, 0, 0, "", (address, port)) for address in answers.pop(0)]

    def dial(where, timeout):
        dialled.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(sending.socket, "create_connection", dial)
    assert not send(receiver, url="http://rebind.example:8080/").is_accepted
    assert dialled == [("8.8.8.8", 8080)]
    assert answers == [["127.0.0.1"]]


def test_a_proxy_of_the_environment_is_not_asked(receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert send(receiver).is_accepted


@pytest.fixture
def secure(receiver, settings, monkeypatch, tmp_path):
    """The receiver behind TLS as hooks.test, whose certificate is trusted; what names it heard."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.test")])
    now = timezone.now()
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.test")]), False)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    (tmp_path / "certificate.pem").write_bytes(certificate)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(secret)
    context, heard = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    context.sni_callback = lambda line, name, context: heard.append(name)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    trust = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    monkeypatch.setattr(sending, "_trust", lambda: trust)
    settings.WEBHOOK_ALLOWED_HOSTS = ["hooks.test", "other.test"]
    monkeypatch.setattr(
        addresses.socket,
        "getaddrinfo",
        lambda host, port, **kwargs: [(0, 0, 0, "", ("127.0.0.1", port))],
    )
    monkeypatch.setattr(sending.socket, "create_connection", dial_by_number)
    return heard


def dial_by_number(where, timeout):
    line = socket.socket()
    line.settimeout(timeout)
    line.connect(where)
    return line


def test_tls_names_the_host_although_the_line_goes_to_a_number(receiver, secure):
    outcome = send(receiver, url=f"https://hooks.test:{receiver.port}/in")
    assert outcome.is_accepted, outcome
    assert secure == ["hooks.test"]
    assert receiver.calls[0][1]["Host"] == f"hooks.test:{receiver.port}"


def test_who_has_no_certificate_of_its_name_gets_nothing(receiver, secure):
    outcome = send(receiver, url=f"https://other.test:{receiver.port}/in")
    assert not outcome.is_accepted
    assert outcome.error.startswith("SSLCertVerificationError")
    assert receiver.calls == []


def test_who_does_not_speak_tls_gets_nothing(receiver):
    outcome = send(receiver, url=receiver.url.replace("http:", "https:"))
    assert not outcome.is_accepted
    assert receiver.calls == []


def test_a_socket_is_closed_whatever_happens(receiver, monkeypatch):
    made = []
    real = socket.create_connection
    monkeypatch.setattr(
        sending.socket, "create_connection", lambda *a, **k: made.append(real(*a, **k)) or made[-1]
    )
    receiver.act = keep_silent
    monkeypatch.setattr(sending, "TIMEOUT", 0.3)
    send(receiver)
    assert [line.fileno() for line in made] == [-1]
