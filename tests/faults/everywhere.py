"""Kill every work at every commit point, do it again, and compare: python -m tests.faults.everywhere [KILLS]."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from pipelines.terminal import note
from tests.faults.contents import contents, differences, left_over
from tests.faults.kill import commit_points, killed_at
from tests.faults.works import TRIALS, Trial, homes


class NotReachedError(Exception):
    """A work ended without this commit point: some come and go, such as those of a library's own housekeeping."""


class Undisturbed:
    """Homes to begin with, and what each work makes of one when nobody kills it.

    Parameters
    ----------
    folder : Path
        An empty folder of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        homes(folder)
        self._done: dict[str, tuple[list[str], dict[str, Any]]] = {}

    def points(self, name: str) -> list[str]:
        """The commit points of a work."""
        return self._undisturbed(name)[0]

    def after_a_kill(self, name: str, point: int) -> dict[str, Any]:
        """How a home differs, once the work was killed at a commit point and done again; {} where it does not."""
        self._undisturbed(name)
        trial = TRIALS[name]
        with self._home(trial) as home:
            if not killed_at(point, trial.work, home):
                raise NotReachedError(f"{name} ended before its commit point {point}")
            commit_points(trial.work, home)
            found = differences(contents(home), self._undisturbed(name)[1])
            left = left_over(home)
        return found | ({"left over": left} if left else {})

    def _undisturbed(self, name: str) -> tuple[list[str], dict[str, Any]]:
        if name not in self._done:
            with self._home(TRIALS[name]) as home:
                points = commit_points(TRIALS[name].work, home)[:-1]
                self._done[name] = points, contents(home)
        return self._done[name]

    @contextmanager
    def _home(self, trial: Trial) -> Iterator[Path]:
        """A home to work in, at the same path each time."""
        home = shutil.copytree(self._folder / trial.begins_with, self._folder / "home")
        try:
            yield home
        finally:
            shutil.rmtree(home)


def main() -> None:
    """Go round the works, one commit point of each after the other; exit code 1 where a home differs."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(prefix="burnwatch-faults-") as folder:
        undisturbed = Undisturbed(Path(folder))
        by_work = [[(name, at) for at in range(1, len(undisturbed.points(name)) + 1)] for name in TRIALS]
        trials = list(islice((trial for turn in zip_longest(*by_work) for trial in turn if trial), wanted))
        bad: Counter[str] = Counter()
        for number, (name, at) in enumerate(list(trials)):
            if number and number % 20 == 0:
                note(f"{number} of {len(trials)} kills, {bad.total()} homes differ so far")
            try:
                found = undisturbed.after_a_kill(name, at)
            except NotReachedError as error:
                note(str(error))
                trials.remove((name, at))
                continue
            if found:
                bad[name] += 1
                note(f"{name}, killed {undisturbed.points(name)[at - 1]} ({at}): {str(found)[:1000]}")
        tried = Counter(name for name, _ in trials)
        note(f"{len(trials)} kills ({', '.join(f'{name} {count}' for name, count in tried.items())})")
        note(f"{bad.total()} homes differ from undisturbed ones")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
