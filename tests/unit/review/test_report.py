import hashlib
import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from configs.review import ReviewConfig
from orbits.elements import semi_major_axis_km
from review import evidence
from review.plots import ELEMENTS, RESIDUALS, delta_v, timelines
from review.report import render_report
from tests.review_examples import element_sets, flag_of, residuals, verdicts_on

SETS = element_sets()
GAPS = residuals(SETS)
FLAG = flag_of(SETS)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }}"


class Page(HTMLParser):
    """The tags, scripts and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.text, self._open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._open and self._open[-1] == "script":
            self.scripts.append((dict(self.tags[-1][1]), data))
        elif not (self._open and self._open[-1] == "style"):
            self.text.append(data)


def render(flag=FLAG, sets=SETS, gaps=GAPS, **values):
    return render_report(flag, sets, gaps, generated_at=flag.updated_at, **values)


@pytest.fixture(scope="module")
def full():
    earlier = replace(FLAG, flag_id="00000000-other", burn_time=FLAG.burn_time - timedelta(days=23))
    return Page(render(verdicts=verdicts_on(FLAG), other_flags=[FLAG, earlier]))


def test_the_page_holds_what_an_analyst_asks_for(full):
    text = " ".join(" ".join(full.text).split())
    for wanted in (
        "raised its orbit on 2 March 2026 at 10:00 UTC",
        *FLAG.reasons,
        *FLAG.quality,
        "LANTERN 2",
        "2026-03-09 04:17",
        "Watch LANTERN 2 for an answer.",
        FLAG.flag_id,
        FLAG.model_version,
        FLAG.data_snapshot,
        FLAG.config_hash,
        "12.5000 against 5.0000",
        "imputed",
        "00000000",
        "Misfit without the burn 25.0 times that with it",
    ):
        assert wanted in text, wanted


def test_only_the_pages_own_scripts_are_let_in(full):
    policy = next(attrs["content"] for tag, attrs in full.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    run = [text for attrs, text in full.scripts if attrs.get("type") != "application/json"]
    hashes = [f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in run]
    assert len(run) == 2
    assert f"default-src 'none'; script-src {' '.join(hashes)};" in policy
    assert "unsafe-eval" not in policy


def test_nothing_is_loaded_from_anywhere(full):
    for tag, attrs in full.tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form", "a"}
        assert not {"src", "href", "srcset", "style"} & set(attrs), (tag, attrs)
        assert not any(name.startswith("on") for name in attrs)


def test_hostile_text_stays_text():
    names = {"name": HOSTILE, "kind": HOSTILE, "fit_note": HOSTILE, "model_version": HOSTILE, "regime": HOSTILE}
    lists = {
        "reasons": [HOSTILE],
        "quality": [HOSTILE],
        "neighbours": [{"norad_id": 1, "name": HOSTILE, "miss_km": None, "when": HOSTILE}],
    }
    flag = replace(FLAG, **names, **lists)
    sets = SETS.assign(source=HOSTILE)
    verdicts = [replace(step, note=HOSTILE, who=HOSTILE) for step in verdicts_on(flag)]
    hostile, plain = (
        Page(render(*arguments, verdicts=verdicts, other_flags=[replace(flag, flag_id="x")]))
        for arguments in ((flag, sets), (FLAG, SETS))
    )
    assert [tag for tag, _ in hostile.tags].count("script") == [tag for tag, _ in plain.tags].count("script")
    assert not any(tag == "img" for tag, _ in hostile.tags)
    assert "{{ 7*7 }}" in "".join(hostile.text)


def test_an_end_of_script_in_figures_does_not_end_them(full):
    figures = [text for attrs, text in full.scripts if attrs.get("type") == "application/json"]
    assert len(figures) == 3
    for text in figures:
        assert "<" not in text
        assert json.loads(text)["data"]


def test_tables_and_plots_are_labelled(full):
    ids = {attrs["id"] for _, attrs in full.tags if "id" in attrs}
    assert len(ids) == sum("id" in attrs for _, attrs in full.tags)
    for tag, attrs in full.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert attrs.get(name, "why") in ids
        if "data-figure" in attrs:
            assert attrs["role"] == "img"
            assert attrs["aria-label"]
        if tag == "th":
            assert attrs["scope"] in {"row", "col"}


@pytest.mark.parametrize(
    ("sets", "gaps"),
    [
        (SETS.iloc[:0], None),
        (SETS, None),
        (SETS, GAPS.iloc[:0]),
        (SETS, GAPS.drop(columns=["residual_t_km"])),
        (SETS, GAPS[["norad_id", "epoch"]]),
        (SETS, GAPS.assign(residual_n_km=np.nan)),
        (SETS[SETS["epoch"] <= FLAG.epoch_before], GAPS),
        (SETS[SETS["epoch"] >= FLAG.epoch_after], GAPS),
        (SETS.iloc[[3]], GAPS.iloc[[3]]),
        (SETS.assign(available_at=pd.NaT), GAPS),
    ],
    ids=[
        "no history",
        "no features",
        "empty features",
        "a residual missing",
        "no residuals",
        "all unknown",
        "none after",
        "none before",
        "one set",
        "availability unknown",
    ],
)
def test_missing_data_makes_a_smaller_page(sets, gaps):
    assert "ARGUS 4" in render(sets=sets, gaps=gaps)


def test_a_flag_of_which_little_is_known_has_a_page():
    unknown = {
        name: None
        for name in FLAG.__dataclass_fields__
        if "dv_" in name or name in {"threshold", "probability", "unexpectedness", "rank", "chi2_ratio", "delta_a_km"}
    }
    flag = replace(
        FLAG,
        **unknown,
        name="",
        reasons=[],
        neighbours=[],
        quality=[],
        withdrawn_at=FLAG.updated_at,
        fit_status="withheld",
    )
    text = " ".join(Page(render(flag)).text)
    assert "Object 90001" in text
    assert "withdrawn" in text
    assert "None" not in text
    assert "nan" not in text.lower().split()


def test_another_objects_rows_stay_out():
    stranger = SETS.assign(norad_id=5, mean_motion_rev_day=1.0)
    both = pd.concat([SETS, stranger], ignore_index=True)
    assert render(sets=both) == render()


# What stands in the tables


def rows_of(sets=SETS, gaps=None, flag=FLAG):
    orbits = evidence.orbits_around(sets, gaps, flag)
    return {row.name: row for row in evidence.element_rows(*evidence.bracket(orbits, flag))}


def number(text):
    return float(text.replace("\u2212", "-"))


def test_the_change_is_counted_from_the_orbit_carried_forward():
    rows = rows_of()
    a = rows["Semi-major axis a"]
    before, after = SETS[SETS["epoch"] == FLAG.epoch_before], SETS[SETS["epoch"] == FLAG.epoch_after]
    for text, one in ((a.before, before), (a.after, after)):
        axis = semi_major_axis_km(one["mean_motion_rev_day"], one["eccentricity"], one["inclination_deg"])
        assert number(text) == pytest.approx(float(axis[0]), abs=6e-5)
    assert number(a.change) == pytest.approx(number(a.after) - number(a.carried), abs=1.1e-4)
    # The example's burn raises by 0.46 km, within its noise of some ten meters, and turns the plane by 0.0021 degrees.
    assert number(a.change) == pytest.approx(0.46, abs=0.05)
    assert number(rows["Inclination i"].change) == pytest.approx(0.0021, abs=8e-4)
    # The node moves by a degree a day: carried forward, nothing of that is left.
    node = rows["Ascending node Ω"]
    assert number(node.after) - number(node.before) > 0.5
    assert abs(number(node.change)) < 0.01


def test_longitude_comes_from_features_in_one_piece():
    around = [179.9, -179.9] * (len(GAPS) // 2) + [179.9] * (len(GAPS) % 2)
    orbits = evidence.orbits_around(SETS, GAPS.assign(longitude_deg=around), FLAG)
    assert np.ptp(orbits["longitude_deg"].dropna()) == pytest.approx(0.2)
    assert "Longitude, east" in rows_of(gaps=GAPS.assign(longitude_deg=around))
    assert "Longitude, east" not in rows_of()


def test_data_quality_names_gaps_availability_and_noise():
    silent = SETS[~SETS["epoch"].between(FLAG.burn_time + timedelta(days=5), FLAG.burn_time + timedelta(days=12))]
    gaps = residuals(silent)
    notes = " ".join(evidence.data_quality(silent, gaps, FLAG))
    assert re.search(r"The widest gap is 7\.\d days", notes)
    assert f"imputed for {silent['available_at_imputed'].sum()} of {len(silent)} element sets" in notes
    sigma = float(re.search(r"along-track residual: σ = ([\d.]+) km", notes)[1])
    assert 0.1 < sigma < 1.0
    wild = gaps.copy()
    wild.loc[5, "residual_n_km"] = 50.0
    assert "1 other gap beyond 6 σ" in " ".join(evidence.data_quality(silent, wild, FLAG))


# What stands in the figures


def test_timelines_mark_the_burn_its_interval_and_other_flags():
    other = FLAG.burn_time - timedelta(days=23)
    sets = evidence.orbits_around(SETS, None, FLAG)
    figure = timelines(sets, ELEMENTS, FLAG, [other])
    assert len(figure["data"]) == 2 * 3
    assert sum(len(trace["x"]) for trace in figure["data"]) == 3 * len(SETS)
    shapes = {shape["name"]: shape for shape in figure["layout"]["shapes"]}
    assert set(shapes) == {"burn", "burn interval", "other flag"}
    assert shapes["burn"]["x0"] == shapes["burn"]["x1"] == "2026-03-02 10:00:00.000000"
    assert (shapes["burn interval"]["x0"][:16], shapes["burn interval"]["x1"][:16]) == (
        "2026-03-02 09:25",
        "2026-03-02 10:41",
    )


def test_residuals_of_the_burns_own_gap_stand_after_it():
    figure = timelines(GAPS, RESIDUALS, FLAG, [])
    along_track = [trace for trace in figure["data"] if trace["yaxis"] == "y"]
    assert along_track[0]["name"] == "before the burn"
    assert max(abs(value) for value in along_track[0]["y"]) < 5
    assert abs(along_track[1]["y"][0]) > 5


def test_the_bars_are_the_fitted_components():
    bar = delta_v(FLAG)["data"][0]
    assert tuple(bar["x"]) == (FLAG.dv_r_m_s, FLAG.dv_t_m_s, FLAG.dv_n_m_s)
    assert tuple(bar["error_x"]["array"]) == (FLAG.dv_r_sigma_m_s, FLAG.dv_t_sigma_m_s, FLAG.dv_n_sigma_m_s)
    assert delta_v(replace(FLAG, dv_r_m_s=None, dv_t_m_s=None, dv_n_m_s=None)) is None


def test_the_span_of_the_timelines_is_set_by_the_configuration():
    config = ReviewConfig(report_days_before=10, report_days_after=3)
    (elements, *_) = [
        json.loads(text)
        for attrs, text in Page(render(config=config)).scripts
        if attrs.get("type") == "application/json"
    ]
    times = [pd.Timestamp(time, tz="UTC") for trace in elements["data"] for time in trace["x"]]
    assert min(times) >= FLAG.burn_time - timedelta(days=10)
    assert max(times) <= FLAG.burn_time + timedelta(days=3)


def test_the_page_says_why_a_burn_was_refused(full):
    note = "it fell 250 % more than its B* foresaw, the 7 objects within 25 km of altitude 200 % more"
    refused = replace(FLAG, kind="drag storm", explanation="drag storm", explanation_note=note, unexpectedness=0.0)
    text = " ".join(" ".join(Page(render(refused)).text).split())
    for wanted in ("No maneuver: drag storm", note, "Why it is no maneuver", "ranks below the maneuvers"):
        assert wanted in text
    doubted = " ".join(" ".join(Page(render(replace(FLAG, explanation_note="moves as one with CLIENT"))).text).split())
    assert "A maneuver, with a doubt moves as one with CLIENT" in doubted
    assert "No maneuver" not in " ".join(full.text)
