"""The steps of a job that outlive its process, and the moments and lines between them."""

import re
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import requests
from django.core.mail import EmailMessage
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

MAIL = "mail"
_WRITE = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+[\"`](\w+)")
_ID = re.compile(r"(?<=/)(?:[a-z]+_\w{14,}|[0-9a-f-]{32,36})(?=/|$)")


class Watch:
    """Notes each commit, each write outside a transaction, and each call that leaves the machine.

    Between two of these steps only memory changes: wherever there a process dies, it leaves the
    same behind. So the moments to die at are the one before the first step and one after each.
    """

    def __init__(self, *, on_moment=None, on_call=None):
        self.steps = []
        self.held_up = []  # calls that a transaction waits for
        self.on_moment = on_moment or (lambda number: None)
        self.on_call = on_call or (lambda number, act, request: act())

    @contextmanager
    def watching(self):
        """Note the steps of the block; its end is a moment, too."""
        with ExitStack() as stack:
            for patched in self._patches():
                stack.enter_context(patched)
            stack.enter_context(connection.execute_wrapper(self._execute))
            yield self
            self.on_moment(len(self.steps))

    def calls(self):
        """The numbers of the steps that can be cut, with their names."""
        named = enumerate(self.steps)
        return [(at, step) for at, step in named if step.startswith(("GET", "POST", MAIL))]

    def _patches(self):
        watch = self
        commit, send, mail = BaseDatabaseWrapper._commit, requests.Session.send, EmailMessage.send

        def watched_commit(self):
            return watch._step("commit", lambda: commit(self))

        def watched_send(self, request, **given):
            name = f"{request.method} {_ID.sub('…', request.path_url.partition('?')[0])}"
            act = lambda **other: send(self, request, **given | other)  # noqa: E731
            return watch._call(name, act, request)

        def watched_mail(self, *args, **given):
            return watch._call(MAIL, lambda: mail(self, *args, **given), None)

        yield patch.object(BaseDatabaseWrapper, "_commit", watched_commit)
        yield patch.object(requests.Session, "send", watched_send)
        yield patch.object(EmailMessage, "send", watched_mail)

    def _execute(self, execute, sql, params, many, context):
        write = _WRITE.match(sql)
        if write is None or context["connection"].in_atomic_block:
            return execute(sql, params, many, context)
        name = f"{write[1].split()[0].lower()} {write[2]}"
        return self._step(name, lambda: execute(sql, params, many, context))

    def _step(self, name, act):
        self.on_moment(len(self.steps))
        self.steps.append(name)
        return act()

    def _call(self, name, act, request):
        if connection.in_atomic_block:
            self.held_up.append(name)
        number = len(self.steps)
        return self._step(name, lambda: self.on_call(number, act, request))
