"""The page of a finding in a real browser, opened as a file."""

import pytest

from review.finding_report import render_finding
from tests.finding_examples import belt_sets, burn_of, leo_sets, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("findings")
    for regime, sets in (("geo", belt_sets()), ("leo", leo_sets())):
        flag = burn_of(sets, regime)
        page = render_finding(told(flag, regime), [flag], sets, generated_at=flag.updated_at)
        (folder / f"{regime}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture
def opened(browser, pages):
    """Open a page; nothing may go wrong or be asked of any network."""
    tabs = []

    def open_page(regime, width=1280, **context):
        tab = browser.new_context(viewport={"width": width, "height": 900}, **context)
        tabs.append(tab)
        page = tab.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((pages / f"{regime}.html").as_uri())
        page.wait_for_function("document.querySelectorAll('.plot .main-svg').length >= 1")
        return page

    yield open_page
    for tab in tabs:
        for page in tab.pages:
            assert page.said == []
            assert len(page.asked) == 1
        tab.close()


def test_the_waterfall_is_drawn_with_burns_forecast_and_names(opened):
    page = opened("geo")
    names = page.eval_on_selector("#waterfall-plot", "plot => plot._fullData.map(trace => trace.name)")
    assert {"since then", "left alone", "band", "burns", "nearest", "LANTERN 2"} <= set(names)
    points = page.locator("#waterfall-plot .scatterlayer .point").count()
    assert points > 180  # the object's own, in both panels
    labels = page.locator("#waterfall-plot .annotation-text").all_inner_texts()
    labels += page.eval_on_selector_all(
        "#waterfall-plot .annotation-text", "texts => texts.map(text => text.textContent)"
    )
    assert {"LANTERN 2", "KESTREL 7", "1"} <= set(labels)
    frame = page.locator("#waterfall-plot").bounding_box()
    for box in [text.bounding_box() for text in page.locator("#waterfall-plot .annotation-text").all()]:
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
        assert frame["y"] <= box["y"]


def test_earlier_is_above_later(opened):
    page = opened("geo")
    before, after = (
        page.locator(f"#waterfall-plot .scatterlayer .trace:has(path[style*='{color}']) .point").first.bounding_box()
        for color in ("rgb(0, 114, 178)", "rgb(0, 158, 115)")
    )
    assert before["y"] < after["y"]


@pytest.mark.parametrize("regime", ["geo", "leo"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_finding_scrolls_sideways(opened, regime, width):
    page = opened(regime, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    right = page.eval_on_selector(".plot svg.main-svg", "plot => plot.getBoundingClientRect().right")
    assert right <= width


def test_the_planes_of_low_orbits_are_drawn(opened):
    page = opened("leo", color_scheme="dark")
    rows = page.eval_on_selector(
        "#approach-plot", "plot => Object.keys(plot._fullLayout).filter(k => /^yaxis/.test(k))"
    )
    assert len(rows) == 3
    marks = page.eval_on_selector("#approach-plot", "plot => plot._fullLayout.shapes.map(shape => shape.name)")
    assert marks.count("burn") == 3
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(16, 20, 27)"


def test_text_and_tables_of_a_finding_need_no_script(browser, pages):
    with browser.new_context(java_script_enabled=False) as tab:
        page = tab.new_page()
        page.goto((pages / "geo.html").as_uri())
        assert "reaches TARGET 1" in page.inner_text("#expects")
        assert page.locator("#burns tbody tr").count() == 1
        assert page.locator(".no-script").first.is_visible()
