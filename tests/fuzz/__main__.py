"""Feed every reader and the API hostile inputs by the hundred thousand: ``python -m tests.fuzz --minutes 60``.

Each gets the same time. Reported are unhandled errors, and inputs of at most 100 kB that take over two seconds of processor
time or raise the most memory ever held by over 300 MB; each is kept as a file. The same seed makes the same inputs; run again
with the same ``--keep``, the counting goes on where it stopped. Two runs with ``--part 1/2`` and ``2/2`` use two processors.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from tests.fuzz.api import operations
from tests.fuzz.mutations import grown, mutated
from tests.fuzz.readers import READERS, Reader, outcome

_MOST_SECONDS = 2.0
_STUCK_SECONDS = 60
_MOST_KB = 300 * 1024
_TURN_SECONDS = 1.0
_FIRST = 20  # inputs of a file in which its libraries are still being loaded
_LARGE = 0.02  # share of inputs made of up to 100 kB


class _StuckError(BaseException):
    """Nobody's ``except Exception`` takes it."""


@dataclass
class Tally:
    """Of one file: what has been tried."""

    inputs: int = 0
    refused: int = 0
    found: int = 0
    slowest_s: float = 0.0
    most_grown_mb: int = 0


def main() -> int:
    """Run; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="how many, over all readers")
    parser.add_argument("--minutes", type=float, default=10.0, help="stop after these")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="readers whose name contains this")
    parser.add_argument("--part", default="1/1", help="K/N: every Nth file, from the Kth")
    parser.add_argument("--more", type=Path, help="folder of further files of element sets to begin with")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="folder for counts and what was found")
    asked = parser.parse_args()
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, _stuck)
    asked.keep.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="burnwatch-fuzz-") as scratch,
        operations(Path(scratch) / "desk") as api,
    ):
        readers = READERS | api | ({"given": _given(asked.more)} if asked.more else {})
        return _rounds(readers, asked, Path(scratch))


def _given(folder: Path) -> Reader:
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.stat().st_size < 60_000}
    return Reader(files, READERS["files"].read, READERS["files"].refuses)


def _rounds(readers: Mapping[str, Reader], asked: argparse.Namespace, scratch: Path) -> int:
    part, parts = (int(number) for number in asked.part.split("/"))
    files = [(kind, name) for kind, reader in readers.items() for name in reader.files if asked.only in kind]
    files = files[part - 1 :: parts]
    path = asked.keep / f"counts-{asked.seed}-{part}-of-{parts}.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    tallies = {file: Tally(**before.get(" ".join(file), {})) for file in files}
    ends = time.monotonic() + 60.0 * asked.minutes
    total = sum(tally.inputs for tally in tallies.values())
    while total < asked.inputs and time.monotonic() < ends:
        for (kind, name), tally in tallies.items():
            if time.monotonic() >= ends:
                break
            _turn(readers[kind], kind, name, tally, asked, scratch)
        counted = {" ".join(file): asdict(tally) for file, tally in tallies.items()}
        path.write_text(json.dumps({**before, **counted}, indent=1))
        total = sum(tally.inputs for tally in tallies.values())
        print(f"{total} inputs, {_peak_kb() // 1024} MB at most", file=sys.stderr, flush=True)
    found = sum(tally.found for tally in tallies.values())
    for (kind, name), tally in tallies.items():
        print(f"{kind}, {name}: {tally}")
    print(f"{total} inputs, {found} found")
    return int(found > 0)


def _turn(reader: Reader, kind: str, name: str, tally: Tally, asked: argparse.Namespace, scratch: Path) -> None:
    """Inputs of one file for as long as its turn lasts."""
    ends = time.monotonic() + _TURN_SECONDS
    while time.monotonic() < ends:
        random = Random(f"{asked.seed} {kind} {name} {tally.inputs}")
        seed = reader.files[name]
        data = mutated(grown(seed, random) if random.random() < _LARGE else seed, random)
        before_kb, started = _peak_kb(), time.process_time()
        what = ""
        signal.alarm(_STUCK_SECONDS)
        try:
            tally.refused += outcome(reader, name, data, scratch) is not None
        except (Exception, _StuckError) as error:  # noqa: BLE001 - the very thing that is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"unhandled {type(error).__name__}: {str(error)[:200]} at {where.filename}:{where.lineno}"
        signal.alarm(0)
        seconds, grown_kb = time.process_time() - started, _peak_kb() - before_kb
        if tally.inputs >= _FIRST:
            tally.slowest_s = round(max(tally.slowest_s, seconds), 3)
            tally.most_grown_mb = max(tally.most_grown_mb, grown_kb // 1024)
            if seconds > _MOST_SECONDS:
                what = what or f"took {seconds:.1f} s"
            if grown_kb > _MOST_KB:
                what = what or f"took {grown_kb // 1024} MB"
        if what:
            tally.found += 1
            kept = f"{kind}-{tally.inputs}-{name}".replace("/", "_").replace(" ", "_")
            (asked.keep / kept).write_bytes(data)
            print(f"{kind}, input {tally.inputs} ({name}): {what}", flush=True)
        tally.inputs += 1


def _stuck(*_: object) -> None:
    raise _StuckError(f"not done after {_STUCK_SECONDS} s")


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    raise SystemExit(main())
