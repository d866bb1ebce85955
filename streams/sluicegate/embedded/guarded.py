"""An embedded broker that asks who is there: TLS, users with passwords, and no right that was not given.

Two listeners: one where clients sign in (SASL over TLS), one for the broker itself, where a certificate is asked for.
"""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.embedded.certificates import Authority
from sluicegate.embedded.network import HOST, free_port

if TYPE_CHECKING:
    from sluicegate.acls import Grant

__all__ = ["Guarded"]

_BROKER = "sluicegate-broker"
_ITERATIONS = 4096
_MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN", "OAUTHBEARER")


class Guarded:
    """The security of one embedded broker; its secrets lie in the broker's folder, and are for this user only.

    `plain`: users and passwords of the mechanism PLAIN, which are part of the broker's settings; others are added with
    `add_user`. Tokens of OAUTHBEARER are taken unsigned: for tests.
    """

    def __init__(self, *, plain: Mapping[str, str] | None = None) -> None:
        self.authority = Authority("Sluicegate embedded broker")
        self.folder = Path()
        self._plain = dict(plain or {})
        self._port = 0

    @property
    def ca_file(self) -> Path:
        """What clients are to trust."""
        return self.folder / "ca.pem"

    @property
    def _own(self) -> Path:
        return self.folder / "broker.pem"

    def password_file(self, user: str) -> Path:
        """Where the password of a user is."""
        return self.folder / f"{user}.password"

    def begin(self, folder: Path) -> None:
        """Lay down the certificates in the folder of a broker that is about to start."""
        self.folder = folder / "secrets"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.authority.write(self.ca_file)
        self.authority.issue(self._own, _BROKER)

    @property
    def certified(self) -> str:
        """Address of the listener that takes clients by their certificate."""
        return f"{HOST}:{self._port}"

    def listeners(self, port: int, controller: int) -> dict[str, str]:
        """Settings of the broker at `port`."""
        self._port = free_port()
        users = "".join(f' user_{name}="{password}"' for name, password in self._plain.items())
        tokens = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        return {
            "listeners": f"SASL_SSL://{HOST}:{port},SSL://{HOST}:{self._port},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"SASL_SSL://{HOST}:{port},SSL://{HOST}:{self._port}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._own),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca_file),
            "ssl.client.auth": "required",
            "listener.name.sasl_ssl.ssl.client.auth": "none",
            "sasl.enabled.mechanisms": ",".join(_MECHANISMS),
            "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": scram,
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
            "listener.name.sasl_ssl.plain.sasl.jaas.config": (
                f"org.apache.kafka.common.security.plain.PlainLoginModule required{users};"
            ),
            "listener.name.sasl_ssl.oauthbearer.sasl.jaas.config": f'{tokens} unsecuredLoginStringClaim_sub="none";',
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:CN={_BROKER}",
        }

    def context(self) -> Any:
        """TLS as the broker itself."""
        import ssl

        context = ssl.create_default_context(cafile=str(self.ca_file))
        context.check_hostname = False  # it is known by its key
        context.load_cert_chain(self._own)
        return context

    def answers(self) -> bool:
        """Whether the broker serves."""
        from sluicegate.embedded.network import broker_answers

        return broker_answers(self._port, context=self.context())

    def admin(self) -> Any:
        """kafka-python's admin client with all rights."""
        from kafka.admin import KafkaAdminClient

        return KafkaAdminClient(bootstrap_servers=self.certified, security_protocol="SSL", ssl_context=self.context())

    def add_user(self, name: str, password: str = "", *, mechanism: str = "SCRAM-SHA-512") -> Path:
        """Add a user, or change the password (made up where none is given); give the file that holds it."""
        from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

        file = self.password_file(name)
        file.touch(mode=0o600)
        file.write_text(password or secrets.token_urlsafe(18))
        kind = ScramMechanism[mechanism.replace("-", "_")]
        self._alter(UserScramCredentialUpsertion(name, kind, file.read_text(), iterations=_ITERATIONS))
        return file

    def remove_user(self, name: str, *, mechanism: str = "SCRAM-SHA-512") -> None:
        """Nobody signs in by that name any more; whoever has, stays until the connection ends."""
        from kafka.admin import ScramMechanism, UserScramCredentialDeletion

        self._alter(UserScramCredentialDeletion(name, ScramMechanism[mechanism.replace("-", "_")]))

    def _alter(self, alteration: Any) -> None:
        admin = self.admin()
        try:
            (refused,) = admin.alter_user_scram_credentials([alteration]).values()
        finally:
            admin.close()
        if refused:
            raise RuntimeError(f"the broker does not change its users: {refused}")

    def grant(self, principal: str, grants: "Iterable[Grant]") -> None:
        """Give rights to a user or to the owner of a certificate (`User:NAME`, `User:CN=NAME`)."""
        from sluicegate.acls import bindings

        admin = self.admin()
        try:
            failed = admin.create_acls(list(bindings(principal, grants)))["failed"]
        finally:
            admin.close()
        if failed:
            raise RuntimeError(f"the broker does not take rights: {failed}")

    def revoke(self, principal: str, grants: "Iterable[Grant]") -> None:
        """Take rights away."""
        from kafka.admin import ACLFilter

        from sluicegate.acls import bindings

        filters = [
            ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, acl.resource_pattern)
            for acl in bindings(principal, grants)
        ]
        admin = self.admin()
        try:
            admin.delete_acls(filters)
        finally:
            admin.close()
