"""The one table of the APIs that the broker serves, with their versions.

Dispatch, ApiVersions, the documentation's matrix and the fuzzer all read it, so that what is advertised is what is
served. The handler of an API is the function of its name in the module of its name, which is imported for the first
request: a broker must start fast.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.layout import Message, VersionRange, version_range

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.context import Context

Answer = Message | None
"""A response; None where the request asks for none (Produce with acks=0)."""

Handler = Callable[["Context", Any], Answer | Awaitable[Answer]]


class ServedApi:
    """An API with the versions that are served, those that are advertised (Produce differs), and what answers it."""

    __slots__ = ("advertised", "handler", "key", "versions")

    handler: Handler

    def __init__(self, key: ApiKey, versions: str, advertised: str | None = None) -> None:
        """`versions` in the notation of Kafka's message files; `advertised` are those that ApiVersions shows where
        they differ, "none" where the API is answered but not shown."""
        self.key = key
        self.versions = version_range(versions)
        shown = self.versions if advertised is None else version_range(advertised)
        self.advertised: VersionRange | None = shown if shown.last >= shown.first else None

    def __getattr__(self, name: str) -> Any:
        if name != "handler":
            raise AttributeError(name)
        module = self.key.name.lower()
        self.handler = getattr(import_module(f"kafka_conformance.reference_broker.apis.{module}"), module)
        return self.handler


_SERVED = (
    ServedApi(ApiKey.PRODUCE, "3-13", advertised="0-13"),
    ServedApi(ApiKey.FETCH, "4-18"),
    ServedApi(ApiKey.LIST_OFFSETS, "1-11"),
    ServedApi(ApiKey.METADATA, "0-13"),
    ServedApi(ApiKey.OFFSET_COMMIT, "2-10"),
    ServedApi(ApiKey.OFFSET_FETCH, "1-10"),
    ServedApi(ApiKey.FIND_COORDINATOR, "0-6"),
    ServedApi(ApiKey.JOIN_GROUP, "0-9"),
    ServedApi(ApiKey.HEARTBEAT, "0-4"),
    ServedApi(ApiKey.LEAVE_GROUP, "0-5"),
    ServedApi(ApiKey.SYNC_GROUP, "0-5"),
    ServedApi(ApiKey.DESCRIBE_GROUPS, "0-6"),
    ServedApi(ApiKey.LIST_GROUPS, "0-5"),
    ServedApi(ApiKey.SASL_HANDSHAKE, "0-1"),
    ServedApi(ApiKey.API_VERSIONS, "0-4"),
    ServedApi(ApiKey.CREATE_TOPICS, "2-7"),
    ServedApi(ApiKey.DELETE_TOPICS, "1-6"),
    ServedApi(ApiKey.DELETE_RECORDS, "0-2"),
    ServedApi(ApiKey.INIT_PRODUCER_ID, "0-5"),
    ServedApi(ApiKey.OFFSET_FOR_LEADER_EPOCH, "2-4"),
    ServedApi(ApiKey.ADD_PARTITIONS_TO_TXN, "0-5"),
    ServedApi(ApiKey.ADD_OFFSETS_TO_TXN, "0-4"),
    ServedApi(ApiKey.END_TXN, "0-5"),
    ServedApi(ApiKey.WRITE_TXN_MARKERS, "1-2"),
    ServedApi(ApiKey.TXN_OFFSET_COMMIT, "0-5"),
    ServedApi(ApiKey.DESCRIBE_CONFIGS, "1-4"),
    ServedApi(ApiKey.ALTER_CONFIGS, "0-2"),
    ServedApi(ApiKey.DESCRIBE_LOG_DIRS, "1-5"),
    ServedApi(ApiKey.SASL_AUTHENTICATE, "0-2"),
    ServedApi(ApiKey.CREATE_PARTITIONS, "0-3"),
    ServedApi(ApiKey.DELETE_GROUPS, "0-2"),
    ServedApi(ApiKey.ELECT_LEADERS, "0-2"),
    ServedApi(ApiKey.INCREMENTAL_ALTER_CONFIGS, "0-1"),
    ServedApi(ApiKey.ALTER_PARTITION_REASSIGNMENTS, "0-1"),
    ServedApi(ApiKey.LIST_PARTITION_REASSIGNMENTS, "0"),
    ServedApi(ApiKey.OFFSET_DELETE, "0"),
    ServedApi(ApiKey.DESCRIBE_QUORUM, "0-2"),
    ServedApi(ApiKey.DESCRIBE_CLUSTER, "0-2"),
    ServedApi(ApiKey.DESCRIBE_PRODUCERS, "0"),
    ServedApi(ApiKey.DESCRIBE_TRANSACTIONS, "0"),
    ServedApi(ApiKey.LIST_TRANSACTIONS, "0-2"),
    ServedApi(ApiKey.DESCRIBE_TOPIC_PARTITIONS, "0"),
)

SERVED: Mapping[ApiKey, ServedApi] = MappingProxyType({api.key: api for api in _SERVED})


def load_all() -> None:
    """Import all handlers now, so that no request waits for one."""
    for api in _SERVED:
        _ = api.handler
