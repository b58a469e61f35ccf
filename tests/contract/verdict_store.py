"""What the rules of review must do in every database; a test class per database gives the fixture ``url``."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import pytest
import sqlalchemy as sa

from review import queries, verdicts
from review.errors import BadTransitionError, ConflictError, InvalidVerdictError, UnknownFlagError
from review.records import SETTLED, Status
from review.store import FlagStore
from tests.contract.stored_flags import StoredFlags
from tests.review_examples import event, frame, run


class VerdictContract(StoredFlags):
    def test_every_way_through_review(self, store):
        flag = self.flag(store)
        for settled in SETTLED:
            flag = self.review(store, flag, Status.IN_REVIEW)
            flag = self.review(store, flag, settled, note=f"as {settled}\nsecond line", who=" bob ")
            assert flag.status is settled
            flag = self.review(store, flag, Status.OPEN, note="look again")
        steps = store.history(flag.flag_id)
        assert [step.flag_version for step in steps] == list(range(2, 2 + 3 * len(SETTLED)))
        assert flag.version == 1 + 3 * len(SETTLED)
        assert (steps[1].who, steps[1].note) == ("bob", "as confirmed\nsecond line")
        assert (steps[1].from_status, steps[1].to_status) == (Status.IN_REVIEW, Status.CONFIRMED)
        assert all(step.decided_at.tzinfo is UTC for step in steps)

    @pytest.mark.parametrize("to", SETTLED)
    def test_an_open_flag_may_be_settled_at_once(self, store, to):
        flag = self.review(store, self.flag(store), to)
        assert flag.status is to
        assert [(step.from_status, step.to_status) for step in store.history(flag.flag_id)] == [(Status.OPEN, to)]

    def test_a_settled_flag_must_be_opened_before_it_is_settled_otherwise(self, store):
        flag = self.review(store, self.flag(store), Status.CONFIRMED)
        with pytest.raises(BadTransitionError) as caught:
            self.review(store, flag, Status.ROUTINE)
        assert caught.value.allowed == (Status.OPEN,)
        assert len(store.history(flag.flag_id)) == 1

    def test_a_stale_version_is_refused(self, store):
        flag = self.flag(store)
        self.review(store, flag, Status.IN_REVIEW)
        with pytest.raises(ConflictError) as caught:
            self.review(store, flag, Status.IN_REVIEW)
        assert (caught.value.expected_version, caught.value.version) == (1, 2)
        assert len(store.history(flag.flag_id)) == 1

    def test_of_two_verdicts_at_once_one_stands(self, url, store):
        flag = self.review(store, self.flag(store), Status.IN_REVIEW)
        gate = threading.Barrier(len(SETTLED), timeout=60)

        def decide(to):
            with FlagStore(url) as own:
                gate.wait()
                try:
                    return self.review(own, flag, to)
                except ConflictError:
                    return None

        with ThreadPoolExecutor(len(SETTLED)) as pool:
            outcomes = [outcome for outcome in pool.map(decide, SETTLED) if outcome]
        assert len(outcomes) == 1
        assert store.get(flag.flag_id) == outcomes[0]
        assert [step.to_status for step in store.history(flag.flag_id)] == [Status.IN_REVIEW, outcomes[0].status]

    def test_a_verdict_needs_a_name(self, store):
        flag = self.flag(store)
        for values in ({"who": " \n"}, {"who": "x" * 201}, {"note": "x" * 10_001}):
            with pytest.raises(InvalidVerdictError):
                self.review(store, flag, Status.IN_REVIEW, **values)
        assert store.history(flag.flag_id) == []

    @pytest.mark.parametrize("statement", ["UPDATE verdicts SET who = 'eve'", "DELETE FROM verdicts"])
    def test_the_database_itself_refuses_to_change_a_verdict(self, store, engine, statement):
        self.review(store, self.flag(store), Status.IN_REVIEW)
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(statement))

    def test_a_flag_with_verdicts_cannot_be_deleted(self, url, store):
        flag = self.review(store, self.flag(store), Status.IN_REVIEW)
        with FlagStore(url) as other, pytest.raises(sa.exc.IntegrityError), other.database.writing() as connection:
            connection.execute(sa.text("DELETE FROM flags"))
        assert store.get(flag.flag_id) == flag

    # -- who has it

    def test_who_puts_a_flag_in_review_has_it_until_it_is_put_back(self, store):
        flag = self.review(store, self.flag(store), Status.IN_REVIEW, who="ann")
        assert flag.assignee == "ann"
        flag = self.review(store, flag, Status.OPEN, who="bob")
        assert flag.assignee == ""
        assert [step.assignee for step in store.history(flag.flag_id)] == ["ann", ""]

    def test_a_flag_is_assigned_handed_on_and_given_back(self, store):
        flag = self.flag(store)
        for assignee, status in (("bob", "in review"), ("ann", "in review"), ("", "open")):
            flag = store.assign(flag.flag_id, assignee, who="ada", note="yours", expected_version=flag.version)
            assert (flag.assignee, flag.status) == (assignee, status)
        steps = store.history(flag.flag_id)
        assert [(step.who, step.from_status, step.to_status, step.assignee, step.note) for step in steps] == [
            ("ada", "open", "in review", "bob", "yours"),
            ("ada", "in review", "in review", "ann", "yours"),
            ("ada", "in review", "open", "", "yours"),
        ]
        assert [step.flag_version for step in steps] == [2, 3, 4]

    def test_assigning_to_who_has_it_writes_nothing(self, store):
        flag = store.assign(self.flag(store).flag_id, "bob", who="bob", expected_version=1)
        assert store.assign(flag.flag_id, "bob", who="ada", expected_version=2) == flag
        assert len(store.history(flag.flag_id)) == 1
        with pytest.raises(ConflictError):
            store.assign(flag.flag_id, "bob", who="ada", expected_version=1)

    def test_a_settled_flag_keeps_its_assignee_and_is_not_assigned(self, store):
        flag = store.assign(self.flag(store).flag_id, "bob", who="bob", expected_version=1)
        flag = self.review(store, flag, Status.ROUTINE, who="ann")
        assert flag.assignee == "bob"
        for assignee in ("ann", "bob"):
            with pytest.raises(BadTransitionError):
                store.assign(flag.flag_id, assignee, who="ann", expected_version=flag.version)
        assert store.get(flag.flag_id) == flag

    # -- what was confirmed

    def test_a_confirmed_flag_has_the_kind_that_was_judged_until_it_is_reopened(self, store):
        flag = self.review(store, self.flag(store), Status.CONFIRMED, kind="relocation")
        assert (flag.kind, flag.judged_kind) == ("orbit raise", "relocation")
        store.upsert(frame(event(dv_t_m_s=0.5, kind="plane change")), run(24))
        flag = store.get(flag.flag_id)
        assert (flag.kind, flag.judged_kind) == ("plane change", "relocation")
        flag = store.reopen(flag.flag_id, who="bob", note="look again", expected_version=flag.version)
        assert (flag.status, flag.judged_kind) == (Status.OPEN, "")
        assert [step.kind for step in store.history(flag.flag_id)] == ["relocation", ""]

    @pytest.mark.parametrize(("said", "judged"), [("orbit raise", "orbit raise"), ("bad element set", "unknown")])
    def test_without_a_kind_that_of_the_maneuver_is_confirmed(self, store, said, judged):
        assert self.review(store, self.flag(store, event(kind=said)), Status.CONFIRMED).judged_kind == judged

    @pytest.mark.parametrize(
        ("to", "kind"), [(Status.ROUTINE, "relocation"), (Status.CONFIRMED, "holiday"), (Status.CONFIRMED, "decay")]
    )
    def test_only_a_confirmed_maneuver_has_a_kind_and_a_known_one(self, store, to, kind):
        flag = self.flag(store)
        with pytest.raises(InvalidVerdictError) as caught:
            self.review(store, flag, to, kind=kind)
        assert caught.value.field == "kind"
        assert store.get(flag.flag_id) == flag

    # -- conflicts

    def test_a_conflict_tells_the_flag_as_it_is_and_who_did_what(self, store):
        flag = self.flag(store)
        now = self.review(store, flag, Status.ROUTINE, who="bob", note="as each Monday")
        with pytest.raises(ConflictError, match="bob moved it from 'open' to 'routine'") as caught:
            self.review(store, flag, Status.CONFIRMED)
        assert caught.value.flag == now
        assert caught.value.step == store.history(flag.flag_id)[-1]

    def test_a_conflict_with_scoring_names_no_person(self, store):
        flag = self.review(store, self.review(store, self.flag(store), Status.IN_REVIEW), Status.OPEN)
        store.upsert(frame(event(dv_t_m_s=0.5)), run(24))
        with pytest.raises(ConflictError, match="scoring changed it") as caught:
            self.review(store, flag, Status.CONFIRMED)
        assert caught.value.step is None
        assert caught.value.flag == store.get(flag.flag_id)

    # -- many at once

    def test_of_many_each_is_settled_by_itself(self, store):
        ids = list(store.upsert(frame(*(event(number) for number in range(5))), run()).flag_ids)
        store.settle(ids[1], Status.ROUTINE, who="bob", expected_version=1)
        store.settle(ids[2], Status.ROUTINE, who="bob", expected_version=1)
        asked = [(ids[4].upper(), 1), (ids[0], 1), (ids[1], 1), (ids[2], 2), ("no-such-flag", 1), (ids[0], 1)]
        result = store.settle_many(asked, Status.DUPLICATE, who="ann", note="twice")
        assert [flag.flag_id for flag in result.settled] == [ids[4], ids[0]]
        assert result.settled == [store.get(ids[4]), store.get(ids[0])]
        assert all(flag.status is Status.DUPLICATE for flag in result.settled)
        (conflict,) = result.conflicts
        assert (conflict.flag_id, conflict.step.who, conflict.flag) == (ids[1], "bob", store.get(ids[1]))
        assert {type(error): error.flag_id for error in result.refused} == {
            BadTransitionError: ids[2],
            UnknownFlagError: "no-such-flag",
        }
        assert [step.note for step in store.history(ids[0])] == ["twice"]
        assert store.get(ids[3]).version == 1

    def test_what_is_wrong_with_all_of_many_is_raised_and_nothing_is_written(self, store):
        flag = self.flag(store)
        for values in ({"who": " "}, {"note": "x" * 10_001}, {"kind": "relocation"}):
            with pytest.raises(InvalidVerdictError):
                store.settle_many([(flag.flag_id, 1)], Status.ROUTINE, **{"who": "ann", **values})
        assert store.get(flag.flag_id) == flag

    def test_many_at_once_by_many_people_each_settle_once(self, url, store):
        ids = list(store.upsert(frame(*(event(number) for number in range(60))), run()).flag_ids)
        people = ["ann", "bob", "cem", "dee"]
        gate = threading.Barrier(len(people), timeout=60)

        def decide(who):
            mine = ids if who in people[:2] else ids[::-1]
            with FlagStore(url) as own:
                gate.wait()
                return own.settle_many([(flag_id, 1) for flag_id in mine], Status.ROUTINE, who=who)

        with ThreadPoolExecutor(len(people)) as pool:
            results = list(pool.map(decide, people))
        assert sorted(flag.flag_id for result in results for flag in result.settled) == sorted(ids)
        assert sum(len(result.conflicts) for result in results) == (len(people) - 1) * len(ids)
        assert not any(result.refused for result in results)
        assert all(len(store.history(flag_id)) == 1 for flag_id in ids)

    def test_a_crash_among_many_leaves_none(self, store, monkeypatch):
        ids = store.upsert(frame(*(event(number) for number in range(3))), run()).flag_ids

        reads = iter([queries.by_ids])  # of the flags before; none for those after

        def crash(connection, some):
            for read in reads:
                return read(connection, some)
            raise KeyboardInterrupt

        monkeypatch.setattr(verdicts, "by_ids", crash)
        with pytest.raises(KeyboardInterrupt):
            store.settle_many([(flag_id, 1) for flag_id in ids], Status.ROUTINE, who="ann")
        assert {flag.version for flag in store.flags()} == {1}
        assert not any(store.history(flag_id) for flag_id in ids)
