"""Pages are modules of `sluicegate.console.pages`; each names its `routes`. Templates are strict and escape."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from sluicegate.console import pages
from sluicegate.console.web import values, words
from sluicegate.version import __version__

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from sluicegate.console.web.asked import Asked

__all__ = ["FOLDER", "plain", "render", "routes"]

FOLDER = Path(__file__).parent.parent
THEMES = ("auto", "light", "dark")


def routes() -> list[BaseRoute]:
    """Of all pages."""
    found: list[BaseRoute] = []
    for module in sorted(iter_modules(pages.__path__), key=lambda module: module.name):
        found += import_module(f"{pages.__name__}.{module.name}").routes
    return found


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"version": __version__, "static": static_path}
    made.filters |= words.FILTERS | {"account": values.account}
    return made


@cache
def static_path(name: str) -> str:
    """Address of a static file; it changes with the content, so that browsers may keep it for ever."""
    content = (FOLDER / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def plain(request: Request, template: str, code: int = 200, **shown: Any) -> HTMLResponse:
    """A page for somebody who may not be signed in."""
    theme = request.cookies.get("sluicegate_theme", "auto")
    text = (
        _templates()
        .get_template(template)
        .render(path=request.url.path, theme=theme if theme in THEMES else "auto", **shown)
    )
    return HTMLResponse(text, code)


def render(asked: Asked, template: str, code: int = 200, **values: Any) -> HTMLResponse:
    """A page for the person who asked."""
    return plain(asked.request, template, code, person=asked.person, csrf=asked.csrf, now=asked.now, **values)
