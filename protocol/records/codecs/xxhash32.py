"""xxHash, 32 bit, seed 0: the checksum of lz4 frames. In plain Python: Kafka's own frames use it on two bytes.

Source: github.com/Cyan4973/xxHash, doc/xxhash_spec.md
"""

from struct import iter_unpack

_P1, _P2, _P3, _P4, _P5 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1
_MASK = 0xFFFFFFFF


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> 32 - bits) & _MASK


def xxhash32(data: bytes) -> int:
    """The hash of `data`, unsigned."""
    stripes = len(data) & ~15
    words = len(data) & ~3
    h = (_stripes(data[:stripes]) if stripes else _P5) + len(data) & _MASK
    for (word,) in iter_unpack("<I", data[stripes:words]):
        h = _rotate(h + word * _P3 & _MASK, 17) * _P4 & _MASK
    for byte in data[words:]:
        h = _rotate(h + byte * _P5 & _MASK, 11) * _P1 & _MASK
    h = (h ^ h >> 15) * _P2 & _MASK
    h = (h ^ h >> 13) * _P3 & _MASK
    return h ^ h >> 16


def _stripes(data: bytes) -> int:
    a, b, c, d = _P1 + _P2 & _MASK, _P2, 0, -_P1 & _MASK
    for first, second, third, fourth in iter_unpack("<IIII", data):
        a = _rotate(a + first * _P2 & _MASK, 13) * _P1 & _MASK
        b = _rotate(b + second * _P2 & _MASK, 13) * _P1 & _MASK
        c = _rotate(c + third * _P2 & _MASK, 13) * _P1 & _MASK
        d = _rotate(d + fourth * _P2 & _MASK, 13) * _P1 & _MASK
    return _rotate(a, 1) + _rotate(b, 7) + _rotate(c, 12) + _rotate(d, 18) & _MASK
