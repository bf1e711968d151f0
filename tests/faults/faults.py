"""What can go wrong at a step: the process dies, or the line to the other side is cut."""

import os
import signal
import sys
import traceback
from dataclasses import dataclass
from smtplib import SMTPServerDisconnected

from django.db import connections

from .watch import Watch

IMPATIENCE = 0.15
# What the sandbox does: is the request done, and what comes back of it?
REFUSED, LATE = "connection refused", "done, answer too late"
CUTS = {
    REFUSED: None,
    "not done, 500": {"mode": "error500"},
    "done, answer lost": {"mode": "hang_after_commit"},
    "done, half an answer": {"mode": "half_answer"},
    LATE: {"mode": "hang_after_commit", "seconds": 2 * IMPATIENCE},
}
MAIL_CUTS = (REFUSED, "done, answer lost")
CLOSED_PORT = "http://127.0.0.1:9/"


@dataclass(frozen=True)
class Death:
    """The process dies for good, after so many steps."""

    after: int

    def strike(self, job, server):
        """Run the job in a child and let it be killed at its moment."""
        connections.close_all()
        with server.store.transaction():  # no thread of the sandbox is in the middle of a write
            child = os.fork()
            if not child:
                _be_killed(job, self.after)
        _, status = os.waitpid(child, 0)
        is_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert is_killed, f"The child ended with {status}, not at moment {self.after}."


def _be_killed(job, after):
    def die(number):
        if number == after:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        with Watch(on_moment=die).watching():
            job()
    except BaseException:  # noqa: BLE001  nothing of the parent's may go on in the child
        traceback.print_exc(file=sys.__stderr__)
    os._exit(1)


@dataclass(frozen=True)
class Cut:
    """The call at a step fails in one way; the process lives on."""

    at: int
    how: str

    def strike(self, job, server):
        struck = []

        def on_call(number, act, request):
            if number != self.at:
                return act()
            struck.append(number)
            return self._suffer(server, act, request)

        with Watch(on_call=on_call).watching():
            job()
        assert struck
        assert not server.faults.armed()

    def _suffer(self, server, act, request):
        if request is None:
            return self._suffer_mail(act)
        if self.how == REFUSED:
            request.url = CLOSED_PORT
        else:
            server.faults.arm({"path": "*", **CUTS[self.how]})
        return act(timeout=IMPATIENCE) if self.how == LATE else act()

    def _suffer_mail(self, act):
        if self.how == REFUSED:
            raise ConnectionRefusedError("No mail server.")
        act()
        raise SMTPServerDisconnected("Connection unexpectedly closed.")
