"""Fixtures of every test, and an environment in which no library phones home."""

import gc
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

# Before any import of prefect, mlflow or numpy: they read these once.
_SCRATCH = Path(tempfile.mkdtemp(prefix="burnwatch-tests-"))
os.environ.update(
    {
        "OMP_NUM_THREADS": "1",  # as many workers as cores: more threads only wait for one another
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_HOME": str(_SCRATCH / "prefect"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SKIP_PIP_REQUIREMENTS_CHECK": "true",
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
        "MLFLOW_TRACKING_URI": f"sqlite:///{_SCRATCH / 'mlflow.db'}",
    }
)
os.environ.pop("PREFECT_API_URL", None)
os.environ.pop("BURNWATCH_HOME", None)

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

# A busy machine is no failure.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

REPOSITORY = Path(__file__).parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays: the garbage collector need not look through it, neither meanwhile nor afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real element sets; the test is skipped, loudly, where there is none."""
    folder = Path(os.environ.get("BURNWATCH_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "shorten2023").is_dir():
        pytest.skip(f"REAL DATA MISSING: no {folder}; set BURNWATCH_DATA to run this test")
    return folder
