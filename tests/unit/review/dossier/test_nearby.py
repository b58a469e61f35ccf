from dataclasses import replace
from datetime import UTC, datetime

from review.dossier.nearby import nearby
from review.records import FindingRecord, State
from tests.review_examples import element_sets, flag_of

FLAG = flag_of(element_sets())
MEETING = "2026-03-09T04:17:00Z"


def finding(neighbours, partners=()):
    day = datetime(2026, 3, 3, tzinfo=UTC)
    return FindingRecord(
        finding_id="f", norad_id=FLAG.norad_id, name="ARGUS 4", regime="leo", kind="approach", state=State.UNDER_WAY,
        opened_at=day, news_at=day, headline="it comes nearer", neighbours=neighbours, partners=list(partners),
    )  # fmt: skip


def test_the_flags_neighbors_come_first_in_their_order():
    near = nearby(FLAG, None, {})
    assert [one.norad_id for one in near] == [90412, 90077]
    assert near[0].when == datetime(2026, 3, 9, 4, 17, tzinfo=UTC)
    assert near[0].miss_km == 11.4


def test_the_finding_adds_what_the_flag_does_not_say():
    told = {
        "norad_id": 90412, "name": "other name", "miss_km": 3.0, "when": MEETING, "way": "approaching",
        "when_low": "2026-03-08T00:00:00Z", "when_high": "2026-03-10T00:00:00Z",
    }  # fmt: skip
    near = nearby(FLAG, finding([told, {"norad_id": 7, "name": "SEVEN"}], [90077, 8]), {8: "EIGHT"})
    assert [one.norad_id for one in near] == [90412, 90077, 7, 8]
    assert (near[0].name, near[0].miss_km, near[0].way) == ("LANTERN 2", 11.4, "approaching")
    assert near[0].when_low == datetime(2026, 3, 8, tzinfo=UTC)
    assert [one.partner for one in near] == [False, True, False, True]
    assert near[3].called == "EIGHT"


def test_the_ends_of_another_meeting_are_not_taken():
    told = {"norad_id": 90412, "when": "2026-05-01T00:00:00Z", "when_low": "2026-04-30T00:00:00Z"}
    assert nearby(FLAG, finding([told]), {})[0].when_low is None


def test_entries_that_say_nothing_of_use_do_no_harm():
    odd = [
        {"name": "nobody"},
        {"norad_id": "x"},
        {"norad_id": 5, "miss_km": "far", "when": "soon"},
        {"norad_id": 90001},
    ]
    near = nearby(replace(FLAG, neighbours=odd), None, {})
    assert [(one.norad_id, one.miss_km, one.when) for one in near] == [(5, None, None)]
    assert near[0].called == "object 5"
