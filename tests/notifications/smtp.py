"""A mail server that listens on this machine: it counts by Message-ID and fails as it is told."""

import asyncio
import socket
from collections import Counter
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class MailServer:
    """Keeps what it takes; `refusals` answer an address, `holds` stops it at a moment."""

    def __init__(self, **options):
        self.port = free_port()
        self.taken = []
        self.refusals = {}
        self.sender_refusal = None
        self.holds, self.after, self.held = None, 0, 0
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()

    def stop(self):
        self.holds = None
        self.controller.stop()

    @property
    def ids(self):
        """How often each message was taken, by its id."""
        found = (mail["Message-ID"].strip("<>").partition("@")[0] for mail in self.taken)
        return Counter(found)

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def hold(self, moment, after=0):
        """Stop at a moment, "before" or "after" taking a mail, once so many were taken."""
        self.holds, self.after = moment, after

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.sender_refusal:
            return self.sender_refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await self.wait("before")
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        await self.wait("after")
        return "250 Taken"

    async def wait(self, moment):
        """Hold until it is told otherwise, or until whoever sends is gone."""
        if self.holds != moment or len(self.taken) < self.after:
            return
        self.held += 1
        try:
            while self.holds == moment:
                await asyncio.sleep(0.02)
        finally:
            self.held -= 1


def free_port():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


def use_server(settings, port):
    """Let mails go to a port of this machine."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 2


def refuse_login(server, session, envelope, mechanism, data):
    return AuthResult(success=False, handled=False)
