"""What an analyst called a data error no longer shapes what the object is expected to do, from then on."""

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd
import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from pipelines.home import Home
from pipelines.score import score
from review.records import FlagRecord, Status
from review.store import FlagStore
from tests.integration.conftest import copied

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    # MLflow's own, on SQLAlchemy 2.1 and pandas 3
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def flags_of(home: Home) -> dict[tuple[int, datetime], FlagRecord]:
    with FlagStore.at_home(home.path) as store:
        return {(flag.norad_id, flag.epoch_after): flag for flag in store.flags(order="time")}


def test_a_data_error_is_forgotten_from_the_verdict_on(
    trained_home: Home, small: BurnwatchConfig, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(trained_home)
    newest = ElementStore(home.elements).coverage()["last_available_at"].max()
    cut = (newest - pd.Timedelta(days=60)).to_pydatetime()
    score(home, small, as_of=cut)
    early = flags_of(home)
    busiest = pd.Series([number for number, _ in early]).value_counts().idxmax()
    judged = [flag for (number, _), flag in early.items() if number == busiest]

    def scored_after(name: str, decided_at: datetime | None) -> dict[tuple[int, datetime], float | None]:
        then = copied(home, home.path.parent / name)
        if decided_at is not None:
            with FlagStore.at_home(then.path) as store:
                for flag in judged:
                    store.settle(
                        flag.flag_id, Status.DATA_ERROR, who="ann", expected_version=flag.version, at=decided_at
                    )
        score(then, small, as_of=newest.to_pydatetime())
        return {key: flag.unexpectedness for key, flag in flags_of(then).items()}

    without, known, too_late = (
        scored_after("without", None),
        scored_after("known", cut),
        scored_after("too-late", datetime.now(UTC)),
    )
    settled_long_ago = [key for key in early if key[1] < cut - pd.Timedelta(days=small.score.revisit_days + 10)]
    assert settled_long_ago
    assert [known[key] for key in settled_long_ago] == [without[key] for key in settled_long_ago]
    later = [key for key in without if key not in early and key[0] == busiest]
    assert later
    assert any(known[key] != without[key] for key in later), "its past no longer counts"
    assert too_late == without, "a verdict given after the time that is scored is not known then"
