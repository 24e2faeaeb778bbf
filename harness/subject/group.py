"""A classic group: members with a connection each, so that several can wait in JoinGroup at the same time.

Helpers wait until the coordinator is there and loaded. What a member sends is what the case says; the one thing done
for it is the second JoinGroup after MEMBER_ID_REQUIRED, which `join_once` leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from kafka_conformance.harness.subject.administration import COORDINATOR_NOT_YET
from kafka_conformance.harness.subject.answers import Committed, error_code
from kafka_conformance.harness.subject.group_requests import commit_request, committed_in, offset_fetch_request
from kafka_conformance.harness.subject.member import Member
from kafka_conformance.harness.wire.errors import UnexpectedAnswer
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_groups import DeleteGroupsRequest, DeleteGroupsResponse
from kafka_conformance.protocol.messages.describe_groups import (
    DescribedGroup,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)
from kafka_conformance.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_conformance.protocol.messages.offset_fetch import OffsetFetchResponse

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster
    from kafka_conformance.harness.subject.connection import Connection
    from kafka_conformance.harness.subject.topic import Topic


class Group:
    """A group by its name, and the members that the case gave it."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self._members: list[Member] = []
        self._coordinator: int | None = None

    @property
    def coordinator(self) -> int:
        """The node that coordinates it, ready to answer."""
        if self._coordinator is None:
            self._coordinator = self.find_coordinator()
        return self._coordinator

    def find_coordinator(self) -> int:
        """Looks for the coordinator again, after a fault; waits until it has loaded the group's partition.

        One whose answer cannot be read is ready for those cases that do not read offsets.
        """

        def loaded() -> tuple[int] | None:
            node = self.cluster.coordinator(self.name)
            connection = self.cluster.shared(node)
            request = offset_fetch_request(self.name, None)
            version = connection.version_of(request)
            try:
                answer: OffsetFetchResponse = connection.send(request, version)
            except UnexpectedAnswer:
                return (node,)
            error = answer.groups[0].error_code if version >= 8 else answer.error_code
            return None if error_code(error) in COORDINATOR_NOT_YET else (node,)

        what = f"the coordinator of {self.name} is loaded"
        self._coordinator = self.cluster.settled(loaded, step="group coordinator", what=what)[0]  # type: ignore[index]
        return self._coordinator

    def connection(self) -> Connection:
        """The shared connection to the coordinator."""
        return self.cluster.shared(self.coordinator)

    def member(
        self,
        *,
        session_timeout_ms: int = 30_000,
        rebalance_timeout_ms: int = 30_000,
        instance_id: str | None = None,
        client_id: str | None = None,
        topics: tuple[str, ...] = (),
    ) -> Member:
        """A member that has not joined yet, on a connection of its own."""
        number = len(self._members) + 1
        connection = self.cluster.connect(
            self.coordinator, client_id=client_id or f"member-{number}", name=f"member {number}"
        )
        member = Member(
            self.name,
            connection,
            session_timeout_ms=session_timeout_ms,
            rebalance_timeout_ms=rebalance_timeout_ms,
            instance_id=instance_id,
            topics=topics,
        )
        self._members.append(member)
        return member

    # offsets, by somebody outside the group

    def commit(
        self,
        topic: Topic,
        offsets: Mapping[int, int],
        *,
        metadata: str | None = "",
        generation_id: int = -1,
        member_id: str = "",
        version: int | None = None,
    ) -> dict[int, ErrorCode]:
        """OffsetCommit of an offset for each partition; the error of each."""
        request = commit_request(
            self.name, topic, offsets, metadata=metadata, generation_id=generation_id, member_id=member_id
        )
        answer: OffsetCommitResponse = self.connection().send(request, version)
        return {entry.partition_index: error_code(entry.error_code) for entry in answer.topics[0].partitions}

    def committed(
        self, topic: Topic, partition: int = 0, *, require_stable: bool = False, version: int | None = None
    ) -> Committed:
        """What OffsetFetch gives for one partition."""
        connection = self.connection()
        request = offset_fetch_request(self.name, {topic: [partition]}, require_stable=require_stable)
        chosen = connection.version_of(request) if version is None else version
        return committed_in(connection.send(request, chosen), chosen, topic, partition)

    # the group as a whole

    def describe(self, version: int | None = None) -> DescribedGroup:
        """DescribeGroups for it."""
        answer: DescribeGroupsResponse = self.connection().send(DescribeGroupsRequest(groups=[self.name]), version)
        return answer.groups[0]

    def delete(self) -> ErrorCode:
        """DeleteGroups for it."""
        answer: DeleteGroupsResponse = self.connection().send(DeleteGroupsRequest(groups_names=[self.name]))
        return error_code(answer.results[0].error_code)

    def close(self) -> None:
        """Lets every member leave and deletes the group; what the broker says to that is not looked at."""
        members, self._members = self._members, []
        for member in members:
            member.disband()
        if self._coordinator is not None and ApiKey.DELETE_GROUPS in self.cluster.versions:
            self.delete()

    def __enter__(self) -> Group:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cluster.clean_up(self.close)

    def __repr__(self) -> str:
        return f"group {self.name}"
