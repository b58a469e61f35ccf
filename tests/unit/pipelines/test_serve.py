import signal
import subprocess
import sys

import psutil

from pipelines import serve

DEAF = """
import signal, subprocess, sys
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""


def test_a_process_that_will_not_stop_is_killed_with_what_it_started(monkeypatch):
    monkeypatch.setattr(serve, "STOP_SECONDS", 0.2)
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    child = psutil.Process(int(process.stdout.readline()))
    serve._end(process, signal.SIGINT)
    assert process.returncode == -signal.SIGKILL
    _, left = psutil.wait_procs([child], timeout=10)
    assert not left
    process.stdout.close()


def test_a_process_that_has_ended_is_let_be():
    process = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    process.wait()
    serve._end(process, signal.SIGTERM)
    assert process.returncode == 0
