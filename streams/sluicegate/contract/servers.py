"""Kafka as an AsyncAPI document names it: where, and each way to be let in."""

from typing import Any

__all__ = ["security_schemes", "servers"]

Json = dict[str, Any]

_SCHEMES: dict[str, Json] = {
    "scram-sha-512": {"type": "scramSha512", "description": "SASL/SCRAM-SHA-512 with user and password."},
    "scram-sha-256": {"type": "scramSha256", "description": "SASL/SCRAM-SHA-256 with user and password."},
    "plain": {"type": "plain", "description": "SASL/PLAIN with user and password; over TLS only."},
    "certificate": {"type": "X509", "description": "Mutual TLS: the client shows a certificate of its own."},
    "oauth": {
        "type": "oauth2",
        "description": "SASL/OAUTHBEARER; tokens by the client-credentials grant.",
        "flows": {
            "clientCredentials": {"tokenUrl": "https://identity.example.com/oauth2/token", "availableScopes": {}}
        },
    },
}


def security_schemes() -> dict[str, Json]:
    return dict(_SCHEMES)


def servers() -> dict[str, Json]:
    """Of a deployment and of a trial; the host is a variable, since each has its own."""
    secured = [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SCHEMES]
    bindings = {"kafka": {"bindingVersion": "0.5.0"}}
    return {
        "secured": {
            "host": "{bootstrap}",
            "protocol": "kafka-secure",
            "title": "Kafka with TLS",
            "description": "TLS, and one of the ways to sign in; rights by user: deploy/kafka/acls.md.",
            "variables": {
                "bootstrap": {"default": "kafka.example.com:9093", "description": "bootstrap servers, host:port"}
            },
            "security": secured,
            "bindings": bindings,
        },
        "local": {
            "host": "{bootstrap}",
            "protocol": "kafka",
            "title": "Kafka for a trial",
            "description": "No encryption, no sign-in: on one machine only. `sluicegate demo` prints its address.",
            "variables": {"bootstrap": {"default": "127.0.0.1:9092", "description": "bootstrap servers, host:port"}},
            "bindings": bindings,
        },
    }
