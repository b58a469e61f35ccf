"""The Prefect flows run with no server configured, and leave what they did where a person looks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Pending, Running, Scheduled
from prefect.testing.utilities import prefect_test_harness
from prefect.types.entrypoint import EntrypointType

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from models.errors import ModelError
from models.registry import ModelRegistry
from models.registry.roles import TAG, Roles
from pipelines.errors import PipelineError
from pipelines.home import Home
from pipelines.ingest import ingest_files
from pipelines.upkeep import DamageError
from review.runs import RunLog
from review.store import FlagStore
from tests.notice_server import inbox
from tests.review_examples import finding, findings

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def settings(tmp_path: Path, small: BurnwatchConfig) -> Path:
    path = tmp_path / "settings.yaml"
    changed = {"score": {"workers": 1}, "schedule": {"report_days": 60, "report_limit": 2}}
    path.write_text(yaml.safe_dump(changed), encoding="utf-8")
    return path


def artifacts(key: str) -> list[dict[str, object]]:
    with get_client(sync_client=True) as client:
        found = client.read_artifacts()
    return [one.model_dump() for one in found if one.key is not None and one.key.startswith(key)]


def test_the_flows_take_new_sets_to_flags_and_pages(
    trained_home: Home, settings: Path, copy_of: Callable[[Home], Home]
) -> None:
    from pipelines.flows import report_flow, score_flow, train_flow

    home = copy_of(trained_home)
    trained = train_flow(home.path, settings)
    assert trained["detector"] == "pretrained"
    scored = score_flow(home.path, settings)
    assert scored["created"] == scored["events"] > 0
    assert score_flow(home.path, settings)["objects"] == 0
    with FlagStore.at_home(home.path) as flags:
        flag = flags.flags(limit=1)[0]
        flags.findings.upsert(findings(finding(flag.norad_id, headline="it left its orbit")))
        logged = [(run.work, run.prefect_run_id) for run in RunLog(flags.database).page(size=3).runs]
    assert [work for work, _ in logged] == ["score", "score", "train"]
    with get_client(sync_client=True) as client:
        assert {run_id for _, run_id in logged} == {str(run.id) for run in client.read_flow_runs()}
    written = report_flow(home.path, settings)
    pages = list(home.reports.glob("*.html"))
    assert written == len(pages) > 0
    assert any("it left its orbit" in page.read_text(encoding="utf-8") for page in pages)
    assert artifacts("burnwatch-findings")
    assert artifacts("burnwatch-train")
    assert len([one for one in artifacts("burnwatch-") if one["type"] == "markdown"]) >= 1


def test_upkeep_changes_nothing_for_scoring_and_fails_where_a_byte_is_wrong(
    scored_home: Home, settings: Path, copy_of: Callable[[Home], Home]
) -> None:
    from pipelines.flows import score_flow, upkeep_flow

    home = copy_of(scored_home)
    score_flow(home.path, settings)
    assert upkeep_flow(home.path, settings) >= 0
    assert score_flow(home.path, settings)["objects"] == 0
    part = next(home.elements.glob("bucket=*/*.parquet"))
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(DamageError, match=part.name):
        upkeep_flow(home.path, settings)
    with get_client(sync_client=True) as client:
        newest = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1)[0]
    assert (newest.state_type, part.name in str(newest.state.message)) == (StateType.FAILED, True)


def test_notices_are_sent_after_scoring_and_a_target_that_fails_does_not_undo_it(
    trained_home: Home, settings: Path, copy_of: Callable[[Home], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.flows import notify_flow, score_flow

    home = copy_of(trained_home)
    rule = {"name": "all", "what": "flag", "to": ["OPS_CHAT"]}
    settings.write_text(
        yaml.safe_dump({"score": {"workers": 1}, "notices": {"rules": [rule], "first_pause_minutes": 1e-6}}),
        encoding="utf-8",
    )
    with inbox() as box:
        monkeypatch.setenv("OPS_CHAT", box.url)
        box.status = 500
        scored = score_flow(home.path, settings)
        assert scored["created"] > 0
        with pytest.raises(PipelineError, match="OPS_CHAT: was not told"):
            notify_flow(home.path, settings)
        box.status = 200
        told = notify_flow(home.path, settings)
        assert told["waiting"] == 0
        assert 0 < told["told"] <= scored["created"]  # what many of a fleet do on a day is one notice
        assert len(box.messages) >= 1


def test_the_ingest_flow_counts_what_it_stored(tmp_path: Path, settings: Path) -> None:
    from pipelines.flows import ingest_flow
    from tests.tle_files import tle_bytes

    (tmp_path / "sets.tle").write_bytes(tle_bytes(12))
    home = Home.at(tmp_path / "home")
    assert ingest_flow(home.path, settings, [tmp_path / "sets.tle"]) == {"added": 12, "known": 0}
    assert ingest_flow(home.path, settings, [tmp_path / "sets.tle"]) == {"added": 0, "known": 12}
    assert ElementStore(home.elements).count() == 12
    assert artifacts("burnwatch-ingest")


def test_a_source_that_fails_is_named_and_the_run_fails(tmp_path: Path, settings: Path) -> None:
    from pipelines.flows import ingest_flow

    home = Home.at(tmp_path / "home")
    settings.write_text(
        yaml.safe_dump({"celestrak": {"base_url": "http://127.0.0.1:1/", "retry": {"attempts": 1}}}), encoding="utf-8"
    )
    with pytest.raises(PipelineError, match="celestrak active"):
        ingest_flow(home.path, settings)


def test_a_home_that_is_still_empty_is_no_failure_of_its_schedules(tmp_path: Path, settings: Path) -> None:
    from pipelines.flows import score_flow, train_flow
    from tests.tle_files import tle_bytes

    home = Home.at(tmp_path / "home")
    for flow in (score_flow, train_flow):
        state = flow(home.path, settings, return_state=True)
        assert (state.type, "no element sets are stored yet" in str(state.message)) == (StateType.COMPLETED, True)
    (tmp_path / "sets.tle").write_bytes(tle_bytes(12))
    ingest_files(home, BurnwatchConfig(), [tmp_path / "sets.tle"])
    state = score_flow(home.path, settings, return_state=True)
    assert (state.type, "no model is trained yet" in str(state.message)) == (StateType.COMPLETED, True)
    with FlagStore.at_home(home.path) as flags:
        assert {run.work for run in RunLog(flags.database).page().runs} == {"ingest"}


def test_a_home_that_lost_its_champion_is_a_failure(
    trained_home: Home, settings: Path, copy_of: Callable[[Home], Home]
) -> None:
    from pipelines.flows import score_flow

    home = copy_of(trained_home)
    client = ModelRegistry(home.mlflow)._client
    client.set_registered_model_tag("burnwatch", TAG, Roles().text())
    client.delete_registered_model_alias("burnwatch", "champion")
    with pytest.raises(ModelError, match="champion"):
        score_flow(home.path, settings)


def test_what_a_killed_serve_left_is_ended_and_the_last_late_run_does_the_work() -> None:
    from pipelines.flows import report_flow
    from pipelines.scheduled import _clear

    deployment = report_flow.to_deployment("report", concurrency_limit=1, entrypoint_type=EntrypointType.MODULE_PATH)
    deployment_id = deployment.apply()
    minutes = [timedelta(minutes=late) for late in (40, 30, 20, 10, -60)]
    with get_client(sync_client=True) as client:

        def state_of(run: FlowRun) -> StateType | None:
            return client.read_flow_run(run.id).state_type

        killed, *late, coming = [
            client.create_flow_run_from_deployment(
                deployment_id, state=Scheduled(scheduled_time=datetime.now(UTC) - since), parameters={"home": "x"}
            )
            for since in minutes
        ]
        for state in (Pending(), Running()):
            client.set_flow_run_state(killed.id, state)
        client.set_flow_run_state(late[-1].id, Pending())
        assert [state_of(run) for run in (killed, late[-1])] == [StateType.RUNNING, StateType.SCHEDULED]  # one place
        _clear(deployment_id)
        assert state_of(killed) is StateType.CRASHED
        states = [state_of(run) for run in (*late, coming)]
        assert states == [StateType.CANCELLED, StateType.CANCELLED, StateType.SCHEDULED, StateType.SCHEDULED]
        client.set_flow_run_state(late[-1].id, Pending())
        assert state_of(late[-1]) is StateType.PENDING
