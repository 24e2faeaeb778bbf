"""Where the bytes of a broker's logs are kept: in memory or on disk, behind one small interface."""

from kafka_conformance.reference_broker.storage.disk import DiskStorage
from kafka_conformance.reference_broker.storage.interface import Buffer, Storage, StorageError, StoredFile
from kafka_conformance.reference_broker.storage.memory import MemoryStorage

__all__ = ["Buffer", "DiskStorage", "MemoryStorage", "Storage", "StorageError", "StoredFile"]
