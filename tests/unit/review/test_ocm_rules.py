"""The rules of an Orbit Comprehensive Message: what keeps them is accepted, and each single fault is found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.ocm_rules import OcmBreachError, breaches, check
from review.ocm_tables import DEPLOYMENT, PROPULSIVE, REPEATED, SECTIONS, Keyword

VALUES = {
    "text": "some text",
    "number": "-12.5",
    "integer": "12",
    "epoch": "2026-03-02T10:00:00.5Z",
    "time": "2026-061T10:00:00",
    "vector": "1.0 0.0 -0.5",
    "units": "[km]",
    "list": "MOON, SUN",
}
PROPULSIVE_LINE = "TIME_ABSOLUTE, MAN_DURA, DV_X, DV_Y, DV_Z, DV_MAG_SIGMA"
OWN = {
    "OCM_DATA_ELEMENTS": None,  # set below, from the sections there are
    "TRAJ_UNITS": "[km, km, km]",
    "MAN_COMPOSITION": PROPULSIVE_LINE,
    "MAN_UNITS": "[s, km/s, km/s, km/s, %]",
    "MAN_DEVICE_ID": "ALL",
}
DATA = {
    "TRAJ": ["2026-03-02T10:00:00 7000.0 0.0 1.5E-03", "2026-03-02T10:01:00 6990.0 10.0 0.0"],
    "COV": ["0.0 1.0 0.0 1.0", "60.0 1.0 0.0 1.0"],
    "MAN": ["2026-03-02T10:00:00 0.0 0.0 0.00025 -2.0E-05 1.2", "2026-03-02T11:00:00 0.0 0.0 0.00025 0.0 1.2"],
}


def value_of(keyword: Keyword) -> str:
    value = OWN.get(keyword.name) or VALUES.get(keyword.form, keyword.form.split("|")[0])
    return f"{value} [{keyword.unit}]" if keyword.unit else value


def block(name: str, chosen: set[str]) -> list[str]:
    """The lines of a section with the keywords that are mandatory or chosen."""
    keywords = [one for one in SECTIONS[name] if one.status == "M" or one.name in chosen]
    lines = [f"{one.name} = {value_of(one)}" for one in keywords]
    if name == "":
        return [lines[0], "COMMENT at the top", *lines[1:]]
    if name == "USER":
        lines = ["USER_DEFINED_EARTH_MODEL = WGS-84"]
    return [f"{name}_START", "COMMENT at the top", *lines, *DATA.get(name, []), f"{name}_STOP"]


def message(names: list[str], chosen: set[str]) -> str:
    data = [{"TRAJ": "ORB"}.get(name, name) for name in names]
    OWN["OCM_DATA_ELEMENTS"] = ", ".join(data) or None
    if not data:
        chosen = chosen - {"OCM_DATA_ELEMENTS"}
    return "\n".join(line for name in ("", "META", *names) for line in block(name, chosen)) + "\n"


ALL_KEYWORDS = sorted({keyword.name for table in SECTIONS.values() for keyword in table})
DATA_SECTIONS = [name for name in SECTIONS if name not in ("", "META")]
FULL = message(["TRAJ", "TRAJ", "PHYS", "COV", "MAN", "MAN", "PERT", "OD", "USER"], set(ALL_KEYWORDS))
PLAIN = message(["MAN"], {"CLASSIFICATION", "OBJECT_NAME", "TIME_SYSTEM", "MAN_BASIS", "MAN_REF_FRAME", "MAN_UNITS"})


@st.composite
def messages(draw):
    names = [
        name
        for name in DATA_SECTIONS
        if draw(st.booleans())
        for _ in range(1 + (name in REPEATED and draw(st.booleans())))
    ]
    if "OD" in names and "PERT" not in names:
        names.insert(names.index("OD"), "PERT")
    chosen = draw(st.sets(st.sampled_from(ALL_KEYWORDS)))
    if chosen & {"NEXT_LEAP_EPOCH"}:
        chosen |= {"NEXT_LEAP_TAIMUTC"}
    return message(names, chosen)


def rules(text: str) -> set[str]:
    return {breach.rule for breach in breaches(text)}


def changed(old: str, new: str, text: str = PLAIN) -> set[str]:
    assert old in text
    return rules(text.replace(old, new, 1))


@settings(max_examples=150, deadline=None)
@given(messages())
def test_a_message_made_by_the_tables_keeps_the_rules(text):
    assert breaches(text) == []


def test_a_message_with_every_keyword_keeps_the_rules():
    check(FULL)


@settings(max_examples=200, deadline=None)
@given(messages(), st.data())
def test_any_single_fault_is_found(text, data):
    lines = text.splitlines()
    entries = [place for place, line in enumerate(lines) if "=" in line and not line.startswith("USER_DEFINED")]
    place = data.draw(st.sampled_from(entries))
    fault = data.draw(st.sampled_from(["rename", "repeat", "empty", "tab", "unit", "lower", "no blank", "misplace"]))
    keyword, _, value = (part.strip() for part in lines[place].partition("="))
    if fault == "rename":
        lines[place] = f"{keyword}X = {value}"
    elif fault == "repeat":
        lines.insert(place, lines[place])
    elif fault == "empty":
        lines[place] = f"{keyword} ="
    elif fault == "tab":
        lines[place] = f"{keyword} =\t{value}"
    elif fault == "unit" and "[" in value and not keyword.endswith("UNITS"):
        lines[place] = lines[place].replace("[", "[furlong ")
    elif fault == "no blank" and " [" in value and not keyword.endswith("UNITS"):
        lines[place] = lines[place].replace(" [", "[")
    elif fault == "lower":
        lines[place] = f"{keyword.lower()} = {value}"
    else:
        lines.append(lines.pop(place))
    assert breaches("\n".join(lines) + "\n")


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(FULL) - 1))
def test_a_message_cut_anywhere_is_found_out(length):
    assert breaches(FULL[:length])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_judged_without_harm(text):
    assert breaches(text)


@pytest.mark.parametrize(
    "keyword",
    ["CCSDS_OCM_VERS", "CREATION_DATE", "ORIGINATOR", "EPOCH_TZERO", "MAN_ID", "MAN_DEVICE_ID", "MAN_COMPOSITION"],
)
def test_a_mandatory_keyword_is_missed(keyword):
    lines = [line for line in PLAIN.splitlines() if not line.startswith(keyword + " ")]
    found = breaches("\n".join(lines) + "\n")
    assert keyword in {breach.keyword for breach in found}


def test_a_mandatory_keyword_with_a_default_may_be_left_out_and_an_unknown_one_may_say_so():
    assert not changed("TIME_SYSTEM = some text\n", "")
    assert not changed("MAN_REF_FRAME = some text\n", "")
    assert not changed("EPOCH_TZERO = 2026-03-02T10:00:00.5Z", "EPOCH_TZERO = UNKNOWN")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("CCSDS_OCM_VERS = 3.0", "CCSDS_OCM_VERS = 2.0", "annex A"),
        ("MAN_BASIS = CANDIDATE", "MAN_BASIS = GUESSED", "annex A"),
        ("MAN_BASIS = CANDIDATE", "MAN_BASIS = Candidate", "annex A"),
        ("2026-03-02T10:00:00.5Z", "2026-02-30T10:00:00", "7.5.10"),
        ("2026-03-02T10:00:00.5Z", "2026-366T10:00:00", "7.5.10"),
        ("2026-03-02T10:00:00.5Z", "2026-03-02 10:00:00", "7.5.10"),
        ("2026-03-02T10:00:00.5Z", "2026-03-02T24:00:00", "7.5.10"),
        ("2026-03-02T10:00:00.5Z", "2026-03-02T10:00:60", "7.5.10"),
        ("META_STOP\n", "", "7.4.2"),
        ("MAN_STOP\n", "", "table 6-1"),
        ("MAN_START", "BURN_START", "table 6-1"),
        ("MAN_START\n", "MAN_START\nMAN_START\n", "7.4.2"),
        ("META_START\n", "META_STOP\n", "7.4.2"),
        ("OBJECT_NAME = some text", "OBJECT_NAME", "7.4.4"),
        ("MAN_ID = some text\n", "MAN_ID = some text\nCOMMENT too late\n", "7.8.10"),
        ("CCSDS_OCM_VERS", "COMMENT too early\nCCSDS_OCM_VERS", "7.8.10"),
        ("MAN_ID = some text\nMAN_BASIS = CANDIDATE\n", "MAN_BASIS = CANDIDATE\nMAN_ID = some text\n", "7.4.8"),
        (DATA["MAN"][1], DATA["MAN"][1] + "\nMAN_PURPOSE = SK", "7.4.8"),
        (DATA["MAN"][1], DATA["MAN"][0], "6.2.2.4"),
        (DATA["MAN"][1], "60.0 0.0 0.0 0.00025 0.0 1.2", "6.2.2.5"),
        (DATA["MAN"][1], DATA["MAN"][1] + " 7.0", "6.2.8.14"),
        (DATA["MAN"][1], DATA["MAN"][1].replace("0.00025", ".00025"), "7.5.5"),
        (DATA["MAN"][1], DATA["MAN"][1].replace("0.00025", "0.00025000000000000001"), "7.5.6"),
        ("\n".join(DATA["MAN"]) + "\n", "", "6.2.1.2"),
        (PROPULSIVE_LINE, PROPULSIVE_LINE.replace("MAN_DURA, DV_X", "DV_X, MAN_DURA"), "6.2.8.16"),
        (PROPULSIVE_LINE, PROPULSIVE_LINE.replace("TIME_ABSOLUTE, MAN_DURA", "MAN_DURA, TIME_ABSOLUTE"), "6.2.8.18"),
        (PROPULSIVE_LINE, PROPULSIVE_LINE.replace("TIME_ABSOLUTE", "TIME_ABSOLUTE, TIME_RELATIVE"), "6.2.8.18"),
        (PROPULSIVE_LINE, PROPULSIVE_LINE.replace("DV_MAG_SIGMA", "DEPLOY_MASS"), "6.2.8.15"),
        ("[s, km/s, km/s, km/s, %]", "[s, m/s, m/s, m/s, %]", "table 6-7"),
        ("[s, km/s, km/s, km/s, %]", "[km/s, km/s, km/s, %]", "table 6-7"),
        ("[s, km/s, km/s, km/s, %]", "s, km/s, km/s, km/s, %", "table 6-7"),
        ("MAN_DEVICE_ID = ALL", "MAN_DEVICE_ID = DEPLOY", "6.2.8.9"),
        ("MAN_REF_FRAME = some text\n", "MAN_REF_FRAME = some text\nDC_TYPE = TIME\n", "table 6-7"),
    ],
)  # fmt: skip
def test_each_rule_is_held_to(old, new, rule):
    assert rule in changed(old, new)


def test_sections_keep_their_order_and_number():
    swapped = message(["MAN", "PHYS"], set())
    assert "6.2.1.1" in rules(swapped)
    assert "table 6-1" in rules(message(["PERT", "PERT"], set()))
    assert "6.2.10.5" in rules(message(["OD"], set()))
    assert "table 6-12" in rules(FULL.replace("USER_DEFINED_EARTH_MODEL = WGS-84\n", ""))
    listed = message(["MAN"], {"OCM_DATA_ELEMENTS"}).replace("OCM_DATA_ELEMENTS = MAN", "OCM_DATA_ELEMENTS = MAN, OD")
    assert "table 6-3" in rules(listed)


def test_times_of_states_rise():
    first, second = DATA["TRAJ"]
    assert "6.2.5.6" in rules(message(["TRAJ"], set()).replace(f"{first}\n{second}", f"{second}\n{first}"))
    assert "6.2.2.4" in rules(message(["COV"], set()).replace("60.0 1.0", "0.0 1.0"))


def test_a_deployment_has_a_composition_of_its_own():
    words = [one.name for one in DEPLOYMENT if one.name != "TIME_RELATIVE"]
    units = [one.unit or "n/a" for one in DEPLOYMENT if one.name in words[1:]]
    line = "2026-03-02T10:00:00 CubeSat_001 0.0 0.0 0.0001 -1.0 5.0 5.0 -0.05 0.022"
    text = PLAIN.replace(PROPULSIVE_LINE, ", ".join(words)).replace(OWN["MAN_UNITS"], f"[{', '.join(units)}]")
    text = text.replace("\n".join(DATA["MAN"]), line).replace("MAN_DEVICE_ID = ALL", "MAN_DEVICE_ID = DEPLOY")
    assert breaches(text) == []


def test_a_composition_of_all_that_table_6_8_has():
    words = [one for one in PROPULSIVE if one.name != "TIME_RELATIVE"]
    line = " ".join(value_of(Keyword(one.name, "M", one.form)) for one in words)
    text = PLAIN.replace(PROPULSIVE_LINE, ", ".join(one.name for one in words))
    text = text.replace(OWN["MAN_UNITS"], f"[{', '.join(one.unit or 'n/a' for one in words[1:])}]")
    assert breaches(text.replace("\n".join(DATA["MAN"]), line)) == []


def test_the_error_names_the_line_the_rule_and_how_many_there_are():
    with pytest.raises(OcmBreachError, match=r"line \d+: MAN_ID is mandatory and missing \(table 6-7\)") as caught:
        check(PLAIN.replace("MAN_ID = some text\n", ""))
    assert [breach.keyword for breach in caught.value.breaches] == ["MAN_ID"]
