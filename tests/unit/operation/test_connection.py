"""Settings of security: what goes together, what is refused, and that no secret is ever shown."""

import ssl
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sluicegate.acls import COMPONENTS, grants
from sluicegate.cli.acl_pages import pages
from sluicegate.connection import Connection
from sluicegate.embedded.certificates import Authority
from sluicegate.errors import SettingsError
from sluicegate.security import aiokafka_options, kafka_python_options, password, ssl_context
from sluicegate.settings import Settings, load
from sluicegate.topics import plan

SCRAM = {"kafka_security_protocol": "SASL_SSL", "kafka_sasl_mechanism": "SCRAM-SHA-512", "kafka_username": "ann"}
SECRET = "hunter2-hunter2"


def faults(**fields: Any) -> dict[str, str]:
    made = Connection(**fields)
    return dict([*made.conflicts(), *made.absent()])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, set()),
        ({"kafka_security_protocol": "SSL"}, set()),
        (SCRAM | {"kafka_password": SECRET}, set()),
        (SCRAM, {"kafka_password"}),
        (SCRAM | {"kafka_password": SECRET, "kafka_username": ""}, {"kafka_username"}),
        (SCRAM | {"kafka_password": SECRET, "kafka_password_file": __file__}, {"kafka_password"}),
        (SCRAM | {"kafka_password": SECRET, "kafka_sasl_mechanism": ""}, {"kafka_sasl_mechanism"}),
        (SCRAM | {"kafka_password_file": "/no/such"}, {"kafka_password_file"}),
        ({"kafka_sasl_mechanism": "PLAIN"}, {"kafka_sasl_mechanism"}),
        ({"kafka_password": SECRET}, {"kafka_password"}),
        ({"kafka_ca_file": __file__}, {"kafka_ca_file"}),
        ({"kafka_security_protocol": "SSL", "kafka_key_file": __file__}, {"kafka_key_file"}),
        (
            {"kafka_security_protocol": "SASL_SSL", "kafka_sasl_mechanism": "OAUTHBEARER", "kafka_username": "ann"},
            {
                "kafka_oauth_token_url",
                "kafka_oauth_client_id",
                "kafka_oauth_client_secret_file",
                "kafka_username",
            },
        ),
        (
            {
                "kafka_security_protocol": "SASL_SSL",
                "kafka_sasl_mechanism": "OAUTHBEARER",
                "kafka_oauth_token_url": "http://sso.example.org/token",
                "kafka_oauth_client_id": "robot",
                "kafka_oauth_client_secret_file": __file__,
            },
            {"kafka_oauth_token_url"},
        ),
    ],
)
def test_conflicts_name_the_setting(fields: dict[str, Any], wrong: set[str]) -> None:
    assert set(faults(**fields)) == wrong
    assert SECRET not in str(faults(**fields))


def test_an_unreadable_file_is_named_with_its_path() -> None:
    with pytest.raises(SettingsError, match=r"SLUICEGATE_KAFKA_CA_FILE: cannot read /no/such \(No such file"):
        load({"SLUICEGATE_KAFKA_SECURITY_PROTOCOL": "SSL", "SLUICEGATE_KAFKA_CA_FILE": "/no/such"})


def test_no_secret_is_shown() -> None:
    settings = Settings(**SCRAM, kafka_password=SECRET)  # type: ignore[arg-type]
    assert SECRET not in repr(settings)
    assert SECRET not in f"{settings}"
    assert "kafka_password='***'" in repr(settings)
    with pytest.raises(SettingsError) as told:
        load({"SLUICEGATE_KAFKA_PASSWORD": SECRET})
    assert SECRET not in str(told.value)


def test_variables_make_the_same_connection() -> None:
    settings = Settings(**SCRAM, kafka_password=SECRET, kafka_check_hostname=False)  # type: ignore[arg-type]
    assert load(settings.variables()) == settings
    assert Settings().variables() == {}


def test_a_password_file_has_its_line_end_cut_off_and_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "password"
    connection = Connection(**SCRAM, kafka_password_file=str(file))  # type: ignore[arg-type]
    file.write_text("one\n")
    assert password(connection) == "one"
    file.write_text(" two \r\n")
    assert password(connection) == " two "
    file.write_text("\n")
    with pytest.raises(SettingsError, match=r"SLUICEGATE_KAFKA_PASSWORD_FILE: .* is empty"):
        password(connection)


def test_both_clients_get_the_same_arguments() -> None:
    connection = Connection(**SCRAM, kafka_password=SECRET, broker="a:1,b:2")  # type: ignore[arg-type]
    for options in (aiokafka_options(connection), kafka_python_options(connection)):
        context = options.pop("ssl_context")
        assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
        assert options == {
            "bootstrap_servers": ["a:1", "b:2"],
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": "ann",
            "sasl_plain_password": SECRET,
        }
    assert aiokafka_options(Connection()) == {
        "bootstrap_servers": ["127.0.0.1:9092"],
        "security_protocol": "PLAINTEXT",
    }


def test_certificates_that_do_not_fit_are_named(tmp_path: Path) -> None:
    authority = Authority("test")
    first, second = (authority.issue(tmp_path / f"{name}.pem", name) for name in ("first", "second"))
    tls = Connection(kafka_security_protocol="SSL", kafka_cert_file=str(first))
    assert ssl_context(tls).verify_mode == ssl.CERT_REQUIRED
    with pytest.raises(SettingsError, match="SLUICEGATE_KAFKA_CERT_FILE"):
        ssl_context(msgspec.structs.replace(tls, kafka_key_file=str(second)))
    with pytest.raises(SettingsError, match="SLUICEGATE_KAFKA_CA_FILE"):
        ssl_context(msgspec.structs.replace(tls, kafka_ca_file=__file__))
    assert first.stat().st_mode & 0o077 == 0


def test_every_topic_is_for_somebody_and_nobody_but_the_operator_makes_any() -> None:
    settings = Settings(topic_prefix="eu.", output_prefix="trial.", app_id="mine")
    given = {component.name: grants(component.name, settings) for component in COMPONENTS}
    topics = {topic.name for topic in plan(settings)}
    for name, rights in given.items():
        own = {"eu.ocsf"} if name == "exporter" else set()  # made by who exports there
        assert {right.name for right in rights if right.resource == "topic"} <= topics | own
        assert all("Create" not in right.operations for right in rights) or name == "operator"
    assert {right.name for right in given["worker"] if right.resource == "topic"} == topics
    assert {right.name for right in given["worker"] if right.resource == "transactional-id"} == {
        "mine-",
        "mine/shared-",
    }


def test_pages_have_every_component() -> None:
    made = pages()
    for component in COMPONENTS:
        assert f"## {component.name}\n" in made["acls.md"]
        assert f"rights_of_{component.name}() {{" in made["acls.sh"]
    assert '--topic "${PREFIX}events"' in made["acls.sh"]
    assert '--transactional-id "${APP}/shared-" --resource-pattern-type prefixed' in made["acls.sh"]
