"""Who stays in another's plane for weeks and follows it, and who only happens to be there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from configs.findings import FindingsConfig
from configs.shadowing import ShadowingConfig
from models.assess.findings.together import _accompanied
from models.assess.shadowing import SHADOWING_DTYPES, as_company, shadowing
from orbits.elements import MeanElements, kozai_mean_motion_rev_day
from orbits.propagate import drift

START_US = 1_769_904_000_000_000
DAY_US = 86_400_000_000
NOW = pd.Timestamp(START_US + 61 * DAY_US, unit="us", tz="UTC")
SHADOW, TARGET = 1, 2


def flown(norad_id: int, burns=(), *, a_km=6860.0, node_deg=40.0, latitude_deg=0.0, days=60) -> pd.DataFrame:
    """A set a day; ``burns`` are (day, change of a [km], of the node [deg])."""
    elements = None
    rows = []
    for day in range(days):
        time = np.array([START_US + day * DAY_US + 3_600_000_000])
        if elements is None:
            values = {"a": a_km, "e": 1e-3, "i": 97.4, "node": node_deg, "argp": 90.0, "m": latitude_deg - 90.0}
        else:
            mean = drift(elements, time)
            values = dict(
                zip(("a", "e", "i", "node", "argp", "m"), (float(field[0]) for field in mean[:6]), strict=True)
            )
        for when, delta_a, delta_node in burns:
            if when == day:
                values["a"] += delta_a
                values["node"] += delta_node
        elements = MeanElements(
            time,
            kozai_mean_motion_rev_day(*(np.array([values[name]]) for name in ("a", "e", "i"))),
            *(np.array([values[name]]) for name in ("e", "i")),
            *(np.array([values[name] % 360]) for name in ("node", "argp", "m")),
            np.zeros(1),
        )
        rows.append(elements)
    names = MeanElements.__dataclass_fields__
    made = pd.DataFrame({name: np.concatenate([getattr(row, name) for row in rows]) for name in names})
    epoch = pd.to_datetime(made.pop("epoch_us").to_numpy().astype("datetime64[us]"), utc=True)
    return made.assign(norad_id=norad_id, epoch=epoch, available_at=epoch + pd.Timedelta(hours=6))


def shadows(*histories: pd.DataFrame, names=None, **settings) -> pd.DataFrame:
    whole = pd.concat(histories, ignore_index=True).sort_values(["norad_id", "epoch"], ignore_index=True)
    return shadowing(whole, [SHADOW], NOW, names or {TARGET: "TARGET"}, ShadowingConfig(**settings))


CHANGES = ((12, 1.5, 0.0), (23, -2.0, 0.0), (37, 2.5, 0.0))


def test_who_follows_every_change_is_named():
    after = tuple((day + 3, size * 1.1, node) for day, size, node in CHANGES)
    found = shadows(flown(SHADOW, after), flown(TARGET, CHANGES, a_km=6870, latitude_deg=120))
    assert len(found) == 1
    assert dict(found.dtypes.astype(str)) == SHADOWING_DTYPES
    row = found.iloc[0]
    assert (row["norad_id"], row["other_name"], row["changes"], row["followed"]) == (SHADOW, "TARGET", 3, 3)
    assert row["evidence"] == ["followed 3 of its 3 changes of height within 10 days"]
    assert row["plane_angle_high_deg"] < 0.5


def test_who_shares_a_plane_and_goes_its_own_way_is_not():
    own = tuple((day, 1.5, 0.0) for day in (5, 15, 25, 35, 45, 55))  # a keeper that burns as often as it likes
    other = tuple((day, 1.5, 0.0) for day in (9, 19, 29, 39))
    assert shadows(flown(SHADOW, own), flown(TARGET, other, a_km=6870, latitude_deg=120)).empty
    assert shadows(flown(SHADOW), flown(TARGET, CHANGES, a_km=6870, latitude_deg=120)).empty


def test_who_turns_into_its_plane_and_stays_is_named():
    found = shadows(flown(SHADOW, ((20, 0.0, 1.4),), node_deg=38.6), flown(TARGET, a_km=6865, latitude_deg=120))
    row = found.iloc[0]
    assert row["evidence"][0].startswith("turned into its plane (1.3")
    assert abs(row["since"] - pd.Timestamp(START_US + 20 * DAY_US, unit="us", tz="UTC")) < pd.Timedelta(days=4)


def test_who_keeps_its_distance_is_named_and_who_is_docked_is_not():
    kept = ((30, 0.1, 0.0), (36, -0.1, 0.0))
    found = shadows(flown(SHADOW, kept), flown(TARGET, latitude_deg=8))
    assert found["evidence"].iloc[0][0].startswith("keeps its phase within")
    assert "behind" in found["evidence"].iloc[0][0]
    both = ((30, 0.5, 0.0),)
    assert shadows(flown(SHADOW, both), flown(TARGET, both)).empty


def test_too_short_a_time_and_too_few_sets_say_nothing():
    late = ((45, 0.0, 1.4),)
    assert shadows(flown(SHADOW, late, node_deg=38.6), flown(TARGET, a_km=6865, latitude_deg=120)).empty
    short = flown(SHADOW, ((20, 0.0, 1.4),), node_deg=38.6, days=45)
    assert shadows(short, flown(TARGET, a_km=6865, latitude_deg=120)).empty, "not seen for more than ten days"


def test_its_own_kind_comes_last():
    after = tuple((day + 3, size, node) for day, size, node in CHANGES)
    histories = [flown(SHADOW, after), *(flown(k, CHANGES, a_km=6868 + k, latitude_deg=100 + k) for k in (2, 3, 4))]
    whole = pd.concat(histories, ignore_index=True).sort_values(["norad_id", "epoch"], ignore_index=True)
    names = {SHADOW: "PAIR 1", 2: "PAIR 2", 3: "LAUNCHED", 4: "STRANGER"}
    designators = {SHADOW: "2025-010A", 3: "2025-010C", 4: "2011-001A"}
    found = shadowing(whole, [SHADOW], NOW, names, designators=designators)
    assert found["other_name"].iloc[0] == "STRANGER"
    assert found.set_index("other_name")["own_fleet"].to_dict() == {
        "STRANGER": False,
        "PAIR 2": True,
        "LAUNCHED": False,
    }
    assert found.set_index("other_name")["launched_together"]["LAUNCHED"]
    told = as_company(found)
    assert told["other_name"].tolist() == ["STRANGER"]
    assert told["evidence"].iloc[0] == "since 2026-02-02: followed 3 of its 3 changes of height within 10 days"
    assert as_company(found.iloc[:0]).empty


def test_later_sets_change_nothing():
    after = tuple((day + 3, size, node) for day, size, node in CHANGES)
    whole = pd.concat([flown(SHADOW, after), flown(TARGET, CHANGES, a_km=6870, latitude_deg=120)], ignore_index=True)
    whole = whole.sort_values(["norad_id", "epoch"], ignore_index=True)
    as_of = NOW - pd.Timedelta(days=8)
    known = whole[whole["available_at"] <= as_of].reset_index(drop=True)
    full, cut = (shadowing(one, [SHADOW], as_of, {}) for one in (whole, known))
    pd.testing.assert_frame_equal(full, cut)
    assert len(full) == 1


@pytest.mark.parametrize("ids", [[], [77]])
def test_nobody_to_look_at(ids):
    assert shadowing(flown(TARGET), ids, NOW, {}).empty


def test_a_finding_says_whom_its_object_shadows_and_says_it_once():
    """Rows as the judgement puts them together: company of burns, and shadows with their evidence."""
    after = tuple((day + 3, size * 1.1, node) for day, size, node in CHANGES)
    rows = as_company(shadows(flown(SHADOW, after), flown(TARGET, CHANGES, a_km=6870, latitude_deg=120)))
    burn = rows.drop(columns="evidence").assign(other_id=3, other_name="LONER", way="receding", by_the_burn=False)
    company = pd.concat([burn, rows], ignore_index=True)
    finding = {
        "norad_id": SHADOW, "name": "SHADE", "regime": "leo", "kind": "maneuver", "state": "under way", "said": {},
        "news": [], "partners": [], "opened_at": NOW, "news_at": NOW, "neighbours": [],
    }  # fmt: skip
    told = _accompanied(finding, company, NOW, FindingsConfig())
    (news,) = told["news"]
    assert news["text"].startswith("goes along beside TARGET, its plane within 0.3")
    assert news["text"].endswith("since 2026-02-02: followed 3 of its 3 changes of height within 10 days")
    assert _accompanied(told, company, NOW, FindingsConfig())["news"] == told["news"]
