"""A flag with all that tells of it in one file for partners: it can be checked, and made again byte for byte."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from catalog.omm import omm_json, omm_kvn
from review.columns import iso_z
from review.desk import Desk
from review.export import flag_json, sets_csv
from review.material import Material, gather_version
from review.ocm import ocm, why_no_ocm
from review.pdf import render_pdf
from review.report import render_report
from review.report_facts import report_facts

_MEANINGS = {
    "report.html": "the report as a page that needs no network",
    "report.pdf": "the same report on paper",
    "flag.json": "the flag for a program",
    "ocm.kvn": "the maneuver as a CCSDS Orbit Comprehensive Message (502.0-B-3)",
    "omm.kvn": "the element sets as CCSDS Orbit Mean-Elements Messages (502.0-B-3)",
    "omm.json": "the same messages in JSON",
    "sets.csv": "the element sets, with when each became available",
    "provenance.json": "what the files were made from, and by what",
}
_FIRST_ZIP_YEAR = 1980


def package(desk: Desk, flag_id: str) -> bytes:
    """A ZIP archive with the report, the data, the messages, their provenance and their checksums.

    It holds what the flag's present version knew (`review.material.gather_version`), and is the same for as long as the flag,
    its element sets and the object's entry in the catalog are not changed. The names and notes of those who reviewed it are not in it, nor are the object's other flags.

    Raises
    ------
    review.errors.UnknownFlagError, AmbiguousIdError
    """
    material = gather_version(desk.flags, desk.elements, flag_id, desk.config)
    # Who has it stays in the house; its rank and its finding change with other flags.
    flag = replace(material.flag, assignee="", rank=None, finding_id=None)
    material = replace(material, flag=flag)
    files = _files(desk, material)
    files["provenance.json"] = _json(_provenance(desk, material, files))
    sums = "".join(f"{_digest(content)}  {name}\n" for name, content in files.items())
    return _archive(files | {"SHA256SUMS": sums.encode()}, material.flag.updated_at)


def _files(desk: Desk, material: Material) -> dict[str, bytes]:
    flag, config = material.flag, desk.config.review
    told: dict[str, Any] = {"generated_at": flag.updated_at, "config": config}
    page = render_report(flag, material.history, material.features, **told)
    facts = report_facts(flag, material.history, material.features, **told)
    sets, objects = material.history, desk.objects()
    files = {"report.html": page.encode(), "report.pdf": render_pdf(facts), "flag.json": _json(flag_json(flag))}
    if not why_no_ocm(flag):
        files["ocm.kvn"] = ocm([flag], objects, config=config).encode()
    files["omm.kvn"] = omm_kvn(sets, objects, originator=config.originator).encode()
    files["omm.json"] = omm_json(sets, objects, originator=config.originator).encode()
    files["sets.csv"] = sets_csv(sets).encode()
    return files


def _provenance(desk: Desk, material: Material, files: dict[str, bytes]) -> dict[str, Any]:
    flag, sets = material.flag, material.history
    reason = why_no_ocm(flag)
    return {
        "flag_id": flag.flag_id,
        "flag_version": flag.version,
        "originator": desk.config.review.originator,
        "classification": desk.config.review.classification,
        "statement": "Inferred from public element sets, which are fits over days of tracking: not observed directly, and "
        "not a statement of the operator.",
        "made_by": {
            "software": "burnwatch",
            "software_version": version("burnwatch"),
            "detector": flag.detector,
            "model_version": flag.model_version,
            "score": flag.score,
            "threshold": flag.threshold,
            "data_snapshot": flag.data_snapshot,
            "config_hash": flag.config_hash,
        },
        "times": {
            "data_available_at": iso_z(flag.available_at),
            "first_seen_at": iso_z(flag.first_seen_at),
            "version_written_at": iso_z(flag.updated_at),
        },
        "review": {"status": str(flag.status), "judged_kind": flag.judged_kind},
        "element_sets": {
            "norad_id": flag.norad_id,
            "count": len(sets),
            "sources": sorted(set(sets["source"])),
            "available_at_imputed": int(sets["available_at_imputed"].sum()),
            "first_epoch": iso_z(sets["epoch"].min()) if len(sets) else None,
            "last_epoch": iso_z(sets["epoch"].max()) if len(sets) else None,
            "known_at": iso_z(flag.updated_at),
        },
        "left_out": {"ocm.kvn": reason} if reason else {},
        "files": [
            {"name": name, "bytes": len(content), "sha256": _digest(content), "meaning": _MEANINGS[name]}
            for name, content in files.items()
        ],
    }


def _archive(files: dict[str, bytes], at: datetime) -> bytes:
    """Files in their order, all of one time, with nothing in it of the machine that packs them."""
    written = io.BytesIO()
    utc = at.astimezone(UTC)
    time = (max(utc.year, _FIRST_ZIP_YEAR), utc.month, utc.day, utc.hour, utc.minute, utc.second)
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, time)
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=6)
    return written.getvalue()


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
