"""Tell whether what runs in the background is alive: broker, beat, and a worker for each queue."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config import heartbeats
from config.health import check_broker
from config.tasks import heartbeat

_PAUSE = 0.1


class Command(BaseCommand):
    help = "Show whether the broker, beat, and a worker of every queue are alive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=10.0, help="Seconds for the workers.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        checks = [self._check_broker(), self._check_beat()]
        checks += self._check_queues(options["timeout"] if checks[0] else 0)
        if not all(checks):
            raise CommandError("Something that the shop needs in the background does not run.")
        self.stdout.write("Everything runs.")

    def _check_broker(self) -> bool:
        started = time.monotonic()
        try:
            check_broker()
        except Exception as error:  # noqa: BLE001  a broker may fail in any way
            return self._say("broker", False, f"does not answer ({type(error).__name__})")
        return self._say("broker", True, f"answers after {time.monotonic() - started:.2f} s")

    def _check_beat(self) -> bool:
        at = heartbeats.last_sign(heartbeats.BEAT)
        if at is None:
            return self._say("beat", False, "never gave a sign: start celery beat")
        age = (timezone.now() - at).total_seconds()
        is_alive = age <= heartbeats.LATE_AFTER_SECONDS
        return self._say("beat", is_alive, f"gave its last sign {age:.0f} s ago")

    def _check_queues(self, timeout: float) -> list[bool]:
        """Ask a worker of each queue for a sign of life, all at once."""
        names = heartbeats.queue_names()
        before = {name: heartbeats.last_sign(name) for name in names}
        started = time.monotonic()
        if timeout:
            for name in names:
                heartbeat.apply_async(args=[name], queue=name, expires=timeout)
        answered: dict[str, float] = {}
        while len(answered) < len(names) and time.monotonic() - started < timeout:
            time.sleep(_PAUSE)
            for name in names:
                if name not in answered and heartbeats.last_sign(name) != before[name]:
                    answered[name] = time.monotonic() - started
        return [self._say_queue(name, answered.get(name), timeout) for name in names]

    def _say_queue(self, name: str, after: float | None, timeout: float) -> bool:
        if after is not None:
            return self._say(f"queue {name}", True, f"a worker answered after {after:.1f} s")
        text = f"no worker answered within {timeout:g} s: start one that reads this queue"
        return self._say(f"queue {name}", False, text if timeout else "was not asked")

    def _say(self, what: str, is_alive: bool, text: str) -> bool:
        style = self.style.SUCCESS if is_alive else self.style.ERROR
        state = style("ok    " if is_alive else "FAILED")
        self.stdout.write(f"{what:<16} {state} {text}")
        return is_alive
