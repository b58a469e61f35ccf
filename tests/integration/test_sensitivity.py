"""`burnwatch sensitivity` on a simulated home."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from pipelines.errors import PipelineError
from pipelines.home import Home
from pipelines.ingest import read_truth
from pipelines.sensitivity import sensitivity

pytestmark = pytest.mark.integration

SETTINGS = """
sensitivity: {injections: 12, arc_sets: 60, sizes_per_decade: 3, largest_dv_m_s: 1.0, window_days: 4.0}
"""


def passive(home: Home) -> int:
    """An object that never burns, and so is quiet all the time."""
    burned = set(read_truth(home)["norad_id"].tolist())
    return next(each for each in ElementStore(home.elements).object_ids().tolist() if each not in burned)


def burnwatch(home: Home, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    (folder / "settings.yaml").write_text(SETTINGS)
    command = [Path(sys.executable).parent / "burnwatch", "--home", home.path, "--config", folder / "settings.yaml"]
    return subprocess.run(
        [str(part) for part in (*command, "sensitivity", *arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=dict(os.environ),
    )


def test_it_prints_a_table_and_draws_the_curves(trained_home: Home, tmp_path: Path) -> None:
    picture = tmp_path / "curves.png"
    done = burnwatch(
        trained_home, tmp_path, "--ids", passive(trained_home), "--direction", "along-track", "--plot", picture
    )
    assert done.returncode == 0, done.stderr
    header, row = (line.split("\t") for line in done.stdout.splitlines())
    assert header[:5] == ["object", "direction", "Δv m/s", "from", "to"]
    assert row[1] == "along-track"
    assert "false alarms per object-year" in done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_its_json_holds_the_curves_and_is_the_same_again(trained_home: Home, tmp_path: Path) -> None:
    arguments = ("--ids", passive(trained_home), "--direction", "along-track", "--json")
    first, second = (burnwatch(trained_home, tmp_path, *arguments) for _ in range(2))
    assert first.stdout == second.stdout
    found = json.loads(first.stdout)
    assert found["share"] == 0.9
    (one,) = found["objects"]
    (along,) = one["directions"]
    assert one["note"] == ""
    assert along["injected"] == sum(point["injected"] for point in along["curve"])
    assert all(0 <= point["low"] <= point["probability"] <= point["high"] <= 1 for point in along["curve"])
    assert along["dv_m_s"] is None or 1e-4 <= along["dv_m_s"] <= 1.0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--ids", "5"), 1, "no element sets of 5"),
        (("--ids", "x"), 2, "catalog numbers"),
        (("--ids", "5", "--direction", "up"), 2, "along-track"),
        (("--ids", "5", "--model", "77"), 1, "77"),
    ],
)
def test_it_says_what_is_wrong(
    trained_home: Home, tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = burnwatch(trained_home, tmp_path, *arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert not done.stdout


def test_an_object_with_little_quiet_history_is_named(
    trained_home: Home, small: BurnwatchConfig, tmp_path: Path
) -> None:
    norad_id = passive(trained_home)
    section = small.sensitivity.model_copy(update={"least_injections": 5000, "directions": ("along-track",)})
    result = sensitivity(trained_home, small.model_copy(update={"sensitivity": section}), [norad_id])
    assert result.smallest.empty
    assert "too little quiet history" in result.objects["note"].iloc[0]
    assert json.loads(result.to_json())["objects"][0]["directions"] == []
    with pytest.raises(PipelineError, match="no curve"):
        result.plot(tmp_path / "curves.png")
