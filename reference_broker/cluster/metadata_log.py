"""The controller's log, __cluster_metadata-0: batches of metadata records, as KRaft writes them.

Source: KafkaRaftClient, BatchAccumulator; there is one voter, so that what is written is committed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kafka_conformance.protocol.records import NewRecord, batches, build_batch, records_of
from kafka_conformance.reference_broker.controller.topic_names import CLUSTER_METADATA_TOPIC
from kafka_conformance.reference_broker.log import AppendOrigin, Log, LogConfig, LogParts, Refusal, TopicPartition
from kafka_conformance.reference_broker.storage import Storage, StorageError

LEADER_EPOCH = 1
METADATA_TOPIC_ID = bytes(15) + b"\x01"
"""Uuid.METADATA_TOPIC_ID."""
_READ_BYTES = 1 << 20


class MetadataPartition:
    """The partition, opened or created in a log directory. Raises StorageError."""

    leader_epoch = LEADER_EPOCH

    def __init__(self, storage: Storage, now_ms: int, parts: LogParts) -> None:
        self._log = Log(
            storage,
            TopicPartition(CLUSTER_METADATA_TOPIC, 0),
            LogConfig(retention_ms=-1, max_message_bytes=8 * 1024 * 1024),
            now_ms,
            topic_id=METADATA_TOPIC_ID,
            parts=parts,
        )

    def append(self, values: Sequence[bytes], now_ms: int) -> int:
        """Write records as one batch; return the offset of the last one. Raises StorageError."""
        batch = build_batch([NewRecord(None, value, timestamp=now_ms) for value in values])
        outcome = self._log.append_as_leader(memoryview(batch), self.leader_epoch, now_ms, AppendOrigin.COORDINATOR)
        if isinstance(outcome, Refusal):
            raise StorageError(f"{CLUSTER_METADATA_TOPIC}-0", f"{outcome.error.name}: {outcome.reason}")
        self._log.update_high_watermark(outcome.last_offset + 1)
        self._log.flush()
        return outcome.last_offset

    def read(self) -> Iterator[tuple[int, bytes]]:
        """All records that were written, with their offsets. Raises ProtocolError, StorageError."""
        offset = self._log.log_start_offset
        while offset < self._log.log_end_offset:
            fetched = self._log.read(offset, _READ_BYTES, self._log.log_end_offset)
            if not hasattr(fetched, "buffers"):
                raise StorageError(f"{CLUSTER_METADATA_TOPIC}-0", f"cannot be read at {offset}: {fetched!r}")
            for header, view in batches(b"".join(fetched.buffers)):
                offset = header.next_offset
                if not header.is_control:
                    yield from ((record.offset, record.value) for record in records_of(header, view) if record.value)

    def close(self) -> None:
        """Write what is not in the files yet."""
        self._log.close()
        self._log.storage.close()
