"""The flows on their schedules, in a process of their own: python -m pipelines.scheduled HOME [CONFIG].

`burnwatch serve` starts it beside the servers. Prefect's runner waits long for a server that is slow or gone, so the
one who started it must be free to end it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.terminal import note

if TYPE_CHECKING:
    from uuid import UUID

    from configs.schema import BurnwatchConfig
    from pipelines.home import Home


def serve_flows(home: Home, config: BurnwatchConfig, config_path: Path | None) -> None:
    """Register the flows with the server of ``$PREFECT_API_URL`` and run what is due, until interrupted."""
    from prefect.runner import Runner
    from prefect.types.entrypoint import EntrypointType

    from pipelines import flows

    parameters = {
        "home": str(home.path),
        "config": str(config_path.absolute()) if config_path else None,
    }
    schedule = config.schedule
    runner = Runner(pause_on_shutdown=False)
    # Prefect would answer SIGTERM with a stop that its own event loop never runs, and leave flows running behind.
    runner.handle_sigterm = lambda *_: signal.raise_signal(signal.SIGINT)  # type: ignore[method-assign]
    jobs: list[tuple[Any, str, str]] = [
        (flows.ingest_flow, "ingest", schedule.ingest_cron),
        (flows.train_flow, "train", schedule.train_cron),
        (flows.score_flow, "score", schedule.score_cron),
        (flows.report_flow, "report", schedule.report_cron),
        (flows.upkeep_flow, "upkeep", schedule.upkeep_cron),
    ]
    if config.notices.rules:
        jobs.append((flows.notify_flow, "notify", schedule.notify_cron))
    for flow, name, cron in jobs:
        deployment: Any = flow.to_deployment(
            name=name,
            cron=cron,
            parameters=parameters,
            concurrency_limit=1,  # the store has one writer at a time
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        registered: Any = runner.add_deployment(deployment)
        _clear(registered)
        note(f"{name + ':':8} {cron} (cron, UTC)")
    asyncio.run(runner.start())


def _clear(deployment_id: UUID) -> None:
    """End what a killed `serve` left, before a deployment's runs begin.

    A run that stayed as running keeps the deployment's only place for ever: the server forgets with its own end who
    holds one for how long. Of the runs that came due meanwhile the last one does the work of all.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        DeploymentFilterId,
        FlowRunFilter,
        FlowRunFilterExpectedStartTime,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort
    from prefect.states import Cancelled, Crashed

    ours = DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
    states = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
    now: Any = datetime.now(UTC)  # Prefect types it as its own
    begun = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=states)),
        expected_start_time=FlowRunFilterExpectedStartTime(before_=now),
    )
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            deployment_filter=ours, flow_run_filter=begun, sort=FlowRunSort.EXPECTED_START_TIME_DESC
        )
        waiting = [run for run in found if run.state_type is StateType.SCHEDULED]
        for run in found:
            if run.state_type is not StateType.SCHEDULED:
                client.set_flow_run_state(run.id, Crashed(message="`burnwatch serve` ended while this was at work"))
        for run in waiting[1:]:
            client.set_flow_run_state(run.id, Cancelled(message="a later run does its work"))


def main() -> None:
    """Read home and configuration from the arguments."""
    from configs.load import load_config
    from pipelines.home import Home

    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, where a shell started us in the background
    home, *rest = sys.argv[1:]
    config_path = Path(rest[0]) if rest else None
    with suppress(KeyboardInterrupt):
        serve_flows(Home(Path(home)), load_config(config_path), config_path)


if __name__ == "__main__":
    main()
