"""Which addresses may be connected to: who can write an endpoint's URL, or a name's DNS, must not reach what is within.

The address itself is looked at when the connection is made, so that a name cannot mean another one by then (OWASP,
Server-Side Request Forgery Prevention).
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

__all__ = ["BlockedAddressError", "connected", "is_public", "public_socket"]

_NAT64 = ip_network("64:ff9b::/96")


class BlockedAddressError(OSError):
    """The endpoint's name means an address within. Operator action: where that is meant, set allow_private = true."""

    def __init__(self) -> None:
        super().__init__("the address is private, loopback or link-local")


def is_public(address: str) -> bool:
    """Whether an address is one of the internet at large, also where IPv6 only wraps it.

    >>> [is_public(one) for one in ("93.184.215.14", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1")]
    [True, False, False, False, False]
    >>> [is_public(one) for one in ("2606:4700::1111", "fe80::1%eth0", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1")]
    [True, False, False, False, False]
    """
    try:
        found = _inner(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(address.packed[-4:])
        return address.ipv4_mapped or address.sixtofour or address
    return address


def public_socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket for an entry of getaddrinfo. Raises BlockedAddressError."""
    family, kind, protocol, _, place = info
    if not is_public(place[0]):
        raise BlockedAddressError
    return socket.socket(family, kind, protocol)


def connected(host: str, port: int, timeout: float, *, private: bool) -> socket.socket:
    """A TCP connection; `timeout` in seconds for each address tried. Raises BlockedAddressError, OSError."""
    failure: OSError = OSError("the name has no address")
    for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        made = None
        try:
            made = socket.socket(*info[:3]) if private else public_socket(info)
            made.settimeout(timeout)
            made.connect(info[4])
            return made
        except OSError as error:
            if made is not None:
                made.close()
            failure = error
    raise failure
