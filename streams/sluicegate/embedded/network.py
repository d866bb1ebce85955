"""Ports of this machine, and whether a Kafka broker answers at one."""

import errno
import random
import socket
import ssl
import struct

HOST = "127.0.0.1"

# Below the ports that Linux (32768 and up) and macOS (49152 and up) hand out to outgoing connections: while a broker
# restarts, a client that keeps trying could be given the broker's own port and connect to itself, and hold the port.
PORTS = range(20_000, 32_000)

_METADATA = 3  # API key of the Kafka protocol
_METADATA_VERSION = 4


def port_is_free(port: int) -> bool:
    """Whether a server can listen at this port of the loopback interface now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the broker does: TIME_WAIT is no obstacle
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def free_port() -> int:
    """A port at random that nobody listens at. Two processes that ask at once get the same one very seldom."""
    for port in random.sample(PORTS, len(PORTS)):
        if port_is_free(port):
            return port
    raise OSError(errno.EADDRINUSE, f"no free port between {PORTS.start} and {PORTS.stop}")


def broker_answers(port: int, timeout: float = 1.0, context: ssl.SSLContext | None = None) -> bool:
    """Whether a Metadata request is answered with a broker in it: the socket alone opens before it serves.

    `context`: TLS, where the listener speaks it.
    """
    body = struct.pack(">hhih6sib", _METADATA, _METADATA_VERSION, 1, 6, b"health", 0, 0)  # no topics, create none
    try:
        with _connected(port, timeout, context) as connection:
            connection.settimeout(timeout)
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.makefile("rb").read(16)
    except OSError:
        return False
    if len(answer) < 16:
        return False
    _size, _correlation, _throttle, brokers = struct.unpack(">iiii", answer)
    return bool(brokers >= 1)


def _connected(port: int, timeout: float, context: ssl.SSLContext | None) -> socket.socket:
    plain = socket.create_connection((HOST, port), timeout)
    if context is None:
        return plain
    try:
        return context.wrap_socket(plain)
    except BaseException:
        plain.close()
        raise
