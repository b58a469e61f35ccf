"""Styles and scripts: our own, and those that installed packages carry; each at an address that names its content."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

_OWN = Path(__file__).parent / "static"
# Name -> the package that carries it, and where.
_VENDORED = {
    "htmx.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
    "plotly.js": ("plotly", "package_data/plotly.min.js"),
}
_FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load."""

    content: bytes
    packed: bytes
    media_type: str
    digest: str


def asset_url(name: str) -> str:
    """The address of a file, which changes with its content, so that browsers may keep it for ever."""
    return f"/static/{_asset(name).digest}/{name}"


@cache
def plotly_style_ids() -> list[str]:
    """Ids of the styles that plotly.js writes into a page, which the policy refuses, where nothing has these ids yet."""
    return re.findall(r'getElementById\("([0-9a-f]{64})"\)', _asset("plotly.js").content.decode())


@router.get("/static/{digest}/{name:path}")
def serve_asset(request: Request, digest: str, name: str) -> Response:
    """One file."""
    try:
        asset = _asset(name)
    except KeyError as error:
        raise HTTPException(404) from error
    if digest != asset.digest:
        raise HTTPException(404)
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@cache
def _asset(name: str) -> Asset:
    content = _paths()[name].read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    digest = hashlib.blake2b(content, digest_size=8).hexdigest()
    return Asset(content, gzip.compress(content, mtime=0), kind, digest)


@cache
def _paths() -> dict[str, Path]:
    """Every file that may be asked for: what is not named here is not served."""
    own = {path.relative_to(_OWN).as_posix(): path for path in sorted(_OWN.rglob("*")) if path.is_file()}
    return own | {name: _package(package) / inner for name, (package, inner) in _VENDORED.items()}


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)  # does not import it: Django need not run for a file
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is missing: pip install 'burnwatch[review]'")
    return Path(spec.submodule_search_locations[0])
