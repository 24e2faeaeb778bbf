"""What can be wrong with bytes.

ProtocolError                   what was wrong, and at which byte
├── TruncatedError              the input ends before the value does
├── MalformedError              the bytes are there and cannot mean anything
├── UnsupportedVersionError     an API, version or magic that this code does not know
├── CorruptBatchError           a record batch or a record in it contradicts itself
├── UnsupportedCompressionError a codec number that Kafka does not define
└── EncodeError                 a value that does not fit its field on the wire

Decoding raises nothing else, whatever the input.
"""


class ProtocolError(ValueError):
    """Bytes that are not what they should be.

    `position` is the byte at which reading failed, counted from the start of the buffer that was handed in;
    None where no single byte is at fault.
    """

    def __init__(self, message: str, *, position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        """The message, and where."""
        return self.message if self.position is None else f"{self.message} (at byte {self.position})"


class TruncatedError(ProtocolError):
    """The input ends before the value does: more bytes may complete it."""


class MalformedError(ProtocolError):
    """The bytes are there but mean nothing: more of them would not help."""


class UnsupportedVersionError(ProtocolError):
    """An API key, a version or a magic that is not known here."""


class CorruptBatchError(ProtocolError):
    """A record batch, or a record in it, that contradicts itself."""


class UnsupportedCompressionError(ProtocolError):
    """A codec number that Kafka does not define."""


class EncodeError(ProtocolError):
    """A value that does not fit its field; `position` is None."""
