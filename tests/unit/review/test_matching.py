from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from review.matching import match
from tests.review_examples import DAY

DAYS = timedelta(days=1)


def window(norad_id, start, hours, at=0.5, detector="robust-step"):
    before = DAY + timedelta(hours=start)
    return {
        "norad_id": norad_id,
        "detector": detector,
        "epoch_before": before,
        "epoch_after": before + timedelta(hours=hours),
        "burn_time": before + timedelta(hours=hours * at),
    }


windows = st.lists(
    st.builds(window, st.integers(1, 2), st.integers(0, 100), st.integers(1, 30), st.sampled_from([0.25, 0.5, 0.9])),
    max_size=8,
    unique_by=lambda item: (item["norad_id"], item["epoch_before"], item["epoch_after"]),
)


def overlap(a, b):
    return max(a["epoch_before"], b["epoch_before"]) < min(a["epoch_after"], b["epoch_after"])


def related(event, flag):
    near = abs(event["burn_time"] - flag["burn_time"]) < DAYS
    return event["norad_id"] == flag["norad_id"] and (overlap(event, flag) or near)


@given(windows, windows)
def test_matches_are_one_to_one_related_and_leave_no_pair_over(events, flags):
    matches = match(events, flags, DAYS)
    taken = [index for index in matches if index is not None]
    assert len(taken) == len(set(taken))
    for event, index in zip(events, matches, strict=True):
        if index is not None:
            assert related(event, flags[index])
        else:
            assert not any(related(event, flag) for rest, flag in enumerate(flags) if rest not in taken)


@given(windows)
def test_the_same_windows_match_themselves(events):
    shuffled = events[::-1]
    assert [shuffled[index] for index in match(events, shuffled, DAYS)] == events


def test_the_same_window_comes_before_a_nearer_burn():
    flags = [window(1, 0, 20, at=0.9), window(1, 5, 20)]
    assert match([window(1, 0, 20, at=0.7), window(1, 4, 20, at=0.7)], flags, DAYS) == [0, 1]


def test_of_flags_that_share_a_window_the_detectors_own_comes_first():
    flags = [window(1, 0, 20), window(1, 0, 20, detector="boosted")]
    assert match(flags[::-1], flags, DAYS) == [1, 0]
    assert match([window(1, 0, 20, detector="forecaster")], flags, DAYS) != [None]


def test_an_overlap_comes_before_a_nearer_burn():
    wide, next_door = window(1, 0, 40, at=0.1), window(1, 30, 5)
    assert match([window(1, 25, 5)], [next_door, wide], DAYS) == [1]


def test_touching_windows_with_burns_a_day_apart_are_two():
    assert match([window(1, 24, 24)], [window(1, 0, 24)], DAYS) == [None]


def test_an_object_matches_its_own_flags_only():
    assert match([window(1, 0, 20)], [window(2, 0, 20)], DAYS) == [None]
