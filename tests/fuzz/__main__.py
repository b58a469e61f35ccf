"""Feed every reader hostile inputs by the hundred thousand: ``python -m tests.fuzz --inputs 1000000``.

Reported are unhandled errors, and inputs of at most 100 kB that take over two seconds of processor time or raise the
memory by over 300 MB; each is kept as a file. The same seed makes the same inputs.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from random import Random

from tests.fuzz.mutations import mutated
from tests.fuzz.readers import READERS, outcome

_MOST_SECONDS = 2.0
_MOST_KB = 300 * 1024


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    """Run; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="how many, over all readers")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="readers whose name contains this")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="folder for the inputs that were found")
    asked = parser.parse_args()
    warnings.simplefilter("error")
    files = [(kind, name) for kind, reader in READERS.items() for name in reader.files if asked.only in kind]
    counts: Counter[str] = Counter()
    found, begun = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="burnwatch-fuzz-") as scratch:
        for number in range(asked.inputs):
            if time.monotonic() - begun > 60.0 * asked.minutes:
                break
            kind, name = files[number % len(files)]
            reader, random = READERS[kind], Random(f"{asked.seed} {number}")
            data = mutated(reader.files[name], random)
            started, before_kb = time.process_time(), _peak_kb()
            try:
                refused = outcome(reader, name, data, Path(scratch))
                what = ""
            except Exception as error:  # noqa: BLE001 - the very thing that is looked for
                what, refused = f"unhandled {type(error).__name__}: {str(error)[:200]}", None
                where = traceback.extract_tb(error.__traceback__)[-1]
                what += f" at {where.filename}:{where.lineno}"
            if (seconds := time.process_time() - started) > _MOST_SECONDS:
                what = what or f"took {seconds:.1f} s"
            if number > len(files) and (grown_kb := _peak_kb() - before_kb) > _MOST_KB:
                what = what or f"took {grown_kb // 1024} MB"
            counts[f"{kind}: {'refused' if refused else 'taken'}"] += 1
            if what:
                found += 1
                asked.keep.mkdir(exist_ok=True)
                (asked.keep / f"{asked.seed}-{number}-{name}").write_bytes(data)
                print(f"{kind}, input {number} ({name}): {what}", flush=True)
    for what, count in sorted(counts.items()):
        print(f"{what}: {count}", file=sys.stderr)
    print(f"{counts.total()} inputs, {found} found")
    return int(found > 0)


if __name__ == "__main__":
    raise SystemExit(main())
