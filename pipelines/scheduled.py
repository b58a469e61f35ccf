"""The flows on their schedules, in a process of their own: python -m pipelines.scheduled HOME [CONFIG].

`burnwatch serve` starts it beside the servers. Prefect's runner waits long for a server that is slow or gone, so the
one who started it must be free to end it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.terminal import note

if TYPE_CHECKING:
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
        runner.add_deployment(deployment)
        note(f"{name + ':':8} {cron} (cron, UTC)")
    asyncio.run(runner.start())


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
