"""The parts of a PDF report, in the order of the page that it stands for (templates/report.html.j2)."""

from __future__ import annotations

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Table

from review import words
from review.pdf_pictures import delta_v, timelines
from review.pdf_style import (
    AFTER,
    BEFORE,
    BURN,
    FIGURE,
    HEADLINE,
    INK,
    ITEM,
    LINE,
    NOTE,
    PLAIN,
    QUIET,
    SECTION,
    SUBSECTION,
    TITLE,
    WIDTH,
    bold,
    markup,
    mono,
    pairs,
    paragraph,
    soft,
    table,
)  # fmt: skip
from review.plots import ELEMENTS, RESIDUALS
from review.records import FlagRecord
from review.report_facts import ReportFacts

Story = list[Flowable]


def story(facts: ReportFacts) -> Story:
    """All parts of the report."""
    return [
        *_opening(facts),
        *_explanation(facts.flag),
        *_why_and_who(facts.flag),
        *_timelines(facts),
        *_change(facts),
        *_residuals(facts),
        *_burn(facts),
        *_quality_and_review(facts),
        *_others(facts),
        *_provenance(facts.flag),
    ]


def _opening(facts: ReportFacts) -> Story:
    flag = facts.flag
    states = [str(flag.status), flag.kind if flag.kind != "unknown" else "kind unknown"]
    if flag.withdrawn_at:
        states.insert(1, f"withdrawn {words.moment(flag.withdrawn_at)}: not found again")
    if flag.fit_status != "fitted":
        states.append(f"fit {flag.fit_status}")
    decimals = words.decimals_for(flag.dv_sigma_m_s)
    unit = "" if flag.dv_m_s is None else " m/s"
    sigma = "not fitted"
    if flag.dv_sigma_m_s is not None:
        sigma = f"± {words.number(flag.dv_sigma_m_s, decimals)} m/s, one σ"
    rank = f"{words.ordinal(flag.rank)} of its day, " if flag.rank else ""
    figures = [
        (
            "Burn time",
            f"{flag.burn_time:%Y-%m-%d %H:%M}",
            f"UTC, within {words.interval(flag.burn_time_low, flag.burn_time_high)}",
        ),
        ("Change of velocity", f"{words.number(flag.dv_m_s, decimals)}{unit}", sigma),
        ("Unexpectedness", words.number(flag.unexpectedness, 2), f"{rank}log₁₀ surprise"),
        (
            "Probability of a burn",
            "–" if flag.probability is None else words.percent(flag.probability),
            f"score {words.number(flag.score, 2)}, threshold {words.number(flag.threshold, 2)}",
        ),
    ]
    cells = [
        [
            [paragraph(soft(name), NOTE), paragraph(markup(value), FIGURE), paragraph(soft(more), NOTE)]
            for name, value, more in figures
        ]
    ]
    glance = Table(
        cells,
        [0.3 * WIDTH, 0.2 * WIDTH, 0.24 * WIDTH, 0.26 * WIDTH],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("FONTNAME", (0, 0), (-1, -1), PLAIN),
            ("LINEABOVE", (0, 0), (-1, 0), 1.2, HexColor(INK)),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5, HexColor(LINE)),
            ("LINEBEFORE", (1, 0), (-1, 0), 0.5, HexColor(LINE)),
            ("LEFTPADDING", (0, 0), (0, 0), 0),
            ("LEFTPADDING", (1, 0), (-1, 0), 7),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ],
    )
    return [
        paragraph(f"{bold(states[0])}{soft(''.join(f' · {state}' for state in states[1:]))}", NOTE),
        paragraph(markup(_name(flag)), TITLE),
        paragraph(soft(f"NORAD {flag.norad_id} · {words.REGIMES.get(flag.regime, flag.regime)}")),
        paragraph(markup(words.headline(flag)), HEADLINE),
        glance,
    ]


def _explanation(flag: FlagRecord) -> Story:
    refused = flag.explanation != "maneuver"
    if not refused and not flag.explanation_note:
        return []
    title = f"No maneuver: {flag.explanation}" if refused else "A maneuver, with a doubt"
    parts = [paragraph(markup(title), SECTION), paragraph(markup(flag.explanation_note or "No evidence was kept."))]
    if refused:
        note = (
            "The event is kept and shown with the burn that would explain it, but counts as no burn: it ranks below the "
            "maneuvers and the object's pattern of life does not learn from it. The elements and residuals below are what "
            "was judged."
        )
        parts.append(paragraph(note, NOTE))
    return parts


def _why_and_who(flag: FlagRecord) -> Story:
    title = "Why it is unexpected" if flag.explanation == "maneuver" else "Why it is no maneuver"
    parts: Story = [paragraph(title, SECTION)]
    parts += [
        paragraph(f"{soft(f'{place}.')} {markup(reason)}", ITEM) for place, reason in enumerate(flag.reasons, start=1)
    ]
    if not flag.reasons:
        note = (
            "The assessment gave no reason: for this object the burn is routine, or there is too little history to say."
        )
        parts.append(paragraph(note, NOTE))
    parts.append(paragraph("Who is near", SECTION))
    if not flag.neighbours:
        return [*parts, paragraph("No object near the new orbit is on record.", NOTE)]
    rows = [
        [
            markup(one.get("name") or "–"),
            markup(one["norad_id"]),
            bold(words.number(one.get("miss_km"), 1)),
            markup((one.get("when") or "–")[:16].replace("T", " ")),
        ]
        for one in flag.neighbours
    ]
    head = ["Object", "NORAD", "Closest [km]", "When [UTC]"]
    return [*parts, table(head, rows, [4, 2, 2, 2.6], right=(1, 2, 3))]


def _timelines(facts: ReportFacts) -> Story:
    parts: Story = [paragraph("The orbit around the burn", SECTION)]
    picture = timelines(facts.sets, ELEMENTS, facts.flag, facts.others_in_span)
    if picture is None:
        return [*parts, paragraph("There is no element set around the burn to show.", NOTE)]
    parts += [picture, _key(facts, " Each point is an element set: SGP4 mean elements, semi-major axis after Brouwer.")]
    rows = [
        [
            markup(words.instant(row["epoch"])),
            markup(words.instant(row["available_at"])) + (soft(" imputed") if row["available_at_imputed"] else ""),
            markup(words.number(row["a_km"], 4)),
            markup(words.number(row["inclination_deg"], 4)),
            markup(words.number(row["eccentricity"], 7)),
            markup(row["source"]),
        ]
        for row in facts.near_sets
    ]
    head = ["Epoch [UTC]", "Available [UTC]", "a [km]", "i [°]", "e", "Source"]
    first = tuple(place for place, row in enumerate(facts.near_sets) if row["epoch"] == facts.flag.epoch_after)
    shaded = " The shaded row is the first set after the burn." if first else ""
    return [
        KeepTogether(parts),
        CondPageBreak(45 * mm),
        paragraph("Element sets nearest the burn", SUBSECTION),
        table(head, rows, [3, 3.8, 2, 1.6, 1.9, 1.6], right=(2, 3, 4), marked=first),
        *([paragraph(shaded.strip(), NOTE)] if shaded else []),
    ]


def _change(facts: ReportFacts) -> Story:
    flag = facts.flag
    title = paragraph("Before and after", SECTION)
    if not facts.elements:
        return [title, paragraph("The element sets that bracket the burn are not in the data of this report.", NOTE)]
    note = (
        "Mean elements (TEME). “Carried forward” is the earlier set at the later epoch, as SGP4 moves it without a burn; the "
        "change is counted from there, or from the earlier set where nothing is carried."
    )
    rows = [
        ["Epoch " + soft("[UTC]"), markup(words.instant(flag.epoch_before)), soft(words.instant(flag.epoch_after)),
         markup(words.instant(flag.epoch_after)), markup(words.duration(flag.epoch_after - flag.epoch_before))],
        ["Available " + soft("[UTC]"), _available(facts.before_available), soft("–"), _available(facts.after_available), ""],
    ]  # fmt: skip
    rows += [
        [
            markup(row.name) + (soft(f" [{row.unit}]") if row.unit else ""),
            markup(row.before),
            soft(row.carried),
            markup(row.after),
            bold(row.change),
        ]
        for row in facts.elements
    ]
    head = ["Element", "Before", "Carried forward", "After", "Change"]
    parts = [title, paragraph(markup(note), NOTE), table(head, rows, [3.4, 2.4, 2.4, 2.4, 2], right=(1, 2, 3, 4))]
    return [KeepTogether(parts)]


def _residuals(facts: ReportFacts) -> Story:
    parts: Story = [paragraph("Residuals", SECTION)]
    picture = timelines(facts.gaps, RESIDUALS, facts.flag, facts.others_in_span)
    if picture is None:
        return [*parts, paragraph("No residuals were given with this report.", NOTE)]
    note = (
        "Where each element set puts the object, less where the one before it said it would be, in the radial, along-track, "
        "cross-track frame (RTN, also called RIC)."
    )
    parts += [paragraph(note, NOTE), picture, _key(facts)]
    rows = [
        [
            markup(words.instant(gap["epoch"])),
            *(markup(words.number(gap[row.column], 3, sign=True)) for row in facts.residuals),
        ]
        for gap in facts.near_gaps
    ]
    head = ["Epoch of the later set [UTC]", *(row.title for row in facts.residuals)]
    first = tuple(place for place, gap in enumerate(facts.near_gaps) if gap["epoch"] == facts.flag.epoch_after)
    return [
        KeepTogether(parts),
        CondPageBreak(45 * mm),
        paragraph("Residuals nearest the burn", SUBSECTION),
        table(head, rows, [3, *(2.4 for _ in facts.residuals)], right=(1, 2, 3), marked=first),
    ]


def _burn(facts: ReportFacts) -> Story:
    flag = facts.flag
    components = (
        ("Radial, outward", flag.dv_r_m_s, flag.dv_r_sigma_m_s),
        ("Along-track, forward", flag.dv_t_m_s, flag.dv_t_sigma_m_s),
        ("Cross-track, orbit normal", flag.dv_n_m_s, flag.dv_n_sigma_m_s),
    )
    rows = [
        [markup(name), markup(words.number(value, 5, sign=True)), markup(words.number(sigma, 5))]
        for name, value, sigma in components
    ]
    rows.append([bold("Size"), bold(words.number(flag.dv_m_s, 5)), markup(words.number(flag.dv_sigma_m_s, 5))])
    parts: Story = [
        paragraph("The burn", SECTION),
        paragraph("Change of velocity in RTN, fitted as one impulse to the element sets on both sides.", NOTE),
        table(["Component", "Δv [m/s]", "σ [m/s]"], rows, [4, 2, 2], right=(1, 2)),
    ]
    picture = delta_v(flag, 0.7 * WIDTH)
    if picture is not None:
        parts.append(picture)
    if flag.fit_note or flag.fit_status != "fitted":
        status = f" {flag.fit_status}" if flag.fit_status != "fitted" else ""
        parts.append(paragraph(markup(f"Fit{status}{f': {flag.fit_note}' if flag.fit_note else ''}"), NOTE))
    held = f"{words.instant(flag.burn_time_low)} to {words.instant(flag.burn_time_high)} UTC"
    change = (
        f"Δa {words.number(flag.delta_a_km, 4, sign=True)} km, Δi {words.number(flag.delta_i_deg, 4, sign=True)}°, "
        f"Δe {words.number(flag.delta_e, 7, sign=True)}"
    )
    facts_of_it = [
        ["Burn time", markup(f"{words.instant(flag.burn_time)} UTC")],
        ["Interval that holds it", markup(f"{held} ({words.duration(flag.burn_time_high - flag.burn_time_low)})")],
        ["Change of the mean orbit", markup(change)],
        ["Misfit without the burn", markup(words.misfit(flag.chi2_ratio))],
        ["Kind", markup(flag.kind)],
        ["Explanation", markup(flag.explanation)],
    ]
    return [KeepTogether(parts), KeepTogether([pairs(facts_of_it)])]


def _quality_and_review(facts: ReportFacts) -> Story:
    parts: Story = [
        paragraph("Data quality", SECTION),
        *(paragraph(f"• {markup(note)}", ITEM) for note in facts.quality),
    ]
    parts.append(paragraph("Review", SECTION))
    if not facts.verdicts:
        looked = "Nobody has looked at this flag yet." if facts.flag.status == "open" else f"It is {facts.flag.status}."
        return [*parts, paragraph(markup(looked), NOTE)]
    rows = [
        [
            f"{step.decided_at:%Y-%m-%d %H:%M}",
            markup(step.who),
            f"{soft(f'{step.from_status} →')} {bold(step.to_status)}"
            + (f"<br/>{markup(step.note)}" if step.note else ""),
        ]
        for step in facts.verdicts
    ]
    return [*parts, table(["When [UTC]", "Who", "Step and note"], rows, [2.2, 1.8, 6])]


def _others(facts: ReportFacts) -> Story:
    if not facts.others:
        return []
    rows = [
        [
            markup(words.instant(other.burn_time)),
            markup(other.kind),
            markup(words.number(other.dv_m_s, words.decimals_for(other.dv_sigma_m_s))),
            markup(words.number(other.unexpectedness, 2)),
            markup(other.status),
            mono(other.flag_id[:8]),
        ]
        for other in facts.others
    ]
    head = ["Burn time [UTC]", "Kind", "Δv [m/s]", "Unexpectedness", "Status", "Flag"]
    title = paragraph("Other flags of this object", SECTION)
    return [title, table(head, rows, [2.6, 3.4, 1.5, 2, 1.7, 1.6], right=(2, 3))]


def _provenance(flag: FlagRecord) -> Story:
    told = [
        ["Flag", f"{mono(flag.flag_id)}{markup(f', version {flag.version}')}"],
        ["Detector", f"{markup(flag.detector)}, model {mono(flag.model_version)}"],
        ["Score and threshold", markup(f"{words.number(flag.score, 4)} against {words.number(flag.threshold, 4)}")],
        ["Data snapshot", mono(flag.data_snapshot)],
        ["Configuration", mono(flag.config_hash)],
        ["Data available", markup(f"{words.instant(flag.available_at)} UTC, from then on the burn could be seen")],
        ["First flagged", markup(f"{words.instant(flag.first_seen_at)} UTC")],
        ["Last changed", markup(f"{words.instant(flag.updated_at)} UTC")],
    ]
    return [KeepTogether([paragraph("Provenance", SECTION), pairs(told)])]


def _key(facts: ReportFacts, more: str = "") -> Flowable:
    """What the colors and shapes of a picture stand for."""
    parts = [
        f'<font color="{BEFORE}">●</font> before',
        f'<font color="{AFTER}">◆</font> after',
        f'<font color="{BURN}">┆</font> burn, and the interval that holds it',
    ]
    if facts.others:
        parts.append(f'<font color="{QUIET}">┊</font> other flags of this object')
    return paragraph("   ".join(parts) + "." + markup(more), NOTE)


def _available(told: tuple[object, bool]) -> str:
    at, imputed = told
    return markup(words.instant(at)) + (soft(" imputed") if imputed else "")  # type: ignore[arg-type]


def _name(flag: FlagRecord) -> str:
    return flag.name or f"Object {flag.norad_id}"
