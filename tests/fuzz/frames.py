"""Makes frames: random messages of every API, then damaged."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from kafka_conformance.protocol.api_keys import ApiKey, accepted_versions
from kafka_conformance.protocol.catalogue import request_type
from kafka_conformance.protocol.frames import encode_request
from kafka_conformance.protocol.layout import Field, Message, Struct
from kafka_conformance.protocol.records import NewRecord, build_batch

BITS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
NAMES = ("", "a", "topic", "__consumer_offsets", "x" * 250, "a b", "\u00e4")
INTERESTING = (0, 1, -1, 2, 100, -2, 0x7FFFFFFF, -0x80000000)


class FrameMaker:
    """Frames without their sizes, repeatable from a seed."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._versions = accepted_versions("4.4")
        self._corpus: list[bytes] = []
        self._damages: tuple[Callable[[bytearray], None], ...] = (
            self._flip,
            self._cut,
            self._insert,
            self._overwrite,
            self._splice,
        )

    def frames(self, count: int) -> Iterator[bytes]:
        """Yield `count` frames: one in ten is noise, one in ten is left whole."""
        random = self._random
        for number in range(count):
            if number % 20 == 0 or len(self._corpus) < 200:
                self._remember(self._whole())
            kind = random.random()
            if kind < 0.1:
                yield random.randbytes(random.randrange(1, 200))
            elif kind < 0.2:
                yield random.choice(self._corpus)
            else:
                yield self._damaged(random.choice(self._corpus))

    def _remember(self, frame: bytes) -> None:
        if len(self._corpus) < 2000:
            self._corpus.append(frame)
        else:
            self._corpus[self._random.randrange(len(self._corpus))] = frame

    def _whole(self) -> bytes:
        key = self._random.choice(list(ApiKey))
        accepted = self._versions[key]
        version = self._random.randint(accepted.first, accepted.last)
        message = self.message(request_type(key), version)
        return b"".join(encode_request(message, version, self._random.randrange(2**31), "fuzz"))[4:]

    def message(self, cls: type[Message], version: int) -> Message:
        """Make a message with random values."""
        made: Message = self._struct(cls, version)
        return made

    def _struct(self, cls: type[Struct], version: int) -> Any:
        return cls(**{n: self._value(f, version) for n, f in cls.fields.items() if version in f.versions})

    def _value(self, field: Field, version: int) -> Any:
        if version in field.nullable and self._random.random() < 0.15:
            return None
        return self._plain(field.kind, field.of, version)

    def _plain(self, kind: str, of: Any, version: int) -> Any:
        random = self._random
        if kind == "array":
            many = range(random.choice((0, 1, 1, 2, 5)))
            return [self._plain(of, None, version) if isinstance(of, str) else self._struct(of, version) for _ in many]
        if kind == "struct":
            return self._struct(of, version)
        if kind in BITS:
            half = 1 << (BITS[kind] - 1)
            value = random.choice(INTERESTING) if random.random() < 0.7 else random.randrange(-half, half)
            return max(-half, min(half - 1, value))
        if kind == "records":
            return bytes(build_batch([NewRecord(None, b"v")] * random.choice((1, 3)))) * random.choice((0, 1, 1, 1, 2))
        simple: dict[str, Callable[[], Any]] = {
            "bool": lambda: random.random() < 0.5,
            "uint16": lambda: random.randrange(65536),
            "float64": random.random,
            "string": lambda: random.choice(NAMES),
            "bytes": lambda: random.randbytes(random.randrange(30)),
            "uuid": lambda: random.randbytes(16) if random.random() < 0.5 else bytes(16),
        }
        return simple[kind]()

    def _damaged(self, frame: bytes) -> bytes:
        damaged = bytearray(frame)
        for _ in range(self._random.choice((1, 1, 1, 2, 4))):
            self._random.choice(self._damages)(damaged)
        return bytes(damaged) or b"\0"

    def _flip(self, frame: bytearray) -> None:
        if frame:
            frame[self._random.randrange(len(frame))] ^= 1 << self._random.randrange(8)

    def _cut(self, frame: bytearray) -> None:
        del frame[self._random.randrange(len(frame) + 1) :]

    def _insert(self, frame: bytearray) -> None:
        at = self._random.randrange(len(frame) + 1)
        frame[at:at] = self._random.randbytes(self._random.randrange(1, 9))

    def _overwrite(self, frame: bytearray) -> None:
        at = self._random.randrange(len(frame) + 1)
        number = self._random.choice((b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\xff" * 5 + b"\x7f"))
        frame[at : at + len(number)] = number

    def _splice(self, frame: bytearray) -> None:
        other = self._random.choice(self._corpus)
        frame[self._random.randrange(len(frame) + 1) :] = other[self._random.randrange(len(other)) :]
