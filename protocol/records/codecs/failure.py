"""How a codec says that it cannot read."""

from kafka_conformance.protocol.errors import CorruptBatchError


class DecompressionError(CorruptBatchError):
    """The codec refuses the body of a batch, or the body would grow beyond the limit.

    Kafka answers UNKNOWN_SERVER_ERROR to it, and INVALID_RECORD to records that are wrong after decompression.
    """


def too_large(codec: str, limit: int) -> DecompressionError:
    """The error for a body that would be larger than `limit` bytes."""
    return DecompressionError(f"{codec}: the decompressed records are larger than the limit of {limit} bytes")
