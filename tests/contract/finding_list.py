"""What every database must do with lists of findings; a test class per database gives the fixture ``url``."""

import pytest

from review.finding_list import Wanted, counts, kinds, page_of
from review.records import State
from review.store import FlagStore
from tests.review_examples import DAY, finding, findings


class FindingListContract:
    @pytest.fixture
    def database(self, url):
        with FlagStore(url) as store:
            store.findings.upsert(
                findings(
                    finding(90001, 0, unexpectedness=2.0),
                    finding(90002, 3, unexpectedness=None, name="OTHER_ONE", headline="OTHER_ONE stands still"),
                    finding(80003, 6, unexpectedness=9.0, kind="loitering", listed=False, regime="leo"),
                    finding(90004, 9, state="closed", closed_at=DAY, unexpectedness=1.0),
                )
            )
            yield store.database

    def ids(self, database, order="news", page=1, size=50, **wanted):
        return [one.norad_id for one in page_of(database, Wanted(**wanted), order, page, size).findings]

    def test_orders_and_pages(self, database):
        assert self.ids(database) == [90004, 80003, 90002, 90001]
        assert self.ids(database, "unexpected") == [80003, 90001, 90004, 90002]
        assert self.ids(database, "unexpected", page=2, size=3) == [90002]
        assert page_of(database, Wanted(), "news", 2, 3).total == 4

    def test_conditions_hold_together(self, database):
        assert self.ids(database, kind="loitering") == [80003]
        assert self.ids(database, state=State.CLOSED) == [90004]
        assert self.ids(database, regime="geo", listed=True) == [90004, 90002, 90001]
        assert self.ids(database, regime="geo", state=State.UNDER_WAY) == [90002, 90001]

    def test_words_are_of_the_name_the_headline_or_begin_the_number(self, database):
        assert self.ids(database, text="other") == [90002]
        assert self.ids(database, text="still r_o") == [90002]
        assert self.ids(database, text="9000") == [90004, 90002, 90001]
        assert self.ids(database, text="%") == []
        assert self.ids(database, text="argus 99.4") == [90004, 80003, 90001]

    def test_states_are_counted_whatever_state_is_wanted(self, database):
        wanted = Wanted(regime="geo", state=State.CLOSED)
        assert counts(database, wanted) == {State.UNDER_WAY: 2, State.STOPPED: 0, State.CLOSED: 1}

    def test_kinds_are_those_that_there_are(self, database):
        assert kinds(database) == ["loitering", "relocation"]
