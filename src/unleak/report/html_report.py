"""The report of an incident as one HTML file, for people who would rather look than read.

Nothing is fetched: style, scripts and data are in the file, and its Content-Security-Policy allows
only scripts and styles of these very hashes.  Jinja escapes every text, the data that the script
reads is inert JSON, and the script puts it into the page as text only.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from unleak import __version__
from unleak.report.chain import chain_of
from unleak.report.html_data import embedded, graph_data, timeline_data
from unleak.report.html_view import parts, view_of
from unleak.report.wording import clean

if TYPE_CHECKING:
    from jinja2 import Environment

    from unleak.model.incident import Incident
    from unleak.model.trace import Trace

_STYLES = ("uPlot.min.css", "report.css")
_SCRIPTS = ("cytoscape.min.js", "uPlot.iife.min.js", "chain.js", "timeline.js", "report.js")
_LICENCES = (
    ("Cytoscape.js draws the chain", "cytoscape.LICENSE"),
    ("uPlot draws the timeline", "uPlot.LICENSE"),
)


def incident_html(incident: Incident, trace: Trace | None = None) -> str:
    """Return the report as one self-contained HTML document.

    Key ids are in it, they are no secrets; nothing else of a credential is.

    Args:
        incident: the response as the journal tells it.
        trace: what CloudTrail shows, where the person has given it.
    """
    style = "\n".join(_asset(name) for name in _STYLES)
    scripts = [_asset(name) for name in _SCRIPTS]
    chain = chain_of(incident, trace)
    return (
        _templates()
        .get_template("report.html.jinja")
        .render(
            view_of(incident, chain, trace),
            policy=_policy(style, scripts),
            style=style,
            scripts=scripts,
            graph=embedded(graph_data(chain)),
            timeline=embedded(timeline_data(incident, trace)),
            licences=[(what, _asset(name)) for what, name in _LICENCES],
            version=__version__,
        )
    )


def _templates() -> Environment:
    """Return Jinja, set to escape everything and to refuse a name that nothing stands for."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only here

    templates = Environment(
        loader=PackageLoader("unleak.report", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    templates.filters["parts"] = parts
    return templates


def _shown(value: object) -> object:
    """Clean a text before it is escaped; spaces at its ends stay, for code and sentences."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    bare = value.strip(" ")
    if not bare:
        return value
    start = len(value) - len(value.lstrip(" "))
    return f"{' ' * start}{clean(bare)}{' ' * (len(value) - start - len(bare))}"


def _policy(style: str, scripts: list[str]) -> str:
    """Return the Content-Security-Policy: these scripts, this style, and nothing else at all."""
    allowed = " ".join(_hash(each) for each in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _asset(name: str) -> str:
    """Return a file of ours that goes into the page as it is."""
    return (resources.files("unleak.report") / "assets" / name).read_text(encoding="utf-8")
