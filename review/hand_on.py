"""A flag in every form in which it is handed on: for people, for programs, for other operators."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Literal

import pandas as pd

from catalog.omm import omm_json, omm_kvn
from review.desk import Desk
from review.errors import ReviewError
from review.export import finding_json, findings_csv, flag_json, flags_csv, flags_json, sets_csv
from review.material import gather, used_sets
from review.ocm import NoManeuverError, ocm, why_no_ocm
from review.records import FlagRecord

_JSON, _CSV, _TEXT = "application/json", "text/csv; charset=utf-8", "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_AT_ONCE = 1000  # flags written in one go


class UnknownFormatError(ReviewError):
    """There is no such form of a flag or a finding."""

    def __init__(self, wanted: str, known: Iterable[str]) -> None:
        self.wanted = wanted
        super().__init__(f"no format {wanted!r}: there are {', '.join(known)}")


class NotInstalledError(ReviewError):
    """A form needs a package that is not installed."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is missing: pip install 'burnwatch[review]'")


@dataclass(frozen=True, slots=True)
class Form:
    """One form: the end of its file's name, its media type, what it is in words, and what makes it."""

    file: str
    media_type: str
    meaning: str
    make: Callable[[Desk, str], bytes]


@dataclass(frozen=True, slots=True)
class Handed:
    """A file to hand on; its name is made of ids alone."""

    name: str
    media_type: str
    content: bytes


def hand_on(desk: Desk, flag_id: str, form: str) -> Handed:
    """A flag in one of `FORMS`.

    Raises
    ------
    UnknownFormatError
    review.errors.UnknownFlagError, AmbiguousIdError
    review.ocm.NoManeuverError
        For an OCM, where the flag holds no maneuver to hand on.
    """
    if form not in FORMS:
        raise UnknownFormatError(form, FORMS)
    chosen = FORMS[form]
    flag = desk.flags.get(flag_id)
    return Handed(f"{flag.flag_id}-{chosen.file}", chosen.media_type, chosen.make(desk, flag.flag_id))


def hand_on_finding(desk: Desk, finding_id: str, form: str) -> Handed:
    """A finding in one of `FINDING_FORMS`.

    Raises
    ------
    UnknownFormatError
    review.errors.UnknownFindingError, AmbiguousIdError
    review.ocm.NoManeuverError
        For an OCM, where none of its burns is a maneuver to hand on.
    """
    if form not in FINDING_FORMS:
        raise UnknownFormatError(form, FINDING_FORMS)
    chosen = FINDING_FORMS[form]
    finding = desk.flags.findings.get(finding_id)
    return Handed(f"{finding.finding_id}-{chosen.file}", chosen.media_type, chosen.make(desk, finding.finding_id))


def write_flags(file: IO[bytes], flags: Iterable[FlagRecord], form: Literal["csv", "json"]) -> None:
    """Any number of flags as one CSV or JSON document, of which only a part is in memory at a time."""
    empty = True
    if form == "csv":
        file.write(flags_csv([]).encode())
    rest = iter(flags)
    while some := list(islice(rest, _AT_ONCE)):
        if form == "csv":
            file.write(flags_csv(some).encode().split(b"\r\n", 1)[1])
        else:  # without the brackets of its own
            file.write((b"[\n" if empty else b",\n") + flags_json(some).encode()[2:-3])
        empty = False
    if form == "json":
        file.write(b"[]\n" if empty else b"\n]\n")


def _json(desk: Desk, flag_id: str) -> bytes:
    flag = desk.flags.get(flag_id)
    return (json.dumps(flag_json(flag), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _csv(desk: Desk, flag_id: str) -> bytes:
    return flags_csv([desk.flags.get(flag_id)]).encode()


def _ocm(desk: Desk, flag_id: str) -> bytes:
    return ocm([desk.flags.get(flag_id)], desk.objects(), config=desk.config.review).encode()


def _omm_kvn(desk: Desk, flag_id: str) -> bytes:
    sets = used_sets(desk.elements, desk.flags.get(flag_id), desk.config)
    return omm_kvn(sets, desk.objects(), originator=desk.config.review.originator).encode()


def _omm_json(desk: Desk, flag_id: str) -> bytes:
    sets = used_sets(desk.elements, desk.flags.get(flag_id), desk.config)
    return omm_json(sets, desk.objects(), originator=desk.config.review.originator).encode()


def _sets(desk: Desk, flag_id: str) -> bytes:
    return sets_csv(used_sets(desk.elements, desk.flags.get(flag_id), desk.config)).encode()


def _html(desk: Desk, flag_id: str) -> bytes:
    from review.report import render_report

    material = gather(desk.flags, desk.elements, flag_id, desk.config)
    page = render_report(
        material.flag,
        material.history,
        material.features,
        generated_at=datetime.now(UTC),
        verdicts=material.verdicts,
        other_flags=material.others,
        config=desk.config.review,
    )
    return page.encode()


def _pdf(desk: Desk, flag_id: str) -> bytes:
    try:  # an extra that the desk needs and the rest does not
        from review.pdf import render_pdf
    except ModuleNotFoundError as error:
        raise NotInstalledError(error.name or "reportlab") from error
    from review.report_facts import report_facts

    material = gather(desk.flags, desk.elements, flag_id, desk.config)
    facts = report_facts(
        material.flag,
        material.history,
        material.features,
        generated_at=datetime.now(UTC),
        verdicts=material.verdicts,
        other_flags=material.others,
        config=desk.config.review,
    )
    return render_pdf(facts)


def _package(desk: Desk, flag_id: str) -> bytes:
    try:
        from review.package import package
    except ModuleNotFoundError as error:
        raise NotInstalledError(error.name or "reportlab") from error

    return package(desk, flag_id)


FORMS: dict[str, Form] = {
    "html": Form("report.html", _HTML, "the report as a page that needs no network", _html),
    "pdf": Form("report.pdf", "application/pdf", "the report on paper", _pdf),
    "json": Form("flag.json", _JSON, "the flag for a program (docs/flag.schema.json)", _json),
    "csv": Form("flag.csv", _CSV, "the flag for a spreadsheet", _csv),
    "ocm": Form("ocm.kvn", _TEXT, "the maneuver as a CCSDS Orbit Comprehensive Message", _ocm),
    "omm": Form("omm.kvn", _TEXT, "the element sets as CCSDS Orbit Mean-Elements Messages", _omm_kvn),
    "omm-json": Form("omm.json", _JSON, "the element sets as OMM in JSON, as CelesTrak publishes them", _omm_json),
    "sets": Form("sets.csv", _CSV, "the element sets with when each became available", _sets),
    "zip": Form("package.zip", "application/zip", "all of it with provenance and checksums, for partners", _package),
}


def _finding_json(desk: Desk, finding_id: str) -> bytes:
    finding = desk.flags.findings.get(finding_id)
    return (json.dumps(finding_json(finding), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _finding_csv(desk: Desk, finding_id: str) -> bytes:
    return findings_csv([desk.flags.findings.get(finding_id)]).encode()


def _finding_ocm(desk: Desk, finding_id: str) -> bytes:
    finding = desk.flags.findings.get(finding_id)
    flags = desk.flags.findings.flags(finding.finding_id)
    burns = [flag for flag in flags if not why_no_ocm(flag)]
    if not burns:
        reason = why_no_ocm(flags[0]) if flags else "none of its burns is flagged"
        raise NoManeuverError(flags[0].flag_id if flags else finding.finding_id, reason)
    message_id = f"{finding.finding_id}-{finding.version}"
    return ocm(burns, desk.objects(), message_id=message_id, config=desk.config.review).encode()


def _finding_html(desk: Desk, finding_id: str) -> bytes:
    from review.finding_report import company, render_finding, span

    config = desk.config.review
    finding = desk.flags.findings.get(finding_id)
    first, last = span(finding, config)
    ids = [finding.norad_id, *company(finding, config)]
    page = render_finding(
        finding,
        desk.flags.findings.flags(finding.finding_id),
        desk.elements.history(ids, since=pd.Timestamp(first), until=pd.Timestamp(last)),
        names=desk.names(ids),
        generated_at=datetime.now(UTC),
        config=config,
    )
    return page.encode()


FINDING_FORMS: dict[str, Form] = {
    "html": Form("report.html", _HTML, "the report as a page that needs no network", _finding_html),
    "json": Form("finding.json", _JSON, "the finding for a program (docs/finding.schema.json)", _finding_json),
    "csv": Form("finding.csv", _CSV, "the finding for a spreadsheet", _finding_csv),
    "ocm": Form("ocm.kvn", _TEXT, "its maneuvers as a CCSDS Orbit Comprehensive Message", _finding_ocm),
}
