"""Whatever the bytes, a reader takes them or refuses them in one line; a bad record costs no other, whatever the format."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.objects import read_objects
from catalog.parse import ParseError, parse_bytes
from catalog.parse.result import PARSED_DTYPES
from catalog.weather import read_space_weather
from configs.catalog import IngestConfig
from review.label_files import read_labels
from tests.fuzz import seeds
from tests.fuzz.mutations import HOSTILE, mutated
from tests.fuzz.readers import NOW, READERS, outcome
from tests.naive import catalog as naive

FILES = [(kind, name) for kind, reader in READERS.items() for name in reader.files]
EACH = 15  # inputs of a file
quietly = settings(max_examples=15, deadline=None, derandomize=True, database=None)
# KVN and XML hold no line breaks, brackets or angles in a value; nobody tells blanks around it.
plain = st.sampled_from([text for text in HOSTILE if text.strip() and text == text.strip()])


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_no_bytes_do_harm(kind: str, name: str, tmp_path: Path) -> None:
    reader, random = READERS[kind], Random(zlib.crc32(name.encode()))
    assert outcome(reader, name, reader.files[name], tmp_path) is None, "the seed itself is good"
    for _ in range(EACH):
        outcome(reader, name, mutated(reader.files[name], random), tmp_path)


def sets_or_none(data: bytes, **config: Any) -> pd.DataFrame | None:
    try:
        return parse_bytes(data, name="sets", config=IngestConfig(**config)).element_sets
    except ParseError:
        return None


@quietly
@given(keyword=st.sampled_from(list(seeds.RECORDS[0])), value=plain)
def test_formats_agree_and_good_neighbors_stay_exact(keyword: str, value: str) -> None:
    bad = {**seeds.RECORDS[1], keyword: value}
    records = [seeds.RECORDS[0], bad, seeds.RECORDS[2]]
    found = {form: sets_or_none(write(records)) for form, write in seeds.OMM.items()}
    expected = sets_or_none(naive.omm_json([seeds.RECORDS[0], seeds.RECORDS[2]]))
    for sets in found.values():
        assert sets is not None
        neighbors = sets.iloc[[0, -1]].reset_index(drop=True)
        pd.testing.assert_frame_equal(neighbors, expected)
        pd.testing.assert_frame_equal(sets, found["json"])


@quietly
@given(
    line=st.integers(0, 1),
    at=st.integers(0, 68),
    char=st.characters(min_codepoint=32, max_codepoint=126),
    size=st.integers(1024, 2000),
)
def test_a_damaged_line_costs_its_own_set_however_the_text_is_cut(line: int, at: int, char: str, size: int) -> None:
    lines = list(naive.tle_lines(seeds.DRAWN[1]))
    lines[line] = lines[line][:at] + char + lines[line][at + 1 :]
    before, after = seeds.tle(seeds.DRAWN[:1]), seeds.tle(seeds.DRAWN[2:])
    text = before * 9 + "".join(f"{one}\n" for one in lines).encode() + after * 9
    found = parse_bytes(text, name="sets")
    good = sets_or_none(before * 9 + after * 9)
    assert good is not None
    kept = found.element_sets[found.element_sets["norad_id"].isin(good["norad_id"])]
    pd.testing.assert_frame_equal(kept.reset_index(drop=True).iloc[:9], good.iloc[:9])
    cut = parse_bytes(text, name="sets", config=IngestConfig(chunk_bytes=size))
    pd.testing.assert_frame_equal(cut.element_sets, found.element_sets)
    pd.testing.assert_frame_equal(cut.refused, found.refused)


@quietly
@given(form=st.sampled_from(list(seeds.OMM)), seed=st.integers(0, 2**32 - 1), size=st.integers(1024, 4000))
def test_chunks_do_not_matter(form: str, seed: int, size: int) -> None:
    data = mutated(seeds.OMM[form](seeds.RECORDS), Random(seed))
    whole, cut = sets_or_none(data), sets_or_none(data, chunk_bytes=size)
    assert (whole is None) == (cut is None)
    if whole is not None:
        pd.testing.assert_frame_equal(whole, cut)
        assert whole.dtypes.astype(str).to_dict() == PARSED_DTYPES


def table_of(
    read: Callable[[bytes, str], tuple[pd.DataFrame, str]], rows: list[dict[str, str]], field: str, value: str
) -> None:
    """A hostile field costs at most its row, the same in every form of the table."""
    changed = [rows[0], {**rows[1], field: value}, rows[2]]
    found, key = read(seeds.table(changed), "a.csv")
    expected, _ = read(seeds.table([rows[0], rows[2]]), "a.csv")
    own = found[found[key].isin(expected[key])].drop_duplicates(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(own, expected)
    for other in (seeds.table(changed, ";"), seeds.table(changed, "\t")):
        pd.testing.assert_frame_equal(read(other, "a.csv")[0], found)


@quietly
@given(rows=st.sampled_from([seeds.SATCAT, seeds.GP, seeds.UCS]), value=st.sampled_from(HOSTILE), data=st.data())
def test_a_bad_field_of_an_object_costs_no_other(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], value: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()

    def read(content: bytes, name: str) -> tuple[pd.DataFrame, str]:
        (folder / name).write_bytes(content)
        return read_objects(folder / name, refuse=len), "norad_id"

    field = data.draw(st.sampled_from(list(rows[0])))
    table_of(read, rows, field, value)
    changed = [rows[0], {**rows[1], field: value}, rows[2]]
    pd.testing.assert_frame_equal(read(seeds.as_json(changed), "a.json")[0], read(seeds.table(changed), "a.csv")[0])


@quietly
@given(field=st.sampled_from(list(seeds.WEATHER[0])), value=st.sampled_from(HOSTILE))
def test_a_bad_field_of_a_day_costs_no_other(tmp_path_factory: pytest.TempPathFactory, field: str, value: str) -> None:
    path = tmp_path_factory.getbasetemp() / "sw.csv"

    def read(content: bytes, _: str) -> tuple[pd.DataFrame, str]:
        path.write_bytes(content)
        return read_space_weather(path, refuse=len), "date"

    table_of(read, seeds.WEATHER, field, value)


@quietly
@given(field=st.sampled_from(list(seeds.LABELS[0])), value=st.sampled_from(HOSTILE))
def test_a_bad_field_of_a_label_costs_no_other(field: str, value: str) -> None:
    def read(content: bytes, name: str) -> tuple[pd.DataFrame, str]:
        return read_labels(content, name=name, team="south", now=NOW).labels, "norad_id"

    table_of(read, seeds.LABELS, field, value)
