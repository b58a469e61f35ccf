"""Stored rows that no reader takes, and bodies that no program means: neither fails the API."""

import math
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from review.tables import LabelRow

SOUND = datetime(2026, 5, 1, tzinfo=UTC)
POISON = [
    {"norad_id": 1_999_999_999},
    {"norad_id": -5},
    {"epoch_before": datetime(1, 1, 1, tzinfo=UTC)},
    {"epoch_after": datetime(9999, 12, 31, tzinfo=UTC)},
    {"decided_at": datetime(9999, 12, 31, tzinfo=UTC)},
    {"dv_t_m_s": math.inf},
]


def test_labels_however_they_came_fail_no_page(desk, ann):
    row = {
        "team": "north", "norad_id": 90001, "name": "", "epoch_before": SOUND, "epoch_after": SOUND, "burn_time": SOUND,
        "verdict": "confirmed", "kind": "", "dv_r_m_s": None, "dv_t_m_s": None, "dv_n_m_s": None, "decided_at": SOUND,
        "note": "", "imported_at": SOUND, "imported_by": "ann",
    }  # fmt: skip
    with desk.database.writing("labels") as connection:
        for number, poison in enumerate([{}, *POISON]):
            connection.execute(sa.insert(LabelRow), [{**row, "label_hash": str(number), **poison}])
    answer = ann.get("/labels")
    assert answer.status_code == 200
    shown = [one for one in answer.json()["labels"] if one["team"] == "north"]
    assert [one["dv_t_m_s"] for one in shown] == [None, None]
    for form in ("csv", "json"):
        assert ann.get(f"/labels/file?form={form}&team=south&others=true").status_code == 200


def test_objects_however_they_came_fail_no_page(desk, ann):
    path = desk.home / "objects.parquet"
    rows = pd.read_parquet(path)
    dates = np.array(["-005-01-01", "9999-12-31", "20000-01-01", "1998-11-20"], dtype="M8[us]")
    poison = rows.iloc[[0, 0, 0, 0]].assign(
        norad_id=[900_990, 900_991, 2**40, -1],
        source="table",
        name=None,
        launch_date=pd.Series(dates, index=rows.index[[0, 0, 0, 0]]).dt.tz_localize("UTC"),
    )
    pd.concat([rows, poison], ignore_index=True).to_parquet(path)
    answer = ann.get("/objects?size=500")
    assert answer.status_code == 200
    found = {one["norad_id"]: one for one in answer.json()["objects"]}
    assert {900_990, 900_991} <= set(found)
    assert not {2**40, -1} & set(found)
    assert found[900_990]["launch_date"] is found[900_991]["launch_date"] is None
    assert ann.get("/objects/900990").status_code == 200


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"name": ' * 5000, '{"name": ' + "9" * 5000 + "}", '{"objects": [{"name": "A", "norad_id": ' + "9" * 400 + "}]}",
     '{"kind": "watched", "objects": [{"name": "A", "norad_id": 5, "keep_out_km": ' + "9" * 400 + "}]}",
     '{"kind": "watched", "objects": [{"name": "A", "norad_id": 5, "keep_out_km": NaN}]}',
     '{"kind": "watched", "objects": [{"name": "A", "tle": ["\\ud800"]}]}',
     '{"kind": "watched", "objects": [{"name": "\\ud800"}]}', "\x00"],
)  # fmt: skip
def test_bodies_that_no_program_means_are_refused(ann, body):
    as_json = {"Content-Type": "application/json"}
    for method, address in (("PUT", "/lists/x"), ("POST", "/views"), ("POST", "/verdicts"), ("POST", "/me/tokens")):
        answer = ann.request(method, address, content=body, headers=as_json)
        assert 400 <= answer.status_code < 500, (method, address, answer.text[:200])
        assert len(answer.content) < 20_000
    answer = ann.post("/labels", content=body, headers={"Content-Type": "application/octet-stream"})
    assert 400 <= answer.status_code < 500
