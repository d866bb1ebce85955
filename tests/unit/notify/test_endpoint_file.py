"""Endpoint files: what is refused, where and why; and that the template shows every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sluicegate.cli.main import cli
from sluicegate.errors import SettingsError
from sluicegate.notify.endpoint_file import EndpointFile, load, parse
from sluicegate.notify.endpoints import KINDS, Email, Webhook
from sluicegate.notify.rendering import TEMPLATES

HERE = Path("/etc/notify")
WEBHOOK = '[[endpoint]]\nkind = "webhook"\nname = "siem"\nurl = "https://a.example/x"\nsecret_files = ["s"]\n'
SLACK = '[[endpoint]]\nkind = "slack"\nname = "ops"\nurl_file = "u"\n'
EMAIL = '[[endpoint]]\nkind = "email"\nname = "m"\nhost = "h"\nsender = "a@b.example"\nto = ["c@b.example"]\n'


def faults(text: str) -> list[str]:
    found = parse(text, HERE)
    assert not isinstance(found, EndpointFile)
    return [" ".join(map(str, fault)) for fault in found]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1 endpoint missing; expected at least one table [[endpoint]]"),
        ("a = ", "1  no TOML: Invalid value"),
        ('consol_url = "x"\n' + WEBHOOK, "1 consol_url unknown key; did you mean console_url?"),
        ('console_url = "console"\n' + WEBHOOK, "1 console_url expected an http or https URL"),
        ("console_url = 1\n" + WEBHOOK, "1 console_url expected text"),
        ('endpoint = "x"', "1 endpoint missing; expected at least one table [[endpoint]]"),
        ("endpoint = [1]", "1 endpoint[0] expected a table [[endpoint]]"),
        (
            WEBHOOK.replace("webhook", "pager"),
            "2 endpoint[0].kind expected one of webhook, slack, email",
        ),
        (WEBHOOK + 'urll = "x"', "6 endpoint[0].urll unknown key; did you mean url?"),
        (WEBHOOK + 'host = "x"', None),
        (
            WEBHOOK.replace('"siem"', '"SIEM"'),
            "3 endpoint[0].name expected 1 to 40 of a-z, 0-9, - and _, not - or _ first; found other text",
        ),
        (
            WEBHOOK + WEBHOOK,
            "8 endpoint[1].name another endpoint has this name: what waits for either could not be told apart",
        ),
        (WEBHOOK + "concurrency = 0", "6 endpoint[0].concurrency expected a whole number from 1 to 64; found a number"),
        (WEBHOOK + 'personal_data = "no"', "6 endpoint[0].personal_data expected true or false; found other text"),
        (
            WEBHOOK + 'activities = ["create", "closed"]',
            "6 endpoint[0].activities[1] expected one of close, create, update; found other text",
        ),
        (
            WEBHOOK + 'tenants = ["acme", "*"]',
            "6 endpoint[0].tenants[1] expected a tenant; without `tenants` all are meant",
        ),
        (WEBHOOK + 'rules = ["pay-spik"]', "6 endpoint[0].rules[0] unknown rule; did you mean pay-spike?"),
        (
            WEBHOOK.replace("https:", "http:"),
            "4 endpoint[0].url expected https: what is sent could be read on its way"
            " (http only with allow_private = true)",
        ),
        (
            WEBHOOK.replace("a.example", "me:word@a.example"),
            "4 endpoint[0].url no password belongs into a URL: use authorization_file or authorization_env",
        ),
        (WEBHOOK + 'url_env = "X"', "6 endpoint[0].url_env exactly one of url, url_file and url_env is needed"),
        (
            WEBHOOK.replace('secret_files = ["s"]\n', ""),
            "3 endpoint[0].name secret_files or secret_env is needed: what is not signed cannot be told from a forgery",
        ),
        (
            SLACK.replace('url_file = "u"', 'url = "https://hooks.example/T/B/x"'),
            "4 endpoint[0].url whoever knows the URL may write: put it into url_file or url_env",
        ),
        (
            EMAIL + 'tls = "none"',
            "7 endpoint[0].tls none only with allow_private = true: the mail could be read on its way",
        ),
        (EMAIL + 'user = "u"', "7 endpoint[0].user user and password_file or password_env go together"),
        (
            EMAIL.replace('["c@b.example"]', '["Ann <c@b.example>"]'),
            "6 endpoint[0].to[0] expected an e-mail address such as ops@example.com; found other text",
        ),
        (EMAIL.replace('host = "h"\n', ""), None),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_what_is_allowed(text: str, fault: str | None) -> None:
    found = faults(text)
    assert len(found) == 1
    if fault is not None:
        assert found == [fault]


def test_no_fault_repeats_a_value_that_may_be_secret() -> None:
    found = faults(WEBHOOK + 'password = "hunter2"\nsecret_env = "whsec_hunter2"')
    assert len(found) == 2
    assert "hunter2" not in "".join(found)


def test_files_are_meant_from_where_the_endpoint_file_is() -> None:
    found = parse(WEBHOOK + EMAIL + 'user = "u"\npassword_file = "/run/p"\nhtml_template = "t/m.html"', HERE)
    assert isinstance(found, EndpointFile)
    webhook, mail = found.endpoints
    assert isinstance(webhook, Webhook)
    assert isinstance(mail, Email)
    assert webhook.secret_files == ("/etc/notify/s",)
    assert (mail.password_file, mail.html_template, mail.text_template) == ("/run/p", "/etc/notify/t/m.html", "")


def test_load_names_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "n.toml"
    for text, said in ((WEBHOOK + "x = 1", f"{file}:6: endpoint[0].x: unknown key"), ("=", f"{file}:1: no TOML")):
        file.write_text(text)
        with pytest.raises(SettingsError) as caught:
            load(str(file))
        assert str(caught.value).startswith(said)
    for path, said in (("", "no endpoint file"), (str(tmp_path / "no"), f"{tmp_path / 'no'}: No such file")):
        with pytest.raises(SettingsError, match=said):
            load(path)


def test_the_template_shows_every_key_with_its_default_and_is_sound() -> None:
    text = CliRunner().invoke(cli, ["notify", "template"]).output
    assert text == (TEMPLATES / "endpoints.toml").read_text()
    found = parse(text, HERE)
    assert isinstance(found, EndpointFile)
    assert [one.kind for one in found.endpoints] == list(KINDS)
    fields = {field for kind in KINDS.values() for field in kind.__struct_fields__}
    assert [field for field in fields if not re.search(rf"\b{field}\b", text)] == []
    uncommented = parse(re.sub(r"^# (?=[a-z_]+ = )", "", text, flags=re.MULTILINE), HERE)
    assert isinstance(uncommented, EndpointFile)
    for given, whole in zip(found.endpoints, uncommented.endpoints, strict=True):
        for field in ("revisions", "concurrency", "per_minute", "min_severity", "give_up_hours", "timeout_seconds"):
            assert getattr(given, field) == getattr(whole, field), (given.kind, field)
