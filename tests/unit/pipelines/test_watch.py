"""``burnwatch watch``: lists go in, out and through the judgement."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from catalog.asset_store import AssetStore
from catalog.assets import Asset, AssetList, Assets
from catalog.known import KnownSets
from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from models.assess.approach import with_user_sets
from pipelines.cli.main import app
from pipelines.judgement import _Around, _given, _in_company, _latest_sets
from tests.naive import catalog as naive

EXAMPLES = Path(__file__).parents[3] / "configs" / "assets"
TIMES = "datetime64[us, UTC]"


@pytest.fixture
def run(tmp_path):
    def call(*words: str, home: str = "home", code: int = 0) -> str:
        result = CliRunner().invoke(app, ["--home", str(tmp_path / home), "watch", *words])
        assert result.exit_code == code, result.output
        return result.stdout

    return call


def test_lists_are_handed_on_without_loss(run, tmp_path):
    files = sorted(str(path) for path in EXAMPLES.glob("*.example.*"))
    run("import", *files)
    first = (tmp_path / "home" / "assets.json").read_bytes()
    run("import", *files)
    assert (tmp_path / "home" / "assets.json").read_bytes() == first
    for name in ("all.yaml", "all.json"):
        run("export", "--out", str(tmp_path / name))
        run("import", str(tmp_path / name), home=f"other-{name}")
        assert (tmp_path / f"other-{name}" / "assets.json").read_bytes() == first
    assert run("export", "lighthouse fleet").startswith("name: lighthouse fleet\n")
    rows = json.loads(run("list", "--format", "json"))
    assert [(row["name"], row["own_element_sets"]) for row in rows] == [
        ("LIGHTHOUSE 3", 0),
        ("QUIET KEEPER", 1),
        ("WANDERER 7", 0),
        ("GUEST", 1),
    ]
    assert "QUIET KEEPER" in run("list")
    run("remove", "lighthouse fleet")
    assert [one.name for one in AssetStore(tmp_path / "home").load().lists] == ["objects that come near"]


def test_of_several_files_all_or_none_are_kept(run, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: x\nkind: watched\nobjects: 3\n")
    run("import", str(EXAMPLES / "protected.example.yaml"), str(bad), code=1)
    assert AssetStore(tmp_path / "home").load() == Assets()


def test_a_protected_object_without_public_sets_is_named_in_the_reasons(tmp_path):
    """A mover of the store comes beside an object of which only the user has element sets."""
    ticks = [day * 10**8 for day in (101, 102, 103)]
    lines = [line for tick in ticks for line in naive.tle_lines(naive.element_set(year=2026, tick=tick))]
    asset = Asset(name="QUIET KEEPER", keep_out_km=1000.0, tle=lines)
    sets = asset.element_sets().assign(norad_id=98765, source="file")
    store = ElementStore(tmp_path / "elements")
    store.append(sets)
    assets = Assets(lists=[AssetList(name="mine", kind="protected", objects=[asset])])
    config = BurnwatchConfig()
    seen = sets["available_at"].iloc[-1]
    known = KnownSets(store, seen)
    given = _given(assets, known, config)
    lookup = with_user_sets(_latest_sets(known, config), given)
    events = pd.DataFrame(
        {
            "norad_id": [98765],
            "epoch_before": sets["epoch"].iloc[[1]].array,
            "epoch_after": sets["epoch"].iloc[[2]].array,
            "available_at": [seen],
            "unexpectedness": [2.0],
            "regime": ["leo"],
            "reasons": [["first burn"]],
            "neighbours": [[]],
            "company_reasons": [[]],
            "sought_at": pd.Series([pd.NaT], dtype=TIMES),
        }
    ).astype({"available_at": TIMES})
    around = _Around(lookup, given, assets.names(), {}, assets.keep_out_km())
    judged, others = _in_company(events, pd.Series([True]), around, config, seen)
    assert others["other_name"].tolist() == ["QUIET KEEPER"]
    assert [one["name"] for one in judged["neighbours"].iloc[0]] == ["QUIET KEEPER"]
    assert "the protected QUIET KEEPER" in judged["reasons"].iloc[0][-1]
    assert judged["reasons"].iloc[0][-1].endswith("inside its keep-out distance of 1000 km")
    before = KnownSets(store, sets["available_at"].iloc[0] - pd.Timedelta(seconds=1))
    assert _given(assets, before, config).empty
    assert store.object_ids().tolist() == [98765], "the user's object is in no history that is scored"
