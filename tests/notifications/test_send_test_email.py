from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notifications.models import Message

from .smtp import MailServer, free_port, refuse_login, use_server

SECRET = "geheim-7"


def send(address="asha@example.com"):
    out = StringIO()
    call_command("send_test_email", address, stdout=out)
    return out.getvalue()


def refusal(**given):
    with pytest.raises(CommandError) as error:
        send(**given)
    assert SECRET not in str(error.value)
    return str(error.value)


def test_a_test_mail_is_sent_at_once_and_leaves_no_row(mail_server, db):
    assert f"127.0.0.1:{mail_server.port} took the mail to asha@example.com" in send()
    (mail,) = mail_server.taken
    assert mail["Subject"] == "A test mail of Storefront"
    assert mail["To"] == "asha@example.com"
    assert not Message.objects.exists()


def test_what_is_no_address_is_refused(mail_server):
    assert refusal(address="asha") == "asha is no e-mail address."
    assert mail_server.taken == []


def test_the_words_of_the_server_are_shown(mail_server):
    mail_server.refusals = {"asha@example.com": "550 5.1.1 No such user here"}
    assert "refused the address: 550 5.1.1 No such user here" in refusal()
    mail_server.refusals, mail_server.sender_refusal = {}, "553 5.7.1 Not your domain"
    assert "refused the sender, Storefront <shop@localhost>: 553 5.7.1 Not your" in refusal()


def test_a_server_that_says_nothing_is_left_after_the_time_out(mail_server, settings):
    settings.EMAIL_TIMEOUT = 0.3
    mail_server.hold("before")
    assert "did not answer within 0.3 seconds" in refusal()


def test_a_server_that_is_not_there_is_named(settings):
    port = free_port()
    use_server(settings, port)
    assert f"The mail server 127.0.0.1:{port} cannot be reached" in refusal()


def test_a_refused_login_shows_no_password(settings):
    server = MailServer(authenticator=refuse_login, auth_required=True, auth_require_tls=False)
    use_server(settings, server.port)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", SECRET
    try:
        assert "refused user and password of EMAIL_URL: 535" in refusal()
    finally:
        server.stop()


def test_a_server_without_login_or_tls_is_told_apart_from_one_that_is_away(mail_server, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", SECRET
    assert "cannot do what EMAIL_URL asks for" in refusal()
    settings.EMAIL_USE_SSL = True
    assert "No TLS with" in refusal()
    assert mail_server.taken == []
