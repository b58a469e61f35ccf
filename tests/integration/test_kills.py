"""Killed at a commit point and run again, a home is as if nobody had killed anything.

All commit points of all works: python -m tests.faults.everywhere (a quarter of an hour).
"""

from __future__ import annotations

import pytest

from tests.faults.everywhere import Undisturbed
from tests.faults.works import TRIALS

LONG = {"first score", "train another"}
pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return Undisturbed(tmp_path_factory.mktemp("kills"))


@pytest.mark.parametrize("work", [work for work in TRIALS if work not in LONG])
def test_what_was_killed_is_made_good_by_the_next_run(work: str, undisturbed: Undisturbed) -> None:
    points = len(undisturbed.points(work))
    assert points > 1
    for point in {points // 3 + 1, 2 * points // 3}:
        assert undisturbed.after_a_kill(work, point) == {}, undisturbed.points(work)[point - 1]
