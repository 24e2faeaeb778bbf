"""Where a cluster keeps what it stores: one directory with a log directory for each node, all in Kafka's formats.

broker-1, broker-2, ...   the brokers' (Kafka: log.dirs)
metadata                  the controller's (Kafka: metadata.log.dir), with the id of the cluster
"""

from __future__ import annotations

from collections.abc import Callable
from os.path import join
from random import Random

from kafka_conformance.reference_broker.cluster.cluster import CONTROLLER_DIRECTORY, FIRST_NODE_ID
from kafka_conformance.reference_broker.controller.identifiers import random_uuid, uuid_text
from kafka_conformance.reference_broker.log.checkpoints import (
    META_PROPERTIES,
    read_meta_properties,
    write_meta_properties,
)
from kafka_conformance.reference_broker.storage import Storage, StorageError

METADATA = "metadata"


def broker_directory(node_id: int) -> str:
    """The name of a broker's log directory in it."""
    return f"broker-{node_id}"


class DataDirectory:
    """It is locked as a whole for as long as it is used. Raises StorageError."""

    def __init__(self, root: str, random: Random) -> None:
        from kafka_conformance.reference_broker.storage.disk import DiskStorage

        self._root = root
        self._open: Callable[[str], Storage] = DiskStorage
        self._lock = DiskStorage(root)
        if read_meta_properties(self._lock):
            self._lock.close()
            # Its metadata log may begin with a snapshot, and tells of features that are not served here
            raise StorageError(META_PROPERTIES, "it is a log directory of Kafka's own, which cannot be gone on with")
        self._metadata = DiskStorage(join(root, METADATA))
        self.cluster_id = self._claim(random)

    def _claim(self, random: Random) -> str:
        """Return the id of the cluster whose data these are, made and written down at its first start."""
        known = read_meta_properties(self._metadata).get("cluster.id")
        if known is not None:
            return known
        cluster_id = uuid_text(random_uuid(random))
        write_meta_properties(self._metadata, cluster_id, FIRST_NODE_ID, random_uuid(random))
        return cluster_id

    def __call__(self, node_id: int) -> Storage:
        """Return the directory of a node, opened at each of its starts. Raises StorageError."""
        if node_id == CONTROLLER_DIRECTORY:
            return self._metadata
        return self._open(join(self._root, broker_directory(node_id)))
