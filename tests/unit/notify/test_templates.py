"""What is wrong with a template is found before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from sluicegate.errors import SettingsError
from sluicegate.notify.endpoint_file import EndpointFile
from sluicegate.notify.endpoints import Slack
from sluicegate.notify.notifier import Notifier
from sluicegate.notify.settings import NotifySettings
from sluicegate.settings import Settings


def test_a_template_that_fails_is_found_at_the_start_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK", "https://hooks.example/x")
    for text, said in (
        ('{"text":\n "{{ alert.titel }}"}', ":2: 'dict object' has no attribute 'titel'"),
        ("{\n{% if %}", ":2: Expected an expression, got 'end of statement block'"),
        ('{"text": {{ alert.title }}}', ": line 1 of what it gives is no JSON"),
        (
            '{"text": "{{ alert.__class__.__mro__ }}"}',
            ":1: access to attribute '__class__' of 'dict' object is unsafe.",
        ),
        ('{% include "/etc/passwd" %}', ":1: /etc/passwd"),
        ("{% for n in range(99999) %}0123456789{% endfor %}", ": more than 256 KiB"),
    ):
        file = tmp_path / "slack.json"
        file.write_text(text)
        endpoint = Slack(name="ops", url_env="SLACK", template=str(file))
        with pytest.raises(SettingsError) as caught:
            Notifier(Settings(), NotifySettings(port=0), EndpointFile((endpoint,)))
        assert str(caught.value) == f"{file}{said}"
