"""The report on paper: what it says, and that it can be read, printed and made again."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from review import pdf_style, words
from review.pdf import render_pdf
from review.records import Status
from review.report_facts import report_facts
from tests.review_examples import element_sets, flag_of, residuals, verdicts_on

SETS = element_sets()
GAPS = residuals(SETS)
FLAG = flag_of(SETS)
OTHER = replace(FLAG, flag_id="00000000-other", burn_time=FLAG.burn_time - timedelta(days=23))


def render(flag=FLAG, sets=SETS, gaps=GAPS, **values):
    return render_pdf(report_facts(flag, sets, gaps, generated_at=flag.updated_at, **values))


def tool(name, *options, content):
    if shutil.which(name) is None:
        pytest.skip(f"{name} (poppler-utils) is not installed: `make system-packages` installs it")
    return subprocess.run([name, *options], input=content, capture_output=True, check=True).stdout.decode()


def text_of(content):
    return tool("pdftotext", "-layout", "-", "-", content=content)


@pytest.fixture(scope="module")
def full():
    return render(verdicts=verdicts_on(FLAG), other_flags=[FLAG, OTHER])


@pytest.fixture(scope="module")
def text(full):
    return text_of(full)


def test_it_says_what_the_page_says(text):
    plain = " ".join(text.split())
    for said in (
        "ARGUS 4", "NORAD 90001", "low Earth orbit", "confirmed", "raised its orbit on 2 March 2026", "99.8 %",
        *FLAG.reasons, "LANTERN 2", "11.4", "The orbit around the burn", "Element sets nearest the burn",
        "Before and after", "Semi-major axis a [km]", "Residuals nearest the burn", "Along-track, forward", "+0.25000",
        "Three sets on each side.", "Misfit without the burn", "25.0 times that with it", *FLAG.quality, "Matches the operator's notice.",
        "Other flags of this object", FLAG.flag_id, "robust-step-3", "7d1f0c52a9", "c0ffee12",
    ):  # fmt: skip
        assert " ".join(said.split()) in plain, said


def test_the_words_in_the_figures_can_be_selected(text):
    for said in ("Semi-major axis [km]", "Inclination [°]", "Cross-track residual [km]", "cross-track", "Δv [m/s]"):
        assert said in text, said


def test_every_page_tells_its_number_and_its_flag(text):
    pages = text.split("\f")[:-1]
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert f"Flag {FLAG.flag_id[:8]}, written 3 March 2026" in page


def test_its_fonts_are_embedded_and_know_the_signs_of_the_field(full):
    fonts = tool("pdffonts", "-", content=full).splitlines()[2:]
    assert fonts
    for font in fonts:
        assert re.search(r"DejaVuSans\S*\s+TrueType\s+\S+\s+yes\s+yes\s+yes", font), font
    assert pdf_style.shown("Δv ± σ χ² ω Ω log₁₀ −1 °") == "Δv ± σ χ² ω Ω log₁₀ −1 °"


def test_the_same_facts_make_the_same_file(full):
    assert render(verdicts=verdicts_on(FLAG), other_flags=[FLAG, OTHER]) == full


def test_sections_can_be_found_in_the_readers_sidebar(full):
    assert full.count(b"/Title") > 8


def test_a_flag_of_which_nothing_is_known_has_a_report_too():
    bare = replace(
        FLAG, name="", dv_r_m_s=None, dv_t_m_s=None, dv_n_m_s=None, dv_m_s=None, dv_sigma_m_s=None, fit_status="failed",
        probability=None, unexpectedness=None, rank=None, threshold=None, reasons=[], neighbours=[], quality=[],
        chi2_ratio=None, delta_a_km=None, delta_i_deg=None, delta_e=None, status=Status.OPEN, kind="unknown",
    )  # fmt: skip
    text = text_of(render(bare, SETS.iloc[:0], None))
    for said in (
        "Object 90001",
        "fit failed",
        "The assessment gave no reason",
        "There is no element set around the burn",
    ):
        assert said in text, said
    for said in ("No residuals were given", "Nobody has looked at this flag yet", "No object near the new orbit"):
        assert said in text, said


def test_what_is_no_maneuver_is_called_so():
    refused = replace(FLAG, explanation="cross-tag", explanation_note="Its sets and those of 90002 change places.")
    text = " ".join(text_of(render(refused)).split())
    assert "No maneuver: cross-tag" in text
    assert "Its sets and those of 90002 change places." in text
    assert "Why it is no maneuver" in text


def test_names_and_notes_are_text_and_never_markup():
    hostile = "</para><b>x</b> & \"<img src='file:///etc/passwd'/>\" \x07 衛星"
    flag = replace(FLAG, name=hostile, reasons=[hostile], explanation_note=hostile, quality=[hostile], fit_note=hostile)
    steps = [replace(step, who=hostile, note=hostile) for step in verdicts_on(FLAG)]
    content = render(flag, verdicts=steps, other_flags=[replace(OTHER, kind=hostile)])
    assert "<b>x</b>" in text_of(content)
    assert b"passwd" not in content or b"/Image" not in content


def test_a_caveat_stands_on_every_page():
    facts = replace(report_facts(FLAG, SETS, GAPS, generated_at=FLAG.updated_at), classification="Partners only")
    pages = text_of(render_pdf(facts)).split("\f")[:-1]
    assert all("Partners only" in page for page in pages)


def test_a_long_review_runs_over_pages_with_its_head_repeated():
    steps = [replace(step, note="A long note. " * 60) for step in verdicts_on(FLAG) * 20]
    text = text_of(render(verdicts=steps))
    assert text.count("Step and note") > 1


def test_the_colors_are_those_of_the_page():
    sheet = (Path(words.__file__).parent / "templates" / "report.css").read_text()
    light = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", sheet.split("@media")[0]))
    assert (light["before"], light["after"], light["burn"]) == (pdf_style.BEFORE, pdf_style.AFTER, pdf_style.BURN)
    assert (light["ink"], light["ink-soft"], light["line"]) == (pdf_style.INK, pdf_style.INK_SOFT, pdf_style.LINE)
