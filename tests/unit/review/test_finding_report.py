import json
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from configs.review import ReviewConfig
from orbits.geosynchronous import mean_longitude_deg
from review.finding_plots import longitude_text
from review.finding_report import burn_rows, company, render_finding, span
from review.records import State
from tests.finding_examples import belt_sets, burn_of, leo_sets, told
from tests.review_examples import DAY
from tests.unit.review.test_report import HOSTILE, Page

BELT, LEO = belt_sets(), leo_sets()
FLAG = burn_of(BELT, "geo")
FINDING = told(FLAG, "geo")


def render(finding=FINDING, flags=(FLAG,), sets=BELT, **values):
    return Page(render_finding(finding, flags, sets, generated_at=DAY, names={90004: "TUG 1"}, **values))


def figure_of(page):
    (figure,) = [json.loads(text) for attrs, text in page.scripts if attrs.get("type") == "application/json"]
    return figure, {trace["name"]: trace for trace in figure["data"] if trace.get("xaxis", "x") == "x"}


def words_of(page):
    return " ".join(" ".join(page.text).split())


@pytest.fixture(scope="module")
def full():
    return render()


def test_the_page_says_what_is_going_on_and_what_comes_next(full):
    text = words_of(full)
    for wanted in (
        FINDING.headline,
        f"Expected next {FINDING.expects}",
        "2026-03-03 leaves 99.4° E",
        "2026-03-07 now drifts 0.77°/day to the east",
        *FINDING.reasons,
        "LANTERN 2 90002 approaching 41.5 ± 12.0 2026-03-15 09:36 2026-03-14 to 2026-03-16",
        "KESTREL 7 90003 – – –",
        "TUG 1 (NORAD 90004)",
        FINDING.finding_id,
        "under way",
        "relocation",
        "robust-step, model robust-step-3",
        FLAG.flag_id[:8],
    ):
        assert wanted in text, wanted
    assert text.index("leaves 99.4° E") < text.index("now drifts 0.77°/day")


def test_the_waterfall_shows_the_mover_its_neighbors_and_where_it_goes(full):
    figure, traces = figure_of(full)
    assert {"before the finding", "since then", "after its last news", "burns", "left alone", "band"} <= set(traces)
    assert {"LANTERN 2", "KESTREL 7", "nearest"} <= set(traces)
    points = sum(len(traces[name]["x"]) for name in ("before the finding", "since then", "after its last news"))
    assert points == (BELT["norad_id"] == 90001).sum()
    # Each set that the finding's last news knew is full, each later one hollow.
    assert traces["after its last news"]["marker"]["symbol"] == "diamond-open"
    known = BELT[(BELT["norad_id"] == 90001) & (BELT["available_at"] <= FINDING.news_at)]
    assert pd.Timestamp(traces["since then"]["y"][-1], tz="UTC") == known["epoch"].max()
    (meeting,) = traces["nearest"]["x"]
    assert meeting == pytest.approx(traces["LANTERN 2"]["x"][-1], abs=0.5)
    assert traces["earliest and latest"]["y"][0][:10] == "2026-03-14"
    assert len([shape for shape in figure["layout"]["shapes"] if shape.get("name") == "burn"]) == 2  # in both panels
    shown = [annotation["text"] for annotation in figure["layout"]["annotations"]]
    assert {"LANTERN 2", "KESTREL 7", "1"} <= set(shown)


def test_time_runs_down_and_longitudes_are_named_east_and_west(full):
    figure, _ = figure_of(full)
    bottom, top = figure["layout"]["yaxis"]["range"]
    assert bottom > top
    assert all(text.endswith(" E") for text in figure["layout"]["xaxis"]["ticktext"])
    assert [longitude_text(value) for value in (98.9, -61.5, 181.0, -541.0, 0.0)] == [
        "98.9° E",
        "61.5° W",
        "179° W",
        "179° E",
        "0° E",
    ]


def test_what_stopped_is_not_foretold():
    _, traces = figure_of(render(replace(FINDING, state=State.STOPPED)))
    assert not {"left alone", "band", "nearest"} & set(traces)


def test_burns_close_together_are_numbered_where_there_is_room():
    hours = [
        {"epoch_before": f"2026-03-02T{h:02d}:00:00Z", "epoch_after": f"2026-03-02T{h:02d}:30:00Z"}
        for h in range(12, 18)
    ]
    figure, traces = figure_of(render(replace(FINDING, events=[*FINDING.events, *hours]), ()))
    assert len(traces["burns"]["x"]) == 7
    numbers = [one["text"] for one in figure["layout"]["annotations"] if one["text"].isdigit()]
    assert numbers == ["1"]


def test_outside_the_belt_the_picture_is_of_planes():
    flag = burn_of(LEO, "leo")
    page = render(told(flag, "leo"), [flag], LEO)
    figure, traces = figure_of(page)
    assert "Its orbit and its neighbors" in words_of(page)
    titles = [annotation["text"] for annotation in figure["layout"]["annotations"]]
    assert titles[:3] == [
        "Semi-major axis [km]",
        "Angle to the neighbor's plane [°]",
        "Neighbor's semi-major axis less the object's [km]",
    ]
    assert [trace["name"] for trace in figure["data"]].count("LANTERN 2") == 2
    assert sum(shape.get("name") == "burn" for shape in figure["layout"]["shapes"]) == 3
    assert traces["since then"]["marker"]["symbol"] == "diamond"


def test_a_burn_without_a_flag_is_shown_by_its_window_and_a_withdrawn_flag_is_not():
    other = {"epoch_before": "2026-02-01T00:00:00Z", "epoch_after": "2026-02-02T00:00:00Z"}
    finding = replace(FINDING, events=[*FINDING.events, other])
    gone = replace(FLAG, withdrawn_at=DAY)
    rows = burn_rows(finding, [FLAG])
    assert [(row.mark.number, row.flag) for row in rows] == [(1, None), (2, FLAG)]
    assert rows[0].mark.time.isoformat() == "2026-02-01T12:00:00+00:00"
    assert [row.flag for row in burn_rows(finding, [gone])] == [None, None]


def test_the_span_and_the_company_are_set_by_the_configuration():
    config = ReviewConfig(report_days_before=10, report_days_after=3, report_neighbors=2)
    first, last = span(FINDING, config)
    assert first == FLAG.epoch_before - timedelta(days=10)
    assert last == FINDING.news_at + timedelta(days=3)
    assert company(FINDING, config) == [90002, 90003]
    assert company(FINDING) == [90002, 90003, 90004]


@pytest.mark.parametrize("regime", ["geo", "leo", "heo", ""])
@pytest.mark.parametrize(
    "sets", [BELT.iloc[:0], BELT[BELT["norad_id"] == 90001].head(1), BELT[BELT["norad_id"] == 90001]], ids=len
)
def test_a_finding_with_next_to_nothing_still_makes_a_page(regime, sets):
    bare = replace(
        FINDING,
        regime=regime,
        name="",
        events=[],
        reasons=[],
        expects="",
        unexpectedness=None,
        dv_m_s=None,
        partners=[],
    )
    text = words_of(render(bare, (), sets))
    assert "Object 90001" in text
    assert "Nothing is foretold." in text
    assert ("There is no element set" in text) == sets.empty


def test_hostile_text_stays_text_in_findings():
    hostile = replace(
        FINDING,
        name=HOSTILE,
        kind=HOSTILE,
        headline=HOSTILE,
        expects=HOSTILE,
        reasons=[HOSTILE],
        news=[replace(FINDING.news[0], text=HOSTILE)],
        neighbours=[{"norad_id": 90002, "name": HOSTILE, "miss_km": None, "when": None, "way": HOSTILE}],
        state=State.STOPPED,
    )
    for regime, sets in (("geo", BELT), ("leo", LEO)):
        page = render(replace(hostile, regime=regime), sets=sets)
        assert [tag for tag, _ in page.tags].count("script") == 3
        assert not any(tag == "img" for tag, _ in page.tags)
        assert "{{ 7*7 }}" in "".join(page.text)
        assert all("<" not in text for attrs, text in page.scripts if attrs.get("type") == "application/json")


def test_nothing_is_loaded_and_everything_is_labelled(full):
    ids = {attrs["id"] for _, attrs in full.tags if "id" in attrs}
    assert len(ids) == sum("id" in attrs for _, attrs in full.tags)
    for tag, attrs in full.tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form", "a"}
        assert not {"src", "href", "srcset", "style"} & set(attrs)
        assert attrs.get("aria-labelledby", "news") in ids
        if "data-figure" in attrs:
            assert attrs["aria-label"]


def test_the_example_stands_and_then_drifts():
    from catalog.records import mean_elements

    mover = BELT[BELT["norad_id"] == 90001]
    longitude = mean_longitude_deg(mean_elements(mover))
    assert abs(longitude[60] - longitude[50]) < 1.0 < longitude[-1] - longitude[-10] < 10.0
