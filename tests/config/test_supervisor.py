import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from config.supervisor import is_port_free

# A supervisor of its own, because signals and exit codes belong to a whole process.
SCRIPT = """
import sys
from config.supervisor import Supervisor
commands = {f"child{n}": ["sh", "-c", text] for n, text in enumerate(sys.argv[1:])}
sys.exit(Supervisor(commands).run(ports=[], when_ready=lambda: None))
"""


@pytest.fixture
def supervise(tmp_path):
    """Start shell commands under a supervisor; `$$` of each goes into a file of its own."""
    running = []

    def supervise(*texts):
        marked = [f"echo $$ > {tmp_path}/{n}; {text}" for n, text in enumerate(texts)]
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, *marked])
        running.append(process)
        deadline = time.monotonic() + 20
        while len(pids := pids_in(tmp_path)) < len(texts):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return process, pids

    yield supervise
    for process in running:
        process.kill()


def pids_in(folder):
    return [int(path.read_text()) for path in sorted(folder.iterdir()) if path.read_text().strip()]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


def assert_all_gone(pids, seconds=5):
    deadline = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "a process is left behind"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_every_child_and_is_no_failure(supervise, number):
    process, pids = supervise("exec sleep 60", "exec sleep 60")
    process.send_signal(number)
    assert process.wait(12) == 0
    assert_all_gone(pids)


@pytest.mark.parametrize(("end", "code"), [("exit 3", 3), ("exit 0", 1), ("kill -9 $$", 9)])
def test_the_end_of_one_child_ends_the_others_and_is_a_failure(supervise, end, code):
    process, pids = supervise("exec sleep 60", f"sleep 0.5; {end}")
    assert process.wait(12) == code
    assert_all_gone(pids)


def test_a_child_that_does_not_listen_and_what_it_started_are_killed(supervise, tmp_path):
    deaf = f"trap '' TERM; sleep 61 & echo $! > {tmp_path}/grandchild; sleep 61; sleep 61"
    process, _ = supervise(deaf)
    time.sleep(0.5)
    pids = pids_in(tmp_path)
    assert len(pids) == 2
    process.terminate()
    assert process.wait(14) == 0
    assert_all_gone(pids)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends the children")
def test_children_end_with_a_supervisor_that_is_killed(supervise):
    process, pids = supervise("exec sleep 60", "exec sleep 60")
    process.kill()
    process.wait()
    assert_all_gone(pids)


def test_a_port_is_free_until_somebody_listens():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        server.listen()
        assert not is_port_free(port)
    assert is_port_free(port)
