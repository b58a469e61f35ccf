"""For test_serve: a program with a child, both of which run until they are ended."""

import os
import subprocess
import sys
import time

if __name__ == "__main__":
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    subprocess.run(
        [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"], check=False
    )
    time.sleep(600)
