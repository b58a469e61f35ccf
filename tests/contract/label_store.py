"""What every database of flags must do with labels; a test class per database gives ``store``, ``flag`` and ``review``."""

from datetime import timedelta

import numpy as np
import pytest

from review.audit import Audit
from review.labels import LABEL_DTYPES, LabelStore, label_frame, snapshot
from review.records import Status
from tests.review_examples import DAY, event, frame, run

DECIDED = DAY + timedelta(days=6)


def label(norad_id=90001, day=0.0, **values):
    """What another team says of the window of `event(norad_id, day)`."""
    said = event(norad_id, day)
    names = set(LABEL_DTYPES) & set(said)
    return {
        **{name: said[name] for name in names},
        "team": "Elsewhere",
        "verdict": "confirmed",
        "decided_at": DECIDED,
        "note": "",
        **values,
    }


class LabelStoreContract:
    @pytest.fixture
    def labels(self, store):
        return LabelStore(store.database)

    def settled(self, store, to, *, at=DECIDED, **values):
        flag = self.flag(store, event(**values))
        return self.review(store, flag, to, at=at, note="seen")

    def test_a_verdict_is_a_label_with_its_window_and_what_was_judged(self, store, labels):
        flag = self.settled(store, Status.CONFIRMED)
        (row,) = labels.labels().to_dict("records")
        for name in ("norad_id", "name", "epoch_before", "epoch_after", "burn_time", "dv_t_m_s", "kind"):
            assert row[name] == getattr(flag, name), name
        assert (row["team"], row["verdict"], row["decided_at"], row["note"]) == ("", "confirmed", DECIDED, "seen")
        assert dict(labels.labels().dtypes.astype(str)) == LABEL_DTYPES

    def test_flags_that_nobody_settled_are_no_labels(self, store, labels):
        store.upsert(frame(event(), event(90002)), run())
        self.review(store, store.flags()[0], Status.IN_REVIEW)
        assert labels.labels().empty
        assert dict(labels.labels().dtypes.astype(str)) == LABEL_DTYPES

    def test_of_what_was_no_burn_there_is_no_size(self, store, labels):
        self.settled(store, Status.DATA_ERROR)
        (row,) = labels.own().to_dict("records")
        assert (row["verdict"], row["kind"]) == ("data error", "")
        assert np.isnan([row[f"dv_{axis}_m_s"] for axis in "rtn"]).all()

    def test_the_last_verdict_counts_and_one_that_was_taken_back_says_so(self, store, labels):
        flag = self.settled(store, Status.CONFIRMED)
        flag = self.review(store, flag, Status.OPEN, at=DECIDED + timedelta(hours=1))
        assert labels.own()["verdict"].tolist() == ["open"]
        self.review(store, flag, Status.DATA_ERROR, at=DECIDED + timedelta(hours=2))
        assert labels.own()["verdict"].tolist() == ["data error"]

    def test_flags_that_wait_are_labels_that_say_nothing(self, store, labels):
        self.settled(store, Status.CONFIRMED)
        self.review(store, self.flag(store, event(day=5)), Status.IN_REVIEW)
        self.flag(store, event(90002))
        waiting = labels.waiting([90001])
        assert waiting["epoch_before"].tolist() == [DAY + timedelta(days=5)]
        assert waiting["verdict"].tolist() == ["open"]
        assert labels.waiting([]).empty

    def test_labels_as_they_were_known(self, store, labels):
        flag = self.settled(store, Status.CONFIRMED)
        flag = self.review(store, flag, Status.OPEN, at=DECIDED + timedelta(hours=1))
        self.review(store, flag, Status.ROUTINE, at=DECIDED + timedelta(hours=2))
        labels.take(label_frame([label(90002)]), by="ann", at=DECIDED + timedelta(hours=3))
        known = [labels.labels(DECIDED + timedelta(hours=hours))["verdict"].tolist() for hours in (-1, 0, 1, 2, 3)]
        assert known == [[], ["confirmed"], ["open"], ["routine"], ["routine", "confirmed"]]

    def test_labels_of_others_are_taken_once(self, store, labels):
        given = label_frame([label(), label(90002, verdict="data error")])
        assert labels.take(given, by="ann", address="192.0.2.7") == (2, 0)
        assert labels.take(given.assign(note="said again", name="OTHER"), by="bob") == (0, 2)
        assert labels.others().equals(given)
        steps = [(step.who, step.action, step.address, step.detail) for step in Audit(store.database).newest()]
        assert steps == [
            ("bob", "labels taken in", "", "0 new of 2, of Elsewhere"),
            ("ann", "labels taken in", "192.0.2.7", "2 new of 2, of Elsewhere"),
        ]

    def test_another_verdict_on_a_window_stands_beside_the_first(self, labels):
        later = label(verdict="data error", decided_at=DECIDED + timedelta(days=1))
        assert labels.take(label_frame([label()]), by="ann").added == 1
        assert labels.take(label_frame([later]), by="ann").added == 1
        assert labels.others()["verdict"].tolist() == ["confirmed", "data error"]

    def test_what_was_said_here_does_not_come_back_as_anothers(self, store, labels):
        self.settled(store, Status.CONFIRMED)
        given = labels.own().assign(team="Us")
        assert labels.take(given, by="ann") == (0, 1)
        assert labels.others().empty

    def test_the_snapshot_changes_with_what_is_said_only(self, store, labels):
        assert snapshot(labels.labels()) == "none"
        flag = self.settled(store, Status.CONFIRMED)
        first = snapshot(labels.labels())
        assert first.startswith("1-")
        assert snapshot(labels.labels().assign(note="", name="")) == first
        assert snapshot(labels.labels().iloc[::-1]) == first
        flag = self.review(store, flag, Status.OPEN)
        self.review(store, flag, Status.CONFIRMED, at=DECIDED + timedelta(days=1))
        second = snapshot(labels.labels())
        labels.take(label_frame([label(90002)]), by="ann")
        assert len({first, second, snapshot(labels.labels())}) == 3
