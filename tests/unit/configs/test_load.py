"""A configuration is complete, checked, and its errors say where they are."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from configs import load
from configs.load import ConfigError, config_hash, load_config, render_default
from configs.schema import SCIENCE, BurnwatchConfig
from configs.section import Section


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_yaml_of_all_defaults_is_current() -> None:
    path = Path(load.__file__).parent / "default.yaml"
    assert path.read_text(encoding="utf-8") == render_default(), "run `make docs`"


def test_the_yaml_of_all_defaults_is_the_default(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, render_default())) == BurnwatchConfig()


def test_a_file_overlays_the_defaults(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "score:\n  context_days: 99\n"))
    assert config.score.context_days == 99
    assert config.score.revisit_days == BurnwatchConfig().score.revisit_days


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "# nothing\n")) == BurnwatchConfig()


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("score:\n  context_days: 10\n  contxt_days: 10\n", 3, "score.contxt_days"),
        ("# one\nscore:\n  context_days: -1\n", 3, "score.context_days"),
        ("scores: {}\n", 1, "scores"),
        ("schedule:\n  score_cron: now\n", 2, "schedule.score_cron"),
        ("schedule:\n  spacetrack_ids:\n    - 5\n    - five\n", 4, "schedule.spacetrack_ids.1"),
        ("score: [1, 2\n", 2, ""),
        ("- score\n", 1, ""),
    ],
)
def test_a_fault_is_named_by_file_line_and_field(tmp_path: Path, text: str, line: int, field: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (path, line, field)
    assert str(caught.value).startswith(f"{path}:{line}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml"):
        load_config(tmp_path / "absent.yaml")


def test_yaml_cannot_make_objects(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_config(write(tmp_path, "score: !!python/object/apply:os.system ['true']\n"))


def one_changed(section):
    """The section with one number of it, or of a section in it, one greater; or another path."""
    for field, value in section:
        if isinstance(value, Section):
            return section.model_copy(update={field: one_changed(value)})
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return section.model_copy(update={field: value + 1})
        if section.model_fields_set <= {field} and value is None:
            return section.model_copy(update={field: Path("elsewhere")})
    raise AssertionError(f"{section} holds no number")


def test_the_hash_follows_what_changes_the_findings_and_nothing_else() -> None:
    default = BurnwatchConfig()
    base = config_hash(default)
    for name in SCIENCE:
        section = getattr(default, name)
        changed = one_changed(section)
        assert config_hash(default.model_copy(update={name: changed})) != base, name
    schedule = default.schedule.model_copy(update={"report_limit": 3})
    assert config_hash(default.model_copy(update={"schedule": schedule})) == base


def nested(section, path=()):
    """The path and value of every section, and of every mapping with a value for each regime, within ``section``."""
    for name, value in section:
        if isinstance(value, Section):
            yield (*path, name), value
            yield from nested(value, (*path, name))
        elif isinstance(value, dict) and "leo" in value:
            yield (*path, name), value


def as_file(path, values):
    """A file's settings with ``values`` at a dotted place."""
    for name in reversed(path):
        values = {name: values}
    return values


NESTED = dict(nested(BurnwatchConfig()))


@pytest.mark.parametrize("path", NESTED, ids=".".join)
def test_overriding_one_leaf_leaves_every_other_one(path: tuple[str, ...]) -> None:
    plain = BurnwatchConfig().model_dump()
    for name, value in dict(NESTED[path]).items():
        loaded = BurnwatchConfig.model_validate(as_file(path, {name: value})).model_dump()
        assert loaded == plain, name


def test_what_is_given_counts_at_any_depth(tmp_path: Path) -> None:
    text = (
        "ensemble: {network: {injection: {burns_per_year: 3}, passes: {leo: 5}}}\ncelestrak: {retry: {attempts: 2}}\n"
    )
    config = load_config(write(tmp_path, text))
    assert config.celestrak.retry == BurnwatchConfig().celestrak.retry.model_copy(update={"attempts": 2})
    network, default = config.ensemble.network, BurnwatchConfig().ensemble.network
    assert network.passes == {**default.passes, "leo": 5}
    assert network.injection == default.injection.model_copy(update={"burns_per_year": 3.0})


def test_a_choice_of_names_is_replaced_as_a_whole(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "injection: {directions: {radial: 1}}\n"))
    assert config.injection.directions == {"radial": 1.0}


@pytest.mark.parametrize("text", ["celestrak: {retry: 3}\n", "celestrak: {retry: {attempt: 3}}\n", "celestrak: []\n"])
def test_what_is_no_section_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"settings\.yaml:1: celestrak"):
        load_config(write(tmp_path, text))


def test_every_setting_says_what_it_is() -> None:
    for name, field in BurnwatchConfig.model_fields.items():
        section = getattr(BurnwatchConfig(), name)
        assert field.description, name
        for setting, inner in type(section).model_fields.items():
            assert inner.description, f"{name}.{setting}"


def test_a_configuration_is_frozen() -> None:
    with pytest.raises(ValidationError):
        BurnwatchConfig().score.context_days = 1.0  # type: ignore[misc]


def test_secrets_are_not_in_the_rendered_default() -> None:
    assert not [key for key in str(yaml.safe_load(render_default())).lower().split("'") if "password" in key]
