"""Where the bytes of a broker's logs are kept: in memory or on disk, behind one small interface.

`storage.disk` is imported where files are wanted: it costs a broker in memory 7 ms.
"""

from kafka_conformance.reference_broker.storage.interface import Buffer, Space, Storage, StorageError, StoredFile
from kafka_conformance.reference_broker.storage.memory import MemoryStorage

__all__ = ["Buffer", "MemoryStorage", "Space", "Storage", "StorageError", "StoredFile"]
