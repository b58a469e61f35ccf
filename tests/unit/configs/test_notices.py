"""What a rule of notices may say."""

import pytest
from pydantic import ValidationError

from configs.load import ConfigError, load_config
from configs.notices import NoticeRule, NoticesConfig


def test_a_file_s_rules_are_read(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(
        "notices:\n  rules:\n    - {name: belt, to: [OPS_CHAT], regimes: [geo], quiet_hours: '22:00-06:00'}\n"
    )
    (rule,) = load_config(path).notices.rules
    assert (rule.what, rule.to, rule.regimes) == ("finding", ("OPS_CHAT",), ("geo",))


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": []},
        {"to": ["json://user:secret@host"]},
        {"to": ["OPS", "OPS"]},
        {"quiet_hours": "22:00-22:00"},
        {"quiet_hours": "22-06"},
        {"digest": "24:00"},
        {"digest": "6:30"},
        {"regimes": ["moon"]},
        {"name": ""},
        {"name": "two\nlines"},
        {"name": " spaced"},
        {"what": "everything"},
    ],
)
def test_what_a_rule_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        NoticeRule(**{"name": "belt", "to": ["OPS_CHAT"], **wrong})


def test_rules_have_different_names():
    rule = NoticeRule(name="belt", to=("OPS",))
    with pytest.raises(ValidationError, match="same name"):
        NoticesConfig(rules=(rule, rule))


def test_an_address_in_the_file_is_not_repeated_in_the_error(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("notices:\n  rules:\n    - {name: belt, to: ['slack://s3cr3t']}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.line == 3
