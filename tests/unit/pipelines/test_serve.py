"""What `serve` starts ends with it, however it ends."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from pipelines import serve
from pipelines.errors import PipelineError
from pipelines.home import Home

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


# As `serve` does: a module on the leash, which here starts a process of its own.
STARTER = """
import sys
from pathlib import Path
from pipelines import serve
serve._start("tests.unit.pipelines.leashed", [], {}, Path(sys.argv[1]))
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_of_what_it_started_when_it_is_killed(tmp_path, number):
    log = tmp_path / "log"
    os.mkfifo(log)
    starter = subprocess.Popen([sys.executable, "-c", STARTER, log], stdin=subprocess.PIPE)
    with log.open() as written:
        family = [psutil.Process(int(written.readline())) for _ in range(2)]
        starter.send_signal(number)
        assert starter.wait() == -number
        _, left = psutil.wait_procs(family, timeout=10)
    assert not left
    starter.stdin.close()


def test_a_module_on_the_leash_ends_as_it_would_without(tmp_path):
    process = serve._start("this", [], {}, tmp_path / "log")
    assert process.wait() == 0
    assert "Namespaces are one honking great idea" in (tmp_path / "log").read_text()
    serve._end(process, signal.SIGTERM)


def test_a_home_is_served_once(tmp_path):
    home = Home.at(tmp_path)
    again = pytest.raises(PipelineError, match="another `burnwatch serve` is at work in")
    with serve._alone(home), again, serve._alone(home):
        pass
    with serve._alone(home):
        pass
