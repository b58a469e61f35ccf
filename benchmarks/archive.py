"""A year of Space-Track's history taken whole: `python -m benchmarks.archive [--gigabytes 3.2] [--undisturbed]`.

Makes an archive of invented sets in the shape of the yearly files (four of five first lines end in a backslash, one of
five pairs has no checksum), reads it into a new home by the command line, kills that half-way, and runs it again. Prints
wall time, peak memory and how many sets were taken; fails where one is missing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from catalog.store import ElementStore

OBJECTS = 30_000
_ONE = "1 {number:05d}U 20001A   26000.{tick:08d}  .00000110  00000-0  31000-4 0  999"
_TWO = "2 {number:05d}  97.5000 123.4567 0012345  45.6789 314.1593 14.9500000012345"
_SHAPES = ("both",) * 13 + ("neither",) * 3 + ("plain",) * 3 + ("short",)  # of twenty sets, as in the yearly files


def checked(line: str) -> str:
    """A line with its checksum."""
    return line + str(sum(int(char) if char.isdigit() else char == "-" for char in line) % 10)


def shaped(one: str, two: str, shape: str) -> str:
    """The two lines as one of the yearly files' shapes prints them."""
    if shape == "both":
        return f"{checked(one)}\\\n{checked(two)}\n"
    if shape == "neither":
        return f"{one}\\\n{two}\n"
    return f"{checked(one)}\n{checked(two)}\n" if shape == "plain" else f"{one}\n{two}\n"


def pieces(size: int) -> Iterator[bytes]:
    """Rounds of one set of each object, until the file has ``size`` bytes.

    A round is printed once; in the others its times and their checksums are changed.
    """
    rng = np.random.default_rng(0)
    pairs = [
        shaped(_ONE.format(number=10_000 + at, tick=int(tick)), _TWO.format(number=10_000 + at), _SHAPES[at % 20])
        for at, tick in enumerate(rng.integers(0, 10**7, OBJECTS))
    ]
    starts = np.cumsum([0] + [len(pair) for pair in pairs[:-1]])
    first = np.frombuffer("".join(pairs).encode(), dtype=np.uint8)
    has_checksum = np.array([_SHAPES[at % 20] in ("both", "plain") for at in range(OBJECTS)])
    checksums = starts[has_checksum] + 68
    for at in range(-(-size // len(first))):
        digits = f"{1 + at // 10:03d}.{at % 10}"
        text = first.copy()
        for column, char in enumerate(digits, start=20):
            text[starts + column] = ord(char)
        text[checksums] = (text[checksums] - ord("0") + sum(map(int, digits.replace(".", "")))) % 10 + ord("0")
        yield text.tobytes()


def write(path: Path, size: int) -> int:
    """Make the archive, and count its sets."""
    sets = 0
    with path.open("wb") as file:
        for piece in pieces(size):
            file.write(piece)
            sets += OBJECTS
    return sets


def ingest(home: Path, path: Path, *, kill_at: int | None = None) -> tuple[float, float]:
    """Read the archive by the command line, or until ``kill_at`` sets are stored; seconds and peak memory [MB]."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.archive", "--home", str(home), "--ingest", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        while kill_at is not None and process.poll() is None and ElementStore(home / "elements").count() < kill_at:
            time.sleep(0.2)
        if kill_at is not None:
            process.kill()
        said, _ = process.communicate()
    return time.perf_counter() - begin, float(said or "nan")


def run_here(home: Path, path: Path) -> None:
    """The ingestion itself; prints the most memory that it held [MB]."""
    import resource

    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from pipelines.ingest import ingest_files

    for line in ingest_files(Home(home), BurnwatchConfig(), [path]).lines():
        print(line, file=sys.stderr)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(folder: Path, size: int, *, undisturbed: bool) -> None:
    """Make the archive, take it with a kill half-way, and compare."""
    path, home = folder / "year.txt", folder / "home"
    sets = write(path, size)
    print(f"archive: {sets:,} sets, {path.stat().st_size / 1e9:.2f} GB", flush=True)
    seconds, _ = ingest(home, path, kill_at=sets // 2)
    stored = ElementStore(home / "elements").count()
    print(f"killed after {seconds:.0f} s with {stored:,} sets stored", flush=True)
    seconds, peak_mb = ingest(home, path)
    print(f"run again: {seconds:.0f} s, peak memory {peak_mb:.0f} MB", flush=True)
    count = ElementStore(home / "elements").count()
    print(f"{count:,} of {sets:,} sets in the store")
    if count != sets:
        sys.exit("sets are missing")
    if undisturbed:
        seconds, peak_mb = ingest(folder / "undisturbed", path)
        print(f"undisturbed: {seconds:.0f} s, peak memory {peak_mb:.0f} MB", flush=True)
        other = ElementStore(folder / "undisturbed" / "elements")
        if other.snapshot_id() != ElementStore(home / "elements").snapshot_id():
            sys.exit("the content differs from that of an undisturbed reading")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=3.2)
    parser.add_argument("--undisturbed", action="store_true", help="read it once more without a kill, and compare")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder by default")
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ingest", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ingest:
        run_here(arguments.home, arguments.ingest)
    else:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
            measure(Path(scratch), int(arguments.gigabytes * 1e9), undisturbed=arguments.undisturbed)
