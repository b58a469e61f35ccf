"""The report of a flag in a real browser, opened as a file."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from review.records import Status
from review.report import render_report
from tests.review_examples import element_sets, flag_of, residuals, verdicts_on

pytestmark = pytest.mark.e2e

SETS = element_sets()
GAPS = residuals(SETS)
FLAG = flag_of(SETS)
EARLIER = replace(FLAG, flag_id="0e2f1c9a-0", burn_time=FLAG.burn_time - timedelta(days=23), status=Status.ROUTINE)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "flag.html"
    page = render_report(
        FLAG, SETS, GAPS, generated_at=FLAG.updated_at, verdicts=verdicts_on(FLAG), other_flags=[FLAG, EARLIER]
    )
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, path):
    """Open the report; afterwards nothing may have gone wrong or been asked of any network."""

    @contextmanager
    def open_report(width=1280, **context):
        with browser.new_context(viewport={"width": width, "height": 900}, **context) as tab:
            page = tab.new_page()
            said, asked = [], []
            page.on("console", lambda message: said.append((message.type, message.text)))
            page.on("pageerror", lambda error: said.append(("error", str(error))))
            page.on("request", lambda request: asked.append(request.url))
            page.goto(path.as_uri())
            if context.get("java_script_enabled", True):
                page.wait_for_function("document.querySelectorAll('.plot .main-svg').length >= 3")
            yield page
            assert said == []
            assert asked == [path.as_uri()]

    return open_report


def cells(page, table):
    return [
        [cell.strip().replace("\u2212", "-") for cell in row.locator("th, td").all_inner_texts()]
        for row in page.locator(f"#{table} tbody tr").all()
    ]


def test_every_plot_is_drawn_with_the_burn_marked(opened):
    with opened() as page:
        plots = page.eval_on_selector_all(
            "[data-figure]",
            """plots => plots.map(plot => ({
                id: plot.id,
                points: plot._fullData.map(trace => trace.x.length),
                marks: plot._fullLayout.shapes.map(shape => shape.name),
                drawn: plot.querySelectorAll('.scatterlayer .point, .barlayer .point').length,
            }))""",
        )
        burn = page.locator("#elements-plot .shapelayer path").first.bounding_box()
        frame = page.locator("#elements-plot").bounding_box()
    by_id = {plot["id"]: plot for plot in plots}
    assert set(by_id) == {"elements-plot", "residuals-plot", "delta-v-plot"}
    for name in ("elements-plot", "residuals-plot"):
        assert {"burn", "burn interval", "other flag"} <= set(by_id[name]["marks"])
        assert sum(by_id[name]["points"]) == by_id[name]["drawn"] > 300
    assert by_id["delta-v-plot"]["points"] == [3]
    assert by_id["delta-v-plot"]["drawn"] == 3
    assert frame["x"] < burn["x"] < frame["x"] + frame["width"]


def test_the_tables_say_what_the_flag_says(opened):
    with opened() as page:
        velocity = cells(page, "delta-v")
        neighbours = cells(page, "neighbours")
        elements = {row[0]: row[1:] for row in cells(page, "elements")}
        status = page.inner_text("#status")
        verdicts = cells(page, "verdicts")
        burn_time = page.inner_text("#burn-time")
    assert [[float(value) for value in row[1:]] for row in velocity] == [
        [FLAG.dv_r_m_s, FLAG.dv_r_sigma_m_s],
        [FLAG.dv_t_m_s, FLAG.dv_t_sigma_m_s],
        [FLAG.dv_n_m_s, FLAG.dv_n_sigma_m_s],
        [FLAG.dv_m_s, FLAG.dv_sigma_m_s],
    ]
    assert neighbours == [
        ["LANTERN 2", "90412", "11.4", "2026-03-09 04:17"],
        ["KESTREL R/B", "90077", "41.5", "2026-03-05 20:00"],
    ]
    assert elements["Epoch [UTC]"][0] == FLAG.epoch_before.strftime("%Y-%m-%d %H:%M:%S")
    assert float(elements["Semi-major axis a [km]"][3]) == pytest.approx(FLAG.delta_a_km, abs=0.05)
    assert (status, burn_time) == ("confirmed", "2026-03-02 10:00:00 UTC")
    assert [row[2].splitlines()[0] for row in verdicts] == ["open → in review", "in review → confirmed"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_plots_follow_the_readers_color_scheme(opened, scheme):
    def luminance(color):
        red, green, blue = (int(part) / 255 for part in color[4:-1].split(","))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one, other):
        dark, light = sorted((luminance(one), luminance(other)))
        return (light + 0.05) / (dark + 0.05)

    def style(page, selector, name):
        return page.eval_on_selector(selector, f"element => getComputedStyle(element).{name}")

    with opened(color_scheme=scheme) as page:
        paper = style(page, "body", "backgroundColor")
        assert (luminance(paper) < 0.05) == (scheme == "dark")
        for selector, name, least in (
            (".headline", "color", 7.0),
            (".identity", "color", 4.5),
            (".reasons li", "color", 7.0),
            ("#elements-plot .ytick text", "fill", 4.5),
            ("#elements-plot .scatterlayer .point", "fill", 3.0),
            ("#elements-plot .scatterlayer .trace:nth-child(2) .point", "fill", 3.0),
            ("#elements-plot .shapelayer path[style*='dasharray: 9']", "stroke", 3.0),
        ):
            assert contrast(style(page, selector, name), paper) >= least, selector
        other = "light" if scheme == "dark" else "dark"
        ticks = style(page, "#elements-plot .ytick text", "fill")
        page.emulate_media(color_scheme=other)
        page.wait_for_function(
            "before => getComputedStyle(document.querySelector('#elements-plot .ytick text')).fill !== before",
            arg=ticks,
        )


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(opened, width):
    with opened(width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        wide = page.eval_on_selector_all(
            ".plot svg.main-svg", "plots => plots.map(plot => plot.getBoundingClientRect().right)"
        )
        assert max(wide) <= width


def test_text_and_tables_need_no_script(opened):
    with opened(java_script_enabled=False) as page:
        assert "raised its orbit" in page.inner_text(".headline")
        assert len(cells(page, "elements")) > 10
        assert page.locator(".no-script").count() == 3
        assert page.locator(".no-script").first.is_visible()


def test_it_prints_dark_ink_on_white_paper(opened):
    with opened(color_scheme="dark") as page:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert (
            page.evaluate("getComputedStyle(document.querySelector('#elements-plot .ytick text')).fill")
            == "rgb(85, 96, 113)"
        )
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("html.paper").count() == 0
