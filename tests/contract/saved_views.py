"""What saved views must do in every database; a test class per database gives the fixture ``url``."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from review.errors import InvalidFilterError
from review.saved_views import LONGEST_NAME, MOST_VIEWS, InvalidViewError, SavedViews, UnknownViewError
from review.tables import UserRow
from tests.contract.stored_flags import StoredFlags

ANN, BOB = 1, 2


class SavedViewsContract(StoredFlags):
    @pytest.fixture
    def views(self, store):
        common = {
            "role": "analyst",
            "password_hash": "",
            "active": True,
            "created_at": datetime(2026, 3, 2, tzinfo=UTC),
        }
        people = [{"user_id": ANN, "name": "ann"}, {"user_id": BOB, "name": "bob"}]
        with store.database.writing() as connection:
            connection.execute(sa.insert(UserRow), [person | common for person in people])
        return SavedViews(store.database)

    def test_a_view_is_kept_as_the_url_of_its_filter(self, views):
        view = views.save(ANN, " Belt  today ", "status=open&regime=geo&page=3&kind=")
        assert (view.owner, view.name, view.query) == ("ann", "Belt  today", "regime=geo&status=open")
        assert view.created_at.tzinfo is UTC
        assert views.of(ANN) == [view]

    def test_others_see_what_is_shared_after_their_own(self, views):
        views.save(ANN, "hers", "text=argus")
        shared = views.save(ANN, "a shared one", "listed=1", shared=True)
        own = views.save(BOB, "his", "")
        assert views.of(BOB) == [own, shared]
        assert [view.name for view in views.of(ANN)] == ["a shared one", "hers"]

    def test_the_same_name_again_is_the_same_view(self, views):
        first = views.save(ANN, "mine", "text=argus", shared=True)
        views.save(BOB, "mine", "text=bob")
        again = views.save(ANN, "mine", "text=lantern")
        assert (again.view_id, again.query, again.shared) == (first.view_id, "text=lantern", False)
        assert views.of(ANN) == [again]
        assert [view.query for view in views.of(BOB)] == ["text=bob"]

    def test_only_the_owner_removes_a_view(self, views):
        view = views.save(ANN, "all see it", "", shared=True)
        with pytest.raises(UnknownViewError):
            views.remove(BOB, view.view_id)
        views.remove(ANN, view.view_id)
        assert views.of(ANN) == views.of(BOB) == []
        with pytest.raises(UnknownViewError):
            views.remove(ANN, view.view_id)

    def test_what_is_no_view_is_refused(self, views):
        for name in (" \x00", "x" * (LONGEST_NAME + 1)):
            with pytest.raises(InvalidViewError) as caught:
                views.save(ANN, name, "")
            assert caught.value.field == "name"
        with pytest.raises(InvalidFilterError):
            views.save(ANN, "odd", "regime=lunar")
        assert views.of(ANN) == []

    def test_nobody_fills_the_database_with_views(self, views):
        for number in range(MOST_VIEWS):
            views.save(ANN, str(number), "")
        with pytest.raises(InvalidViewError, match="remove one"):
            views.save(ANN, "one more", "")
        views.save(ANN, "7", "text=changed")
        views.save(BOB, "one more", "")
