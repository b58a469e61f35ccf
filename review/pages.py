"""What pages share: templates, the one style, the scripts and the policy that lets just these in."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from review.figures import Figure

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:  # noqa: ANN401
    """A self-contained page.

    plotly.js is in it (4.8 MB: the Python package ships the full bundle only), so it opens anywhere, for ever. Its
    content security policy runs this page's two scripts, by their hashes, and nothing else, and reaches no network.
    """
    return _environment().get_template(template).render(**values, **_assets())


def figure_json(figure: Figure | None) -> Markup | None:
    """A figure for a block of data in the page, which only ``<`` could end."""
    if figure is None:
        return None
    return Markup(plain_json(figure).replace("<", "\\u003c"))  # noqa: S704


def plain_json(data: object) -> str:
    """JSON as short as can be; what is not finite is refused."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _assets() -> dict[str, Any]:
    """The page's style and scripts, and the policy that lets just these in."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    scripts = [get_plotlyjs(), (_TEMPLATES / "report.js").read_text(encoding="utf-8")]
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(_source(script) for script in scripts),
        "style-src": "'unsafe-inline'",  # plotly.js writes its own; with no source of images or fonts it can tell nobody
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return {
        "policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "style": Markup(style),  # noqa: S704
        "scripts": [Markup(script) for script in scripts],  # noqa: S704
    }


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
