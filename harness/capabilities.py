"""What targets can do and offer, by name: the words that a requirement's or a case's `needs` may use.

A target declares what can be done to it. What follows from the versions that it advertises is derived, never
declared: a broker that advertises InitProducerId offers idempotence, and is held to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kafka_conformance.harness.errors import UsageError, did_you_mean
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.layout import VersionRange


@dataclass(frozen=True, slots=True)
class Capability:
    """A name, a sentence, and the lowest version of each API from which it follows; none: the target declares it."""

    name: str
    text: str
    apis: tuple[tuple[ApiKey, int], ...] = ()

    def follows_from(self, versions: Mapping[int, VersionRange]) -> bool:
        """Whether these advertised versions mean it."""
        return bool(self.apis) and all(key in versions and versions[key].last >= least for key, least in self.apis)


_ALL = (
    Capability("kill", "A node can be ended without warning."),
    Capability("restart", "A node can be stopped orderly, and started again with its data."),
    Capability("three-nodes", "There are at least three brokers."),
    Capability("lasting-controller", "The controller outlives the brokers: two of three may be down."),
    Capability("pause", "A node can be frozen and thawed."),
    Capability("isolate", "A node can be cut off from the others and joined again."),
    Capability("virtual-time", "Its clock is ours: waiting costs nothing."),
    Capability("settings", "It was started with the broker settings that cases ask for."),
    Capability("mutants", "It can be made with a named defect."),
    Capability("topics", "Topics can be created and deleted.", ((ApiKey.CREATE_TOPICS, 2), (ApiKey.DELETE_TOPICS, 1))),
    Capability("topic-ids", "Topics have ids (KIP-516).", ((ApiKey.METADATA, 10), (ApiKey.FETCH, 13))),
    Capability("topic-configs", "Configurations can be altered (KIP-339).", ((ApiKey.INCREMENTAL_ALTER_CONFIGS, 0),)),
    Capability("create-partitions", "Topics can grow (KIP-195).", ((ApiKey.CREATE_PARTITIONS, 0),)),
    Capability(
        "leader-elections",
        "Replicas can be moved, and leaders elected, on request (KIP-455, KIP-460).",
        (
            (ApiKey.ELECT_LEADERS, 1),
            (ApiKey.ALTER_PARTITION_REASSIGNMENTS, 0),
            (ApiKey.LIST_PARTITION_REASSIGNMENTS, 0),
        ),
    ),
    Capability("delete-records", "A log's start can be moved (KIP-107).", ((ApiKey.DELETE_RECORDS, 0),)),
    Capability("idempotence", "Producers get ids (KIP-98).", ((ApiKey.INIT_PRODUCER_ID, 0),)),
    Capability(
        "transactions",
        "Producers can write atomically (KIP-98).",
        ((ApiKey.INIT_PRODUCER_ID, 0), (ApiKey.ADD_PARTITIONS_TO_TXN, 0), (ApiKey.END_TXN, 0)),
    ),
    Capability("transactions-v2", "Transactions are verified and end with a bump (KIP-890).", ((ApiKey.END_TXN, 5),)),
    Capability(
        "transactional-offsets",
        "Groups commit offsets in transactions (KIP-98).",
        ((ApiKey.ADD_OFFSETS_TO_TXN, 0), (ApiKey.TXN_OFFSET_COMMIT, 0)),
    ),
    Capability(
        "transaction-tools",
        "Transactions can be looked at (KIP-664).",
        ((ApiKey.DESCRIBE_TRANSACTIONS, 0), (ApiKey.LIST_TRANSACTIONS, 0), (ApiKey.DESCRIBE_PRODUCERS, 0)),
    ),
    Capability(
        "write-markers", "Whoever may can end a transaction in a partition (KIP-664).", ((ApiKey.WRITE_TXN_MARKERS, 1),)
    ),
    Capability("metadata-quorum", "Who keeps the metadata can be asked for (KIP-595).", ((ApiKey.DESCRIBE_QUORUM, 0),)),
    Capability("fetch-sessions", "Fetches can be incremental (KIP-227).", ((ApiKey.FETCH, 7),)),
    Capability("leader-epochs", "Leader epochs can be asked for (KIP-320).", ((ApiKey.OFFSET_FOR_LEADER_EPOCH, 2),)),
    Capability(
        "classic-groups",
        "Consumers can form groups.",
        ((ApiKey.JOIN_GROUP, 0), (ApiKey.SYNC_GROUP, 0), (ApiKey.HEARTBEAT, 0), (ApiKey.LEAVE_GROUP, 0)),
    ),
    Capability("static-membership", "Members can keep a name (KIP-345).", ((ApiKey.JOIN_GROUP, 5),)),
    Capability("offsets", "Groups commit offsets.", ((ApiKey.OFFSET_COMMIT, 2), (ApiKey.OFFSET_FETCH, 1))),
    Capability("delete-groups", "Groups can be deleted (KIP-229).", ((ApiKey.DELETE_GROUPS, 0),)),
    Capability("offset-delete", "Offsets can be deleted (KIP-496).", ((ApiKey.OFFSET_DELETE, 0),)),
    Capability("consumer-groups", "The new consumer protocol (KIP-848).", ((ApiKey.CONSUMER_GROUP_HEARTBEAT, 0),)),
    Capability("share-groups", "Queues for Kafka (KIP-932).", ((ApiKey.SHARE_GROUP_HEARTBEAT, 1),)),
    Capability("streams-groups", "The streams protocol (KIP-1071).", ((ApiKey.STREAMS_GROUP_HEARTBEAT, 0),)),
    Capability("acls", "Access control lists can be listed.", ((ApiKey.DESCRIBE_ACLS, 1),)),
)

CAPABILITIES: Mapping[str, Capability] = {capability.name: capability for capability in _ALL}


def derived_capabilities(versions: Mapping[int, VersionRange]) -> frozenset[str]:
    """Those that follow from advertised versions."""
    return frozenset(capability.name for capability in _ALL if capability.follows_from(versions))


def check_names(names: Iterable[str], *, where: str) -> None:
    """Raises UsageError for a name that is none."""
    for name in names:
        if name not in CAPABILITIES:
            raise UsageError(f"no capability {name!r}.{did_you_mean(name, CAPABILITIES)}", where=where)


def lacking(needs: Iterable[str], offered: Iterable[str]) -> str | None:
    """Why a target that offers these does not apply, or None where it has all that is needed."""
    missing = sorted(set(needs) - set(offered))
    return f"the target does not declare {', '.join(missing)}" if missing else None
