"""One look at a broker before a client is made: does it speak what the settings say, do both sides trust each other?

Clients try again when a broker hangs up on them, since it may be restarting. Most refusals look like that to them. The
first words of the protocol tell them apart: ApiVersions, then Metadata or the sign-in.
"""

import socket
import ssl
import struct

from kafka.errors import KafkaError
from kafka.net.sasl import get_sasl_mechanism

from sluicegate.connection import Connection
from sluicegate.errors import BrokerRefusedError
from sluicegate.security import kafka_python_options, ssl_context, token_source

__all__ = ["knock", "not_let_in", "who"]

_SECONDS = 3.0
_API_VERSIONS, _METADATA, _SASL_HANDSHAKE, _SASL_AUTHENTICATE = 18, 3, 17, 36
_UNSUPPORTED_MECHANISM = 33
_TLS_ALERT = 0x15
_PROTOCOL = "SLUICEGATE_KAFKA_SECURITY_PROTOCOL"


def knock(connection: Connection) -> None:
    """Raises BrokerRefusedError, which names the setting to look at. That nobody answers is for the client to say."""
    context = ssl_context(connection) if connection.tls else None
    if connection.kafka_sasl_mechanism == "OAUTHBEARER":
        token_source(connection).token()
    for server in connection.broker.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            plain = socket.create_connection((host.strip("[]"), int(port)), _SECONDS)
        except (OSError, ValueError, OverflowError):
            continue
        with plain:
            if _talk(connection, plain, context, host.strip("[]"), server.strip()):
                return


def _talk(connection: Connection, plain: socket.socket, context: ssl.SSLContext | None, host: str, server: str) -> bool:
    """Whether the broker let us in as far as can be seen here; False where it did not answer in time."""
    try:
        line = context.wrap_socket(plain, server_hostname=host) if context else plain
        with line:
            _greet(connection, line, server)
    except ssl.SSLError as error:
        raise BrokerRefusedError(_tls_fault(connection, server, host, error)) from None
    except TimeoutError:
        return False
    except OSError as error:  # it hung up
        if connection.kafka_cert_file or not connection.tls or connection.sasl:
            return False
        raise BrokerRefusedError(
            f"{server} hung up after the TLS handshake ({type(error).__name__}): does it ask for a client certificate? "
            "SLUICEGATE_KAFKA_CERT_FILE is not set"
        ) from None
    return True


def _greet(connection: Connection, line: socket.socket, server: str) -> None:
    answer = _ask(line, _API_VERSIONS, 0, b"")
    protocol = connection.kafka_security_protocol
    if answer is None:
        speaks = "no TLS" if connection.tls else "TLS"
        raise BrokerRefusedError(f"{server} does not speak {protocol}, {speaks} perhaps: look at {_PROTOCOL}")
    if not connection.sasl:
        if _ask(line, _METADATA, 4, struct.pack(">ib", 0, 0)) is None:
            raise BrokerRefusedError(f"{server} wants clients to sign in: {_PROTOCOL} is {protocol}, not SASL_…")
        return
    mechanism = connection.kafka_sasl_mechanism
    answer = _ask(line, _SASL_HANDSHAKE, 1, struct.pack(">h", len(mechanism)) + mechanism.encode())
    code = struct.unpack(">h", answer[4:6])[0] if answer and len(answer) >= 6 else -1
    if code == _UNSUPPORTED_MECHANISM and answer:
        offered = ", ".join(_strings(answer[6:])) or "none"
        raise BrokerRefusedError(
            f"{server} does not offer {mechanism}, but {offered}: look at SLUICEGATE_KAFKA_SASL_MECHANISM"
        )
    if code:
        raise BrokerRefusedError(
            f"{server} knows no sign-in on this port: look at {_PROTOCOL} ({protocol}) and the port"
        )
    _sign_in(connection, line)


def _sign_in(connection: Connection, line: socket.socket) -> None:
    options = kafka_python_options(connection)
    mechanism = get_sasl_mechanism(connection.kafka_sasl_mechanism)(**options)
    while not mechanism.is_done():
        words = mechanism.auth_bytes()
        answer = _ask(line, _SASL_AUTHENTICATE, 0, struct.pack(">i", len(words)) + words)
        if not answer or len(answer) < 12 or struct.unpack(">h", answer[4:6])[0]:
            raise BrokerRefusedError(not_let_in(connection))
        told = max(0, struct.unpack(">h", answer[6:8])[0])
        try:
            mechanism.receive(answer[12 + told :])
        except (KafkaError, ValueError):
            raise BrokerRefusedError(not_let_in(connection)) from None


def _ask(line: socket.socket, api: int, version: int, body: bytes) -> bytes | None:
    """The answer from its correlation id on; None where the broker hangs up, or answers something else than Kafka."""
    client = b"sluicegate"
    request = struct.pack(">hhih", api, version, 1, len(client)) + client + body
    try:
        line.sendall(struct.pack(">i", len(request)) + request)
        head = _read(line, 4)
        if len(head) < 4 or head[0] == _TLS_ALERT:
            return None
        return _read(line, struct.unpack(">i", head)[0])
    except (ConnectionResetError, BrokenPipeError):
        return None


def _read(line: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count and (more := line.recv(min(count - len(got), 65536))):
        got += more
    return got


def _strings(data: bytes) -> list[str]:
    """An array of strings as Kafka writes them."""
    (count,), at, found = struct.unpack(">i", data[:4]), 4, []
    for _ in range(count):
        (length,) = struct.unpack(">h", data[at : at + 2])
        found.append(data[at + 2 : at + 2 + length].decode(errors="replace"))
        at += 2 + length
    return found


def _tls_fault(connection: Connection, server: str, host: str, error: ssl.SSLError) -> str:
    """
    >>> wrong = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    >>> _tls_fault(Connection(), "kafka:9092", "kafka", wrong)
    'kafka:9092 does not speak TLS: look at SLUICEGATE_KAFKA_SECURITY_PROTOCOL and the port'
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message or str(error)
        if "ostname" in why or "IP address" in why:
            return (
                f"the certificate of {server} is not for {host}: name the broker in SLUICEGATE_BROKER as its "
                "certificate does, or correct that; SLUICEGATE_KAFKA_CHECK_HOSTNAME=false gives up on the check"
            )
        authorities = connection.kafka_ca_file or "the system's"
        return (
            f"the certificate of {server} is not trusted ({why}); authorities: {authorities}: look at "
            "SLUICEGATE_KAFKA_CA_FILE"
        )
    text = str(error).upper().replace("_", " ")
    if "WRONG VERSION" in text or "RECORD LAYER" in text or "UNEXPECTED EOF" in text:
        return f"{server} does not speak TLS: look at {_PROTOCOL} and the port"
    if "CERTIFICATE" in text or "UNKNOWN CA" in text:
        own = connection.kafka_cert_file or "none is set"
        return (
            f"{server} does not accept the client certificate ({own}): look at SLUICEGATE_KAFKA_CERT_FILE and "
            "SLUICEGATE_KAFKA_KEY_FILE"
        )
    return f"no TLS with {server} ({error.reason or type(error).__name__}): look at {_PROTOCOL}"


def who(connection: Connection) -> str:
    """Whom the broker sees, as far as the settings tell."""
    if connection.kafka_username:
        return f"user {connection.kafka_username}"
    if connection.kafka_oauth_client_id:
        return f"client {connection.kafka_oauth_client_id}"
    if connection.kafka_cert_file:
        return f"the owner of the certificate {connection.kafka_cert_file}"
    return "this client, which has not signed in"


def not_let_in(connection: Connection) -> str:
    """What to say when credentials are not accepted."""
    return f"Kafka does not let in {who(connection)}: look at {_credentials(connection)}"


def _credentials(connection: Connection) -> str:
    if connection.kafka_sasl_mechanism == "OAUTHBEARER":
        return "SLUICEGATE_KAFKA_OAUTH_CLIENT_ID, SLUICEGATE_KAFKA_OAUTH_SCOPE, and how the broker checks tokens"
    place = "SLUICEGATE_KAFKA_PASSWORD" + ("_FILE" if connection.kafka_password_file else "")
    return f"SLUICEGATE_KAFKA_USERNAME, {place} and SLUICEGATE_KAFKA_SASL_MECHANISM ({connection.kafka_sasl_mechanism})"
