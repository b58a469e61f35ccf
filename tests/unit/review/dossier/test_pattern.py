from dataclasses import replace
from datetime import timedelta

import pytest

from review.dossier.pattern import pattern_of_life
from review.dossier.pictures import life
from review.records import Status
from tests.review_examples import element_sets, flag_of

FLAG = flag_of(element_sets())


def burn(day, dv_m_s=0.02, **values):
    return replace(
        FLAG, flag_id=f"day {day}", burn_time=FLAG.burn_time + timedelta(days=day), dv_m_s=dv_m_s,
        **{"status": Status.OPEN, **values},
    )  # fmt: skip


EARLIER = [burn(-80), burn(-60, 0.03), burn(-40), burn(-20, 0.01)]


def test_what_was_usual_is_told_by_earlier_burns_alone():
    pattern = pattern_of_life(FLAG, [*EARLIER, FLAG, burn(3, 9.0), burn(4, 9.0)])
    assert (pattern.days.middle, pattern.days.count) == (20.0, 3)
    assert pattern.dv_m_s.middle == pytest.approx(0.02)
    assert [step.days_since for step in pattern.steps] == [None, 20.0, 20.0, 20.0, 20.0, 3.0, 1.0]
    said = " ".join(pattern.said)
    assert "4 earlier burns of this object are flagged, the first 80.0 days before." in said
    assert "20.0 days after the last burn" in said
    assert "13 times the middle size" in said


@pytest.mark.parametrize(
    "refused", [{"explanation": "drag storm"}, {"status": Status.DATA_ERROR}, {"status": Status.DUPLICATE}]
)
def test_what_was_no_burn_does_not_count_but_is_shown(refused):
    pattern = pattern_of_life(FLAG, [*EARLIER, burn(-1, 5.0, **refused)])
    assert len(pattern.steps) == 6
    assert pattern.steps[-1].days_since == 20.0
    assert "4 earlier burns" in pattern.said[0]
    names = {trace["name"]: len(trace["x"]) for trace in life(pattern, FLAG)["data"] if trace["yaxis"] == "y"}
    assert names == {"burns": 4, "not counted": 1, "this burn": 1}


def test_withdrawn_flags_are_left_out_and_the_flag_itself_is_always_in():
    gone = burn(-10, withdrawn_at=FLAG.updated_at)
    assert [step.flag.flag_id for step in pattern_of_life(FLAG, [gone]).steps] == [FLAG.flag_id]
    assert pattern_of_life(replace(FLAG, withdrawn_at=FLAG.updated_at), []).steps


def test_without_earlier_burns_there_is_no_pattern():
    pattern = pattern_of_life(FLAG, [FLAG, burn(5)])
    assert pattern.days is None
    assert pattern.said == ("No earlier burn of this object is flagged: there is no pattern to compare with.",)


def test_the_picture_marks_what_was_usual_and_takes_sizes_that_are_unknown():
    pattern = pattern_of_life(FLAG, [*EARLIER, burn(-5, None)])
    figure = life(pattern, FLAG)
    bands = [shape for shape in figure["layout"]["shapes"] if shape["name"] == "usual before"]
    assert [band["yref"] for band in bands] == ["y", "y2"]
    assert all(value for trace in figure["data"] for value in trace["y"])
    assert figure["layout"]["yaxis"]["type"] == "log"
