"""A module run as a program that ends with the one that started it: python -m pipelines.leash MODULE [ARGUMENT...].

Its standard input is a pipe of which only the starter holds the other end. That end closes when the starter is gone,
however it went, SIGKILL included; what is on the leash then kills its whole process group, which must be its own.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def main() -> None:
    """Run the module that the first argument names, with those that follow."""
    threading.Thread(target=_end_with_starter, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with_starter() -> None:
    while os.read(0, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
