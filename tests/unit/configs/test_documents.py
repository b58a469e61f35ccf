"""Documents of strangers: plain values, or one refusal with its line."""

import time

import pytest

from configs.documents import DocumentError, json_line, line_of, read_json, read_yaml

LONG = "9" * 5000


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: !!timestamp x\n", 2, "tags"),
        ('a: !!int ""\n', 1, "tags"),
        ("a: !!bool x\n", 1, "tags"),
        ("a: !!python/name:os.system x\n", 1, "tags"),
        ("a: 0b_\n", 1, "a 0b_ is no finite number"),
        ("a:\n  b: .inf\n", 2, "a.b .inf is no finite number"),
        ("a: -.NaN\n", None, None),
        (f"a: 1\nb: {LONG}\n", 2, "no finite number"),
        (f"a: {'9' * 400}\n", 1, "no finite number"),
        ("a: 1e999\nb: 1.0e+999\n", 2, "no finite number"),
        ("a: 1\nb: 2\na: 3\n", 3, "a is given twice"),
        ("a: &x 1\nb: *x\n", 1, "aliases"),
        ("a: 1\n---\na: 2\n", 2, "another document"),
        ("a: 1\nb: \x07\n", 2, "character"),
        ("? [a]\n: b\n", 1, "word"),
        ("[" * 2000, 1, "nested"),
        ("[" + "{}," * 300_000 + "]", 1, "long"),
        ("a: [\n", 2, "expected"),
    ],
)
def test_yaml_is_refused_by_line(text: str, line: int | None, says: str | None) -> None:
    if says is None:
        assert read_yaml(text)[0] == {"a": "-.NaN"}, "which YAML takes for text"
        return
    with pytest.raises(DocumentError, match=says) as caught:
        read_yaml(text)
    assert caught.value.line == line
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{"a": 1,\n"a": 2}', 2, "a is given twice"),
        ('[\n{"b": {"a": 1, "a": 2}}]', 2, "a is given twice"),
        ('{"a":\nNaN}', 2, "NaN is no finite number"),
        ("[1,\n-Infinity]", 2, "-Infinity is no finite number"),
        ('{"a": 1,\n"b": 1e999}', 2, "1e999 is no finite number"),
        (f'{{"a": 1,\n"b": {LONG}}}', 2, "no finite number"),
        (f"{'9' * 400}", None, "no finite number"),
        ("[" * 100_000, None, "nested"),
        ("[" * 20 + "]" * 20, None, "nested"),
        ('{"a": 1,\n"b"}', 2, "no JSON"),
        ("", 1, "no JSON"),
        ("[" + "{}," * 1_600_000 + "{}]", None, "long"),
    ],
)
def test_json_is_refused_by_line(text: str, line: int | None, says: str) -> None:
    with pytest.raises(DocumentError, match=says) as caught:
        read_json(text)
    assert caught.value.line == line
    assert len(str(caught.value)) < 200


def test_yaml_gives_plain_values_and_leaves_dates_and_merges_text() -> None:
    text = "a: 2020-13-45\nb: 2026-05-01 12:00:00\nc: [1, 2.5, -0x1F, true, ~, null, '7']\n<<: {d: 1}\n1: one\n"
    values, root = read_yaml(text)
    assert values == {
        "a": "2020-13-45",
        "b": "2026-05-01 12:00:00",
        "c": [1, 2.5, -31, True, None, None, "7"],
        "<<": {"d": 1},
        "1": "one",
    }
    assert line_of(root, ["c", "1"]) == 3
    assert read_yaml("# nothing\n") == (None, None)


def test_json_gives_what_it_holds() -> None:
    text = '{"a": [1, 2.5e-3, true, null, "7"],\n\t"b": {"c": -9223372036854775807}}'
    assert read_json(text) == {"a": [1, 0.0025, True, None, "7"], "b": {"c": -(2**63) + 1}}
    assert json_line(text, ["b", "c"]) == 2


def test_a_list_of_millions_of_nothings_is_refused_at_once() -> None:
    text = "[" + "{}," * 1_398_000 + "{}]"
    started = time.process_time()
    with pytest.raises(DocumentError, match="long"):
        read_yaml(text)
    assert time.process_time() - started < 4.0
