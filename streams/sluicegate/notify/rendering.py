"""Messages by template (Jinja2, sandboxed): the built-in ones, or the user's own.

Templates see `alert` (the `data` of the event as the endpoint may see it), `event` (its attributes) and `link` (to the
console; empty where no console_url is given). What they put out is escaped for where it stands: HTML; or, in Slack's
JSON, texts within quotation marks, with Slack's own `&`, `<` and `>`.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateError, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from sluicegate.errors import SettingsError
from sluicegate.notify.endpoints import Email, Slack, Webhook
from sluicegate.notify.names import bare

__all__ = ["TEMPLATES", "Templates", "UnrenderedError"]

TEMPLATES = Path(__file__).parent / "templates"
"""Folder of the built-in templates."""
_MOST = 256 << 10


class UnrenderedError(Exception):
    """A template failed on an alert. Operator action: correct the template, then replay what was given up."""


class Templates:
    """The templates of one endpoint."""

    def __init__(
        self, endpoint: Webhook | Slack | Email, console_url: str, samples: Sequence[Mapping[str, Any]]
    ) -> None:
        """Raises SettingsError with file and line where a template is none, or fails on a sample."""
        given = {}
        if isinstance(endpoint, Slack):
            given = {"slack.json": endpoint.template}
        elif isinstance(endpoint, Email):
            given = {
                "mail.subject": endpoint.subject_template,
                "mail.txt": endpoint.text_template,
                "mail.html": endpoint.html_template,
            }
        self._console = console_url
        self._loader = loader = _Loader({name: path for name, path in given.items() if path})
        self._plain = _environment(loader)
        self._html = _environment(loader, autoescape=True)
        self._json = _environment(loader, finalize=_within_json)
        try:
            for event in (shape for sample in samples for shape in (sample, bare(sample))):
                for name in given:
                    (self.json if name.endswith(".json") else self.text)(name, event)
        except UnrenderedError as error:
            raise SettingsError(str(error)) from None

    def text(self, name: str, event: Mapping[str, Any]) -> str:
        """A mail's part. Raises UnrenderedError."""
        environment = self._html if name.endswith(".html") else self._plain
        return _rendered(environment, name, self._shown(event))

    def json(self, name: str, event: Mapping[str, Any]) -> bytes:
        """A JSON body. Raises UnrenderedError."""
        made = _rendered(self._json, name, self._shown(event))
        try:
            return json.dumps(json.loads(made), ensure_ascii=False).encode()
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            raise UnrenderedError(f"{self._loader.place(name)}: line {line} of what it gives is no JSON") from None

    def digest(self, part: str, events: Sequence[Mapping[str, Any]]) -> str:
        """A part (subject, txt or html) of a mail about several alerts. Raises UnrenderedError."""
        environment = self._html if part == "html" else self._plain
        return _rendered(environment, f"digest.{part}", {"alerts": [self._shown(event) for event in events]})

    def _shown(self, event: Mapping[str, Any]) -> dict[str, Any]:
        data = event["data"]
        link = f"{self._console}/alerts/{quote(str(data['alert_id']), safe='')}" if self._console else ""
        attributes = {key: value for key, value in event.items() if key != "data"}
        return {"alert": data, "event": attributes, "link": link}


class _Loader(BaseLoader):
    """Built-in templates by name, and the user's in place of them; includes reach built-in ones only."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def place(self, name: str) -> str:
        return self._given.get(name) or f"built-in template {name}"

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Any]:
        path = Path(self._given.get(template) or TEMPLATES / template)
        if template not in self._given and path.parent != TEMPLATES:
            raise TemplateNotFound(template)
        try:
            return path.read_text("utf-8"), str(path), lambda: True
        except (OSError, UnicodeDecodeError) as error:
            raise UnrenderedError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None


def _environment(loader: _Loader, *, autoescape: bool = False, finalize: Any = None) -> Environment:
    return ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _within_json(value: Any) -> Any:
    """A value as it stands between the quotation marks of a JSON text; what `tojson` made stays as it is."""
    if isinstance(value, Markup):
        return value
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _rendered(environment: Environment, name: str, values: Mapping[str, Any]) -> str:
    loader = environment.loader
    assert isinstance(loader, _Loader)
    try:
        template: Template = environment.get_template(name)
        made = template.render(values)
    except UnrenderedError:
        raise
    except TemplateSyntaxError as error:
        raise UnrenderedError(f"{loader.place(name)}:{error.lineno}: {error.message}") from None
    except Exception as error:  # noqa: BLE001 (whatever a template provokes)
        # a template's own words tell of names in it; any other exception's may tell of an alert
        why = str(error) if isinstance(error, TemplateError) else type(error).__name__
        raise UnrenderedError(f"{loader.place(name)}:{_line(error)}: {why}") from None
    if len(made) > _MOST:
        raise UnrenderedError(f"{loader.place(name)}: more than {_MOST >> 10} KiB")
    return made


def _line(error: BaseException) -> int:
    """The line of a template at which it failed."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.endswith(".py")]
    return (frames[-1].lineno or 1) if frames else 1
