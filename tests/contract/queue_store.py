"""What the queue must do in every database; a test class per database gives the fixture ``url``."""

from dataclasses import replace
from datetime import timedelta

import pytest

from review import queue as queue_module
from review.errors import UnknownFlagError
from review.filters import Filter
from review.records import Status
from tests.contract.stored_flags import StoredFlags
from tests.review_examples import DAY, event, frame, run

MANY = 2000  # more numbers than either database takes as parameters


class QueueContract(StoredFlags):
    @pytest.fixture
    def queue(self, store):
        """Six flags of objects 1 to 6, a day apart, and a withdrawn one."""
        store.upsert(
            frame(
                event(1, 0, unexpectedness=1.0, name="KESTREL 9", listed=True),
                event(
                    2, 1, unexpectedness=5.0, regime="geo", kind="relocation", reasons=["left 99.4° E in 100% haste"]
                ),
                event(3, 2, unexpectedness=None, regime="geo", kind="unknown"),
                event(4, 3, unexpectedness=3.0, kind="decay", explanation="decay"),
                event(5, 4, unexpectedness=3.0, regime="geo", kind="relocation", name="LANTERN_2"),
                event(6, 5, unexpectedness=None, name="ÄRGUS 5"),
                event(7, 6, unexpectedness=9.0),
            ),
            run(),
        )
        store.upsert(frame(), run(1, spans=[(7, -10, 100)]))
        flag = store.flags(norad_id=4)[0]
        store.assign(flag.flag_id, "bob", who="bob", expected_version=1)
        flag = store.flags(norad_id=5)[0]
        store.settle(flag.flag_id, Status.ROUTINE, who="ann", expected_version=1)
        return store

    @staticmethod
    def objects(store, **conditions):
        ids = conditions.pop("norad_ids", None)
        return [flag.norad_id for flag in store.page(Filter(**conditions), norad_ids=ids).flags]

    def test_the_most_unexpected_or_the_latest_come_first(self, queue):
        assert self.objects(queue) == [2, 5, 4, 1, 6, 3]
        assert self.objects(queue, order="time") == [6, 5, 4, 3, 2, 1]

    @pytest.mark.parametrize(
        ("conditions", "objects"),
        [
            ({"regimes": ("geo",)}, [2, 5, 3]),
            ({"regimes": ("geo", "leo"), "kinds": ("relocation", "decay")}, [2, 5, 4]),
            ({"statuses": (Status.OPEN,)}, [2, 1, 6, 3]),
            ({"statuses": (Status.IN_REVIEW, Status.ROUTINE)}, [5, 4]),
            ({"since": DAY + timedelta(days=2, hours=10), "until": DAY + timedelta(days=4, hours=10)}, [4, 3]),
            ({"listed": True}, [1]),
            ({"assignee": "bob"}, [4]),
            ({"explanation": "other"}, [4]),
            ({"explanation": "maneuver", "regimes": ("leo",)}, [1, 6]),
            ({"norad_id": 3}, [3]),
            ({"norad_ids": {3, 1, 7}}, [1, 3]),
            ({"norad_ids": range(5, MANY)}, [5, 6]),
            ({"norad_ids": ()}, []),
            ({"text": "kestrel 9"}, [1]),
            ({"text": "lantern_2"}, [5]),
            ({"text": "n_e"}, []),
            ({"text": "100% HASTE"}, [2]),
            ({"text": "0%"}, [2]),
            ({"text": "99.4°"}, [2]),
            ({"text": "'); DROP TABLE flags;--"}, []),
        ],
    )
    def test_a_filter_lets_through_what_fits_all_its_conditions(self, queue, conditions, objects):
        assert self.objects(queue, **conditions) == objects
        wanted = Filter(**{name: value for name, value in conditions.items() if name != "norad_ids"})
        counts = queue.counts(wanted, conditions.get("norad_ids"))
        chosen = {str(status) for status in wanted.statuses} or set(counts["status"])
        assert sum(counts["status"].get(status, 0) for status in chosen) == len(objects)

    def test_a_number_is_found_by_its_beginning(self, store):
        store.upsert(frame(event(41234), event(94123), event(90001, reasons=["beside 41234"])), run())
        assert sorted(self.objects(store, text="4123")) == [41234, 90001]

    def test_pages_hold_every_flag_once_and_in_order(self, store):
        store.upsert(frame(*(event(number, unexpectedness=float(number % 3)) for number in range(23))), run())
        pages = [store.page(Filter(), page, size=5) for page in range(1, 6)]
        assert [flag for page in pages for flag in page.flags] == store.flags()
        assert [len(page.flags) for page in pages] == [5, 5, 5, 5, 3]
        assert {(page.total, page.pages, page.size) for page in pages} == {(23, 5, 5)}
        assert store.page(Filter(), 99, size=5) == pages[-1]
        assert store.page(Filter(), -1, size=5) == pages[0]

    @pytest.mark.parametrize("conditions", [{}, {"regimes": ("geo",), "order": "time"}, {"text": "nothing"}])
    def test_every_flag_comes_as_the_pages_show_it(self, queue, conditions):
        wanted = Filter(**conditions)
        for ids in (None, [1, 2, 3, 5], range(MANY)):
            assert list(queue.every(wanted, ids)) == queue.page(wanted, norad_ids=ids).flags

    def test_a_queue_without_flags_is_one_empty_page(self, store):
        page = store.page(Filter())
        assert (page.flags, page.total, page.page, page.pages) == ([], 0, 1, 1)
        assert store.counts(Filter()) == {"status": {}, "regime": {}, "kind": {}}

    def test_counts_are_what_one_would_see_on_choosing_the_value_instead(self, queue):
        for wanted in (
            Filter(),
            Filter(regimes=("geo",)),
            Filter(regimes=("geo", "leo"), statuses=(Status.OPEN,), kinds=("relocation",)),
            Filter(since=DAY + timedelta(days=1), text="argus"),
        ):
            for facet, field in (("status", "statuses"), ("regime", "regimes"), ("kind", "kinds")):
                for value, flags in queue.counts(wanted)[facet].items():
                    assert queue.page(replace(wanted, **{field: (value,)})).total == flags, (wanted, facet, value)
        assert queue.counts(Filter(regimes=("geo",))) == {
            "status": {"open": 2, "routine": 1},
            "regime": {"geo": 3, "leo": 3},
            "kind": {"relocation": 2, "unknown": 1},
        }

    @pytest.mark.parametrize("order", ["unexpected", "time"])
    @pytest.mark.parametrize("conditions", [{}, {"regimes": ("geo",)}, {"statuses": (Status.OPEN,)}])
    def test_what_stands_beside_a_flag_is_what_the_pages_show(self, store, order, conditions):
        values = [None, 1.0, 2.0]
        store.upsert(
            frame(
                *(
                    event(
                        number,
                        3 * (number % 2),
                        unexpectedness=values[number % 3],
                        regime="geo" if number % 4 else "leo",
                    )
                    for number in range(12)
                )
            ),
            run(),
        )
        flag = store.flags(norad_id=6)[0]
        store.settle(flag.flag_id, Status.CONFIRMED, who="ann", expected_version=1)
        wanted = Filter(order=order, **conditions)
        shown = [flag.flag_id for flag in store.page(wanted).flags]
        for before, here, after in zip([None, *shown], shown, [*shown[1:], None], strict=False):
            assert store.beside(wanted, here) == (before, after)
        everything = [flag.flag_id for flag in store.page(Filter(order=order)).flags]
        place = everything.index(flag.flag_id)
        before = [one for one in everything[:place] if one in shown]
        after = [one for one in everything[place + 1 :] if one in shown]
        assert store.beside(wanted, flag.flag_id) == (before[-1] if before else None, after[0] if after else None)

    def test_beside_an_unknown_flag_there_is_nothing(self, store):
        with pytest.raises(UnknownFlagError):
            store.beside(Filter(), "zzz")

    def test_words_in_many_flags_are_counted_and_paged_like_words_in_few(self, store, monkeypatch):
        store.upsert(frame(*(event(number, unexpectedness=float(number % 5)) for number in range(12))), run())
        few = [store.page(Filter(text="burns"), number, size=5) for number in (1, 2, 3)]
        monkeypatch.setattr(queue_module, "FEW_FOUND", 3)
        assert [store.page(Filter(text="burns"), number, size=5) for number in (1, 2, 3)] == few
        assert few[0].total == 12
