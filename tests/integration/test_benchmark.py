"""`burnwatch benchmark` on a small folder of synthetic satellites, with a real MLflow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from configs.schema import BurnwatchConfig
from models.registry.benchmarks import BenchmarkLog
from pipelines.benchmark import Options, benchmark
from pipelines.contest import OUTSIDE_JOBS
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.home import Home
from tests.conftest import REPOSITORY
from tests.shorten_folder import GEO, LEO, write_controls, write_shorten

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_shorten(tmp_path_factory.mktemp("data") / "shorten")


@pytest.fixture(scope="module")
def controls(tmp_path_factory) -> Path:
    return write_controls(tmp_path_factory.mktemp("data") / "controls")


@pytest.fixture(scope="module")
def quick() -> BurnwatchConfig:
    default = BurnwatchConfig()
    trees = {"trees": {"leo": 20, "high": 20}, "ensembles": 1, "least_in_leaf": 5}
    return default.model_copy(
        update={
            "boosted": default.boosted.model_copy(update=trees),
            "benchmark": default.benchmark.model_copy(update={"resamples": 100}),
            "score": default.score.model_copy(update={"context_days": 60.0}),
        }
    )


def burnwatch(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "burnwatch", "--home", home, *arguments]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=280, check=False, env=environment
    )


def test_the_command_prints_tables_writes_json_and_logs_a_run(folder, controls, tmp_path):
    home, out = tmp_path / "home", tmp_path / "out.json"
    options = ("--detector", "robust-step", "--controls", controls, "--json", out, "--workers", 1)
    arguments = ("benchmark", folder, *options)
    result = burnwatch(*arguments, home=home)
    assert result.returncode == 0, result.stderr
    assert "Jason-2" in result.stdout
    assert "12 jobs done" in result.stderr or "7 jobs done" in result.stderr
    report = json.loads(out.read_text())
    assert (report["detector"], report["setting"], report["split"]) == ("robust-step", "retrospective", "loso")
    assert set(report["satellites"]) == {
        "CryoSat-2",
        "Jason-2",
        "Sentinel-3B",
        "SARAL",
        "Fengyun-2D",
        "Fengyun-2F",
        "Fengyun-4A",
    }
    own = report["satellites"]["Sentinel-3B"]
    wanted = "regime events detections precision recall f1 false_alarms_per_year dv_error time_error_h"
    assert set(wanted.split()) <= set(own)
    assert own["dv_error"] < 0.2
    for regime in ("leo", "geo"):
        assert {"precision", "recall", "f1", "f1_low", "f1_high", "ap", "recall_at_1_fa"} <= set(
            report["pooled"][regime]
        )
        assert report["pooled"][regime]["recall"] > 0.6
        assert report["pooled"][regime]["precision"] > 0.7
        assert report["macro"][regime]["f1"] > 0.6
    assert report["by_dv"]
    delivered = report["delivered"]
    assert next(iter(report["satellites"])) in result.stdout.split("as delivered")[1].split("R at 1/yr")[0]
    for regime, chosen in (("leo", "labelled satellites"), ("geo", "quiet times")):
        own = delivered["pooled"][regime]
        assert own["events"] == report["pooled"][regime]["events"]
        assert own["recall"] > 0.6
        assert own["within_24_h"] <= own["within_72_h"] <= own["within_reach"]
        assert {row["chosen"] for row in delivered["satellites"].values() if row["regime"] == regime} == {chosen}
    assert delivered["pooled"]["geo"]["within_24_h"] == 0.0, "sets settle for a day there"
    assert delivered["controls"]["object_years"] > 0.5
    assert report["controls"]["object_years"] > 0.5
    client = BenchmarkLog(Home.at(home).mlflow)._client
    experiment = client.get_experiment_by_name("burnwatch-benchmark")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.metrics["f1_leo"] == report["pooled"]["leo"]["f1"]
    assert run.data.metrics["delivered_f1_leo"] == delivered["pooled"]["leo"]["f1"]
    assert run.data.params["config.join_sigma"] == "2.0"
    kept = {artifact.path for artifact in client.list_artifacts(run.info.run_id)}
    assert "report.json" in kept
    plots = {artifact.path for artifact in client.list_artifacts(run.info.run_id, "plots")}
    assert {"plots/precision_recall.png", "plots/reliability.png", "plots/dv.png", "plots/time_error.png"} <= plots
    first = out.read_bytes()
    again = burnwatch(*arguments, home=home)
    assert "0 jobs done" in again.stderr
    assert out.read_bytes() == first


def test_who_taught_the_model_that_ships_is_not_judged_by_it(folder, quick, tmp_path):
    found = figures(tmp_path / "home", quick, folder, "pretrained")
    assert set(found["satellites"]) == {"Jason-2", "Sentinel-3B", "Fengyun-2F"}
    chosen = {row["chosen"] for row in found["delivered"]["satellites"].values()}
    assert chosen == {"labelled satellites"}
    assert found["delivered"]["pooled"]["leo"]["recall"] > 0.6


def figures(home: Path, config: BurnwatchConfig, folder: Path, detector: str, **options: Any) -> dict[str, Any]:
    workers = options.pop("workers", 1)
    result = benchmark(
        Home.at(home), config, folder, detector=detector, options=Options(**options), engine=Engine(workers=workers)
    )
    return result.report.json() | {"done": result.jobs_done, "known": result.jobs_known}


def test_a_label_learner_gives_the_same_figures_whatever_the_workers_and_after_damage(folder, quick, tmp_path):
    alone = figures(tmp_path / "one", quick, folder, "boosted")
    assert (alone["done"], alone["known"]) == (4 + 6, 0)
    assert "cannot learn" in alone["skipped"]["high"], "every candidate there is a burn: named, and the others go on"
    assert alone["pooled"]["leo"]["f1"] > 0.6
    assert {each["chosen"] for each in alone["folds"]} == {"inner folds"}
    jobs = sorted((tmp_path / "one" / "benchmark" / "jobs").iterdir())
    jobs[0].unlink()
    jobs[1].write_bytes(jobs[1].read_bytes()[:100])
    again = figures(tmp_path / "one", quick, folder, "boosted")
    assert again["done"] == 1
    together = figures(tmp_path / "two", quick, folder, "boosted", workers=2)
    for name in ("delivered", "satellites", "pooled", "macro", "by_dv", "folds", "calibration"):
        assert alone[name] == again[name] == together[name], name


def test_too_few_satellites_use_the_default_threshold_or_are_named(quick, tmp_path):
    folder = write_shorten(
        tmp_path / "few", {"CRYO2": LEO["CRYO2"], "SARAL": LEO["SARAL"]}, {"2012-002A": GEO["2012-002A"]}
    )
    report = figures(tmp_path / "home", quick, folder, "boosted")
    assert list(report["pooled"]) == ["leo"]
    assert "no other to learn from" in report["skipped"]["high"]
    assert {each["chosen"] for each in report["folds"]} == {"default"}
    assert report["calibration"]["ece"] is None
    plain = figures(tmp_path / "home", quick, folder, "robust-step")
    assert set(plain["pooled"]) == {"leo", "geo"}


def test_what_is_logged_of_a_satellite_decides_nothing_about_its_own_events(folder, quick, tmp_path):
    report = figures(tmp_path / "home", quick, folder, "boosted")
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved)
    log = moved / "raw_data" / "manoeuvres" / "sarman.txt"
    first, _, _, *rest = log.read_text().splitlines(keepends=True)
    log.write_text("".join([first, *rest]))  # the first and the last stay, and so the span
    again = figures(tmp_path / "home", quick, moved, "boosted")
    own, own_again = (
        next(each for each in one["folds"] if each["norad_id"] == LEO["SARAL"]) for one in (report, again)
    )
    assert own == own_again
    assert report["satellites"]["SARAL"]["detections"] == again["satellites"]["SARAL"]["detections"]
    threshold, fired = (
        [one["delivered"]["satellites"]["SARAL"][name] for one in (report, again)]
        for name in ("threshold", "detections")
    )
    assert threshold[0] == threshold[1]
    assert fired[0] == fired[1]
    assert report["satellites"]["SARAL"]["events"] > again["satellites"]["SARAL"]["events"]


def test_each_fold_chooses_its_hyper_parameters_by_itself(folder, quick, tmp_path):
    home = tmp_path / "home"
    report = figures(home, quick, folder, "boosted", trials=2)
    trials = pd.DataFrame(report["trials"])
    assert len(trials) == 4 * 2
    assert trials.groupby(trials["judged"].str[0])["chosen"].sum().eq(1).all()
    for judged, own in trials.groupby(trials["judged"].str[0]):
        first, best = own[own["trial"] == 0].iloc[0], own[own["chosen"]].iloc[0]
        assert best["inner_f1"] == own["inner_f1"].max()
        assert first["parameters"]["trees"] == 20, "the configured ones"
        (row,) = [row for row in report["folds"] if row["norad_id"] == judged]
        assert (row["parameters"], row["inner_f1"]) == (best["parameters"], pytest.approx(best["inner_f1"]))
    assert report["done"] <= (4 + 6) + 6 + 4, "the first trials are the same in all folds"
    again = figures(home, quick, folder, "boosted", trials=2, workers=2)
    assert (again["done"], again["known"]) == (0, report["done"])
    for name in ("satellites", "pooled", "folds", "trials"):
        assert again[name] == report[name], name
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved)
    log = moved / "raw_data" / "manoeuvres" / "sarman.txt"
    log.write_text("".join(log.read_text().splitlines(keepends=True)[::2]))
    other = figures(home, quick, moved, "boosted", trials=2)
    saral = report["satellites"]["SARAL"]["norad_id"]
    own, own_again = (
        [row for row in one["trials"] if row["judged"] == [saral]]
        + [row for row in one["folds"] if row["norad_id"] == saral]
        for one in (report, other)
    )
    assert own == own_again
    assert other["trials"] != report["trials"]


def test_the_command_shows_and_logs_what_each_fold_chose(folder, tmp_path):
    home, out = tmp_path / "home", tmp_path / "out.json"
    settings = tmp_path / "quick.yaml"
    settings.write_text("boosted: {ensembles: 1, trees: {leo: 20, high: 20}}\nbenchmark: {resamples: 100}\n")
    result = burnwatch(
        "--config", settings, "benchmark", folder, "--detector", "boosted", "--trials", 2, "--json", out,
        "--workers", 1, home=home,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    report = json.loads(out.read_text())
    assert len([line for line in result.stdout.splitlines() if "learning_rate=" in line]) == 4
    assert all(row["parameters"]["trees"] >= 20 for row in report["folds"])
    client = BenchmarkLog(Home.at(home).mlflow)._client
    (run,) = client.search_runs([client.get_experiment_by_name("burnwatch-benchmark").experiment_id])
    table = pd.read_csv(client.download_artifacts(run.info.run_id, "trials.csv", str(tmp_path)))
    assert len(table) == len(report["trials"]) == 8
    assert {"inner_f1", "chosen", "parameters.learning_rate"} <= set(table.columns)


@pytest.mark.parametrize(
    ("detector", "options", "says"),
    [("robust-step", {}, "no hyper-parameters"), ("boosted", {"controls": Path("controls")}, "controls")],
)
def test_a_search_that_cannot_be_is_refused_at_once(folder, quick, tmp_path, detector, options, says):
    with pytest.raises(PipelineError, match=says):
        figures(tmp_path / "home", quick, folder, detector, trials=2, **options)


@pytest.mark.parametrize("split", ["temporal", "transfer"])
def test_the_other_splits(folder, quick, tmp_path, split):
    report = figures(tmp_path / "home", quick, folder, "robust-step", split=split)
    assert set(report["pooled"]) == ({"leo", "geo"} if split == "temporal" else {"geo"})
    assert all(own["years"] < 0.7 for own in report["satellites"].values())


def test_causal_figures_come_from_a_causal_detector(folder, quick, tmp_path):
    report = figures(tmp_path / "home", quick, folder, "robust-step", later_sets=1)
    assert report["setting"] == "causal, 1 later sets"
    assert report["detector_config"]["later_sets"] == 1
    retrospective = figures(tmp_path / "home", quick, folder, "robust-step")
    assert report["pooled"] != retrospective["pooled"]


@pytest.mark.parametrize(
    ("arguments", "says"), [(("nowhere",), "no maneuver logs"), (("--causal", "-1", "x"), "causal")]
)
def test_bad_requests_say_what_is_wrong(arguments, says, tmp_path):
    result = burnwatch("benchmark", *arguments, home=tmp_path / "home")
    assert result.returncode in (1, 2)
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_what_is_left_out_of_the_identity_of_a_job_is_never_imported_by_one():
    code = (
        "import sys, models.benchmark.contest; from models.detect.detectors import DETECTORS;"
        "[DETECTORS[name] for name in DETECTORS]; print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    outside = {name.removesuffix(".py").replace("/", ".") for name in OUTSIDE_JOBS}
    assert not outside & set(loaded.stdout.split())
    assert all((REPOSITORY / name).exists() for name in OUTSIDE_JOBS)
