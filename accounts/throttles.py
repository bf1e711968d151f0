"""Limits on guessing and on mail, counted exactly; what is over them is 429.

Views ask a limit after they have read the body, since the identifier is in it: a body that
cannot be right is no attempt. Of logins, an identifier's limit counts the failed ones (a right
password is given back), so that nobody is kept out by logging in often; an address's limit
counts all of them, because trying stolen passwords succeeds now and then.
"""

from datetime import timedelta

from django.conf import settings
from rest_framework.exceptions import Throttled

from .services.attempts import count_attempt, give_back, key_of

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class AttemptLimit:
    """The limit of a scope in THROTTLE_RATES, for one identifier; a rate of None is no limit."""

    def __init__(self, scope: str, *identifier: str) -> None:
        self.key = key_of(scope, *identifier)
        self.rate = settings.THROTTLE_RATES[scope]

    def count(self) -> None:
        """Count one attempt, or raise Throttled."""
        if self.rate is None:
            return
        number, _, period = self.rate.partition("/")
        wait = count_attempt(
            key=self.key, limit=int(number), period=timedelta(seconds=_SECONDS[period[0]])
        )
        if wait is not None:
            raise Throttled(wait.total_seconds())

    def give_back(self) -> None:
        """Take back an attempt that turned out to be no guess."""
        if self.rate is not None:
            give_back(key=self.key)
