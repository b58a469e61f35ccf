"""A store with a few flags, for the contracts of what is done with them."""

import pytest
import sqlalchemy as sa

from review.store import FlagStore
from tests.review_examples import event, frame, run


class StoredFlags:
    @pytest.fixture
    def store(self, url):
        with FlagStore(url) as store:
            yield store

    @pytest.fixture
    def engine(self, store, url):
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        yield engine
        engine.dispose()

    def flag(self, store, *events):
        """Store one event (a default one) and give its flag."""
        result = store.upsert(frame(*(events or (event(),))), run())
        return store.get(result.flag_ids[0])

    def review(self, store, flag, to, **values):
        return store.settle(flag.flag_id, to, expected_version=flag.version, **{"who": "ann", **values})
