"""What the signals keep of one payee, packed: a tag of their versions, then each one's bytes with their length."""

from collections.abc import Sequence
from types import MappingProxyType
from zlib import crc32

from sluicegate.signals.base import BOTH, Signal
from sluicegate.signals.registry import ON

_KEEPING = MappingProxyType({stream: tuple(kind for kind in ON[stream] if kind.MOST_OWN) for stream in BOTH})
_TAGS = MappingProxyType(
    {
        stream: crc32(" ".join(f"{kind.NAME} {kind.VERSION}" for kind in kinds).encode()).to_bytes(4, "little")[:2]
        for stream, kinds in _KEEPING.items()
    }
)
_PLACES = MappingProxyType(
    {stream: tuple(at for at, kind in enumerate(ON[stream]) if kind.MOST_OWN) for stream in BOTH}
)
_LENGTHS = tuple(bytes([length]) for length in range(256))
MOST_BYTES = 254
"""Of a payee in a stream and currency; with the key's, the anomaly part stays within 256."""


def unpack(stream: str, packed: bytes) -> dict[type[Signal], bytes]:
    """Signal -> what it keeps; nothing where other signals, or other versions of them, wrote it: it is learned anew."""
    if packed[:2] != _TAGS[stream]:
        return {}
    out: dict[type[Signal], bytes] = {}
    at = 2
    for kind in _KEEPING[stream]:
        end = at + 1 + packed[at]
        out[kind] = packed[at + 1 : end]
        at = end
    return out


def pack(stream: str, signals: Sequence[Signal]) -> bytes:
    """The stored form of what signals (in order of the registry) keep of a payee."""
    packed = _TAGS[stream]
    for at in _PLACES[stream]:
        own = signals[at].own
        packed += _LENGTHS[len(own)] + own
    return packed
