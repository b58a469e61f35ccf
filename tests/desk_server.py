"""The real desk as a process of its own, on a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.desk_home import DeskHome


@contextmanager
def serving(home: DeskHome, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of the desk over a home while the block runs."""
    program = "from pipelines.cli.main import main; main()"
    settings = home.path.parent / "settings.yaml"
    settings.write_text("desk: {scrypt_log2_n: 14, scrypt_p: 1}\n")  # the least work of a login
    command = [sys.executable, "-c", program, "--home", str(home.path), "--config", str(settings)]
    command += ["review", "--port", "0", *options]
    process = subprocess.Popen(
        command,
        env={**os.environ, "BURNWATCH_REVIEW_URL": home.database_url, **(environment or {})},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "the desk: " in line:
                break
        else:
            raise AssertionError(f"the desk did not start: {''.join(said)}")
        yield line.split("the desk: ")[1].strip()
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.stderr.close()
