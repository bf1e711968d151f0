"""Runs the processes of the shop on one machine; all of them end with the first that ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

GRACE_SECONDS = 8  # what a child gets to finish its work in after SIGTERM
POLL_SECONDS = 0.1
_SET_PARENT_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """Have the kernel end this child where the supervisor is killed without a word."""
    if _libc is not None:
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def is_port_free(port: int) -> bool:
    """Tell whether a server could listen on `port` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Tell whether somebody listens on `port` of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Supervisor:
    """Starts each command in a process group of its own and leaves none of them behind."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self._commands = commands
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stop_asked = False

    def run(self, *, ports: list[int], when_ready: Callable[[], None]) -> int:
        """Run until a signal (0) or the end of a child (its code, never 0)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            self._start()
            return self._watch(ports, when_ready)
        finally:
            self._end()

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._stop_asked = True

    def _start(self) -> None:
        for name, command in self._commands.items():
            self._children[name] = subprocess.Popen(  # noqa: S603  our own commands
                command,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def _watch(self, ports: list[int], when_ready: Callable[[], None]) -> int:
        waiting_for = list(ports)
        while not self._stop_asked:
            for name, child in self._children.items():
                if child.poll() is not None:
                    print(f"{name} ended (code {child.returncode}): the shop stops.", flush=True)
                    return abs(child.returncode) or 1
            if waiting_for:
                waiting_for = [port for port in waiting_for if not answers(port)]
                if not waiting_for:
                    when_ready()
            time.sleep(POLL_SECONDS)
        print("Stopping …", flush=True)
        return 0

    def _end(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            # Also what a child left in its group, and a child that does not listen.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
