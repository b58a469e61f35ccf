"""What the pipelines put into the log of runs, which must never keep one of them from its work."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

from catalog.atomic import sweep
from pipelines.living import alive, bury_gone, laid_to_rest
from pipelines.terminal import note

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from pipelines.ingest import IngestSummary
    from review.runs import RunLog

    _Pull = TypeVar("_Pull", bound=Callable[..., IngestSummary])

_LONGEST_ERROR = 500


@dataclass
class Recording:
    """What a run will have said of itself when it ends.

    Parameters
    ----------
    summary : dict
        What it counted.
    mlflow_run_id : str
        The run of MLflow that it made, or whose model it used.
    failed : bool
        That nothing good came of it, although it raises no error.
    """

    summary: dict[str, Any] = field(default_factory=dict)
    mlflow_run_id: str = ""
    failed: bool = False


@contextmanager
def recorded(home: Home, config: BurnwatchConfig, work: str, **summary: object) -> Iterator[Recording]:
    """The block's run of ``work`` in the log, with how it ends; a log that cannot be written is told of, no more.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    work : str
        'ingest', 'train', 'score', …; what earlier runs left that were killed is cleared away first.
    **summary
        What is known of it from the start.
    """
    from review.runs import Outcome

    recording = Recording(dict(summary))
    _sweep(home)
    with ExitStack() as life:
        run_id = _write(home, config, lambda log: _begun(home, log, work, life))

        def end(outcome: Outcome) -> None:
            if run_id is not None and _write(
                home,
                config,
                lambda log: log.finish(run_id, outcome, recording.summary, mlflow_run_id=recording.mlflow_run_id),
            ):
                laid_to_rest(home.state / "runs", run_id)

        try:
            yield recording
        except BaseException as error:
            recording.summary["error"] = _told(error)
            end(Outcome.FAILED)
            raise
        end(Outcome.FAILED if recording.failed else Outcome.DONE)


def clear_away(home: Home, config: BurnwatchConfig) -> None:
    """What earlier runs left that were killed, where no run begins: the others are cleared by `recorded`."""
    _sweep(home)
    _write(home, config, lambda log: bury_gone(home.state / "runs", log.bury))


def _sweep(home: Home) -> None:
    for folder in (home.path, *home.path.glob("*/"), *home.path.glob("*/*/")):
        sweep(folder)


def _begun(home: Home, log: RunLog, work: str, life: ExitStack) -> str:
    run_id = str(uuid4())
    life.enter_context(alive(home.state / "runs", run_id, log.bury))
    return log.start(work, run_id=run_id, prefect_run_id=_prefect_run_id())


def ingestion(source: str) -> Callable[[_Pull], _Pull]:
    """Decorator of a function that ingests: its run is in the log, with what it counted."""

    def decorate(pull: _Pull) -> _Pull:
        @functools.wraps(pull)
        def recording(home: Home, config: BurnwatchConfig, *args: Any, **kwargs: Any) -> IngestSummary:  # noqa: ANN401
            with recorded(home, config, "ingest", source=source) as run:
                summary = pull(home, config, *args, **kwargs)
                run.summary |= {name: value for name, value in asdict(summary).items() if value}
                run.failed = summary.failed
            return summary

        return cast("_Pull", recording)

    return decorate


def _write(home: Home, config: BurnwatchConfig, write: Callable[[RunLog], Any]) -> Any:  # noqa: ANN401
    from pipelines.flags import open_flags
    from review.runs import RunLog

    try:
        with open_flags(home, config) as flags:
            return write(RunLog(flags.database))
    except Exception as error:  # noqa: BLE001 - whatever keeps the log from being written must not keep the run from its work
        note(f"not in the log of runs: {_told(error)}")
        return None


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return "interrupted" if isinstance(error, KeyboardInterrupt) else text[:_LONGEST_ERROR]


def _prefect_run_id() -> str:
    """The flow run of Prefect that this is part of, if any; what does not run in Prefect does not import it."""
    if "prefect" not in sys.modules:
        return ""
    from prefect.runtime import flow_run

    return str(flow_run.id or "")
