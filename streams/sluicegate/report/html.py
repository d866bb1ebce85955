"""A report as one HTML file: no scripts, nothing loaded from elsewhere, ready to be printed."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from sluicegate.report.document import Document

__all__ = ["html"]

_TEMPLATE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
    Path(__file__).with_name("report.html").read_text(encoding="utf-8")
)


def html(document: Document) -> str:
    """The page; whatever the document holds is escaped.

    >>> "&lt;b&gt;" in html(Document("<b>", (), ()))
    True
    """
    return _TEMPLATE.render(document=document)
