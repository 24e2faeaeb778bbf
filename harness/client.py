"""A client library under test, behind one small protocol of verbs; the contract of those who write an adapter.

All logic stays with the cases: an adapter translates, it does not retry, sort or judge. Whatever its library raises
comes out as ClientError with the library's own words, and Kafka's error code where the library says it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from types import TracebackType
from typing import Self

from kafka_conformance.harness.target import Target


class ClientError(Exception):
    """The library refused or failed; `code` is Kafka's number where it gave one."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """A record as an application gives it. A partition of None is the library's to choose; a timestamp in ms."""

    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A record as an application gets it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp_ms: int = -1


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a sent record went."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class ProducerOptions:
    """What cases ask of a producer; `compression` is none, gzip, snappy, lz4 or zstd."""

    acks: int = -1
    idempotent: bool = False
    compression: str = "none"
    linger_ms: int = 0


@dataclass(frozen=True, slots=True)
class ConsumerOptions:
    """What cases ask of a consumer."""

    group: str | None = None
    isolation_level: str = "read_uncommitted"
    auto_offset_reset: str = "earliest"
    session_timeout_ms: int = 10_000
    max_wait_ms: int = 100


DEFAULT_PRODUCER = ProducerOptions()
DEFAULT_CONSUMER = ConsumerOptions()


class Producer(ABC):
    """Sends. A context manager that closes it."""

    @abstractmethod
    def send(self, topic: str, messages: Sequence[Message]) -> list[Placed]:
        """Sends all, waits for all; where each went, in order. Raises ClientError for the first that failed."""

    @abstractmethod
    def close(self) -> None:
        """Ends it; may be called twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Consumer(ABC):
    """Reads, assigned by hand or as a member of a group. A context manager that closes it."""

    @abstractmethod
    def assign(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Reads these partitions from these offsets."""

    @abstractmethod
    def subscribe(self, topics: Sequence[str]) -> None:
        """Joins the group; partitions come while polling."""

    @abstractmethod
    def poll(self, within_s: float) -> list[Received]:
        """What arrived, at the latest after so many seconds; perhaps nothing."""

    @abstractmethod
    def assignment(self) -> set[tuple[str, int]]:
        """The partitions that it holds now."""

    @abstractmethod
    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Goes on from that offset."""

    @abstractmethod
    def position(self, topic: str, partition: int) -> int:
        """The offset of the next record that it will give."""

    @abstractmethod
    def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Commits, waits for the answer. Raises ClientError."""

    @abstractmethod
    def committed(self, topic: str, partition: int) -> int | None:
        """The group's committed offset; None for none."""

    @abstractmethod
    def close(self) -> None:
        """Leaves the group and ends it; may be called twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ClientAdapter(ABC):
    """One library against one target."""

    def __init__(self, target: Target) -> None:
        self.target = target

    @property
    @abstractmethod
    def version(self) -> str:
        """The library's version."""

    @abstractmethod
    def producer(self, options: ProducerOptions = ProducerOptions()) -> Producer:
        """A new producer."""

    @abstractmethod
    def consumer(self, options: ConsumerOptions = ConsumerOptions()) -> Consumer:
        """A new consumer."""

    def partition_for(self, topic: str, key: bytes) -> int:
        """Where it puts a key: found out by sending a record, not by asking."""
        with self.producer() as producer:
            return producer.send(topic, [Message(b"", key)])[0].partition

    def close(self) -> None:  # noqa: B027 - most share nothing
        """Ends what is shared between its producers and consumers."""


@dataclass(frozen=True, slots=True)
class ClientKind:
    """What a plugin registers: a library by name. `create` raises UsageError where the library is not installed.

    `runs_in_virtual_time`: whether it is asyncio code that takes the running loop, so that it runs in virtual time.
    """

    kind: str
    summary: str
    create: Callable[[Target], ClientAdapter]
    runs_in_virtual_time: bool = False
    package: str | None = None
    """The package that has to be installed for it."""

    @property
    def installed(self) -> bool:
        """Whether that package is there; it is not imported."""
        return self.package is None or find_spec(self.package) is not None
