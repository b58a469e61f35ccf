"""What the outbox of notices must do in every database; a test class per database gives the fixture ``url``."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from configs.notices import NoticesConfig
from review.notice_rules import Notice
from review.notices import MOST_IN_ONE, Outbox
from review.store import FlagStore
from review.tables import NoticeRow
from tests.contract.stored_flags import StoredFlags
from tests.review_examples import DAY

CONFIG = NoticesConfig(lease_minutes=10, first_pause_minutes=2, longest_pause_minutes=16, give_up_days=3)


def notice(number=1, **values):
    return Notice(
        **{
            "key": f"key {number} {values.get('target', 'CHAT')}",
            "rule": "belt",
            "target": "CHAT",
            "subject": "flag",
            "subject_id": f"id {number}",
            "title": f"title {number}",
            "body": f"body {number}",
            "due_at": DAY,
            **values,
        }
    )


def minutes(after):
    return DAY + timedelta(minutes=after)


class NoticeContract(StoredFlags):
    @pytest.fixture
    def outbox(self, store):
        return Outbox(store.database, CONFIG)

    def test_a_notice_is_kept_once(self, outbox):
        assert outbox.put([notice(1), notice(2), notice(1)], DAY) == 2
        assert outbox.put([notice(2, title="other words"), notice(3)], DAY) == 1
        claimed = outbox.claim("belt", "CHAT", DAY)
        assert (claimed.title, claimed.repeated) == ("3 notices: belt", False)
        assert claimed.body == "title 1\nbody 1\n\ntitle 2\nbody 2\n\ntitle 3\nbody 3"
        outbox.sent(claimed, DAY)
        assert outbox.put([notice(1)], DAY) == 0
        assert (outbox.due(DAY), outbox.waiting(DAY)) == (0, 0)
        assert outbox.claim("belt", "CHAT", minutes(60)) is None

    def test_one_notice_is_told_in_its_own_words(self, outbox):
        outbox.put([notice(7)], DAY)
        claimed = outbox.claim("belt", "CHAT", DAY)
        assert (claimed.title, claimed.body) == ("title 7", "body 7")

    def test_more_than_fit_into_one_message_come_in_several(self, outbox):
        outbox.put([notice(number) for number in range(MOST_IN_ONE + 3)], DAY)
        first, second = (outbox.claim("belt", "CHAT", DAY) for _ in range(2))
        assert (len(first.notice_ids), len(second.notice_ids)) == (MOST_IN_ONE, 3)
        assert not set(first.notice_ids) & set(second.notice_ids)

    def test_rules_and_targets_are_claimed_each_by_itself_and_when_due(self, outbox):
        outbox.put([notice(1), notice(1, target="MAIL"), notice(2, rule="other"), notice(3, due_at=minutes(5))], DAY)
        assert outbox.claim("belt", "CHAT", DAY).title == "title 1"
        assert outbox.claim("belt", "CHAT", DAY) is None
        assert outbox.claim("belt", "MAIL", DAY).title == "title 1"
        assert outbox.claim("other", "CHAT", DAY).title == "title 2"
        assert outbox.claim("belt", "CHAT", minutes(5)).title == "title 3"

    def test_what_a_sender_left_behind_is_taken_after_its_lease_and_said_to_be_perhaps_a_repeat(self, outbox):
        outbox.put([notice(1)], DAY)
        outbox.claim("belt", "CHAT", DAY)
        assert outbox.claim("belt", "CHAT", minutes(9.9)) is None
        assert outbox.due(minutes(9.9)) == 0
        again = outbox.claim("belt", "CHAT", minutes(10))
        assert (again.title, again.repeated) == ("title 1", True)

    def test_a_late_sender_s_mark_that_it_was_sent_counts_and_that_it_failed_does_not(self, outbox):
        outbox.put([notice(1)], DAY)
        late = outbox.claim("belt", "CHAT", DAY)
        now = outbox.claim("belt", "CHAT", minutes(10))
        outbox.failed(late, minutes(11), "too late")
        assert outbox.due(minutes(15)) == 0
        outbox.sent(late, minutes(12))
        outbox.failed(now, minutes(13), "no")
        assert outbox.waiting(minutes(14)) == 0
        assert outbox.claim("belt", "CHAT", minutes(60)) is None

    def test_pauses_double_up_to_the_longest_and_end_when_given_up(self, outbox):
        outbox.put([notice(1)], DAY)
        at, pauses = DAY, []
        for _ in range(6):
            claimed = outbox.claim("belt", "CHAT", at)
            assert not claimed.repeated
            outbox.failed(claimed, at, "refused\x1b[31m")
            pause = next(m for m in range(1, 30) if outbox.due(at + timedelta(minutes=m)))
            pauses.append(pause)
            at += timedelta(minutes=pause)
        assert pauses == [2, 4, 8, 16, 16, 16]
        assert outbox.waiting(DAY + timedelta(days=3)) == 1
        later = DAY + timedelta(days=3, seconds=1)
        assert (outbox.waiting(later), outbox.given_up(later)) == (0, 1)
        assert outbox.claim("belt", "CHAT", later) is None

    def test_why_it_failed_is_kept_until_it_is_sent(self, outbox, store):
        outbox.put([notice(1)], DAY)
        outbox.failed(outbox.claim("belt", "CHAT", DAY), DAY, "refused" * 200)

        def row():
            with store.database.reading() as connection:
                return connection.execute(sa.select(NoticeRow.error, NoticeRow.attempts, NoticeRow.sent_at)).one()

        assert (len(row().error), row().attempts, row().sent_at) == (500, 1, None)
        outbox.sent(outbox.claim("belt", "CHAT", minutes(2)), minutes(3))
        assert tuple(row()) == ("", 2, minutes(3))

    def test_senders_at_once_share_the_notices(self, url, outbox):
        rules = [f"rule {number}" for number in range(8)]
        outbox.put([notice(number, rule=rule) for number, rule in enumerate(rules)], DAY)
        gate = threading.Barrier(4, timeout=60)

        def take(_):
            with FlagStore(url) as own:
                gate.wait()
                mine = Outbox(own.database, CONFIG)
                return [one.notice_ids for rule in rules if (one := mine.claim(rule, "CHAT", DAY))]

        with ThreadPoolExecutor(4) as pool:
            taken = [ids for some in pool.map(take, range(4)) for ids in some]
        assert len(taken) == len(set(taken)) == len(rules)

    def test_makers_at_once_keep_each_notice_once(self, url, outbox):
        gate = threading.Barrier(4, timeout=60)

        def make(_):
            with FlagStore(url) as own:
                gate.wait()
                return Outbox(own.database, CONFIG).put([notice(number) for number in range(20)], DAY)

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(make, range(4))) == 20
        assert outbox.due(DAY) == 20

    def test_a_crash_while_making_leaves_none(self, outbox):
        with pytest.raises(sa.exc.IntegrityError):
            outbox.put([notice(1), replace(notice(2), title=None)], DAY)
        assert outbox.waiting(DAY) == 0
