"""One member of a classic group, on one connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.subject.connection import Answer, Connection
from kafka_conformance.harness.subject.group_requests import commit_request, subscription
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_conformance.protocol.messages.join_group import (
    JoinGroupRequest,
    JoinGroupRequestProtocol,
    JoinGroupResponse,
)
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberIdentity
from kafka_conformance.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_conformance.protocol.messages.sync_group import (
    SyncGroupRequest,
    SyncGroupRequestAssignment,
    SyncGroupResponse,
)

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.topic import Topic

PROTOCOL_TYPE = "consumer"


class Joining:
    """A JoinGroup in flight. `result` waits; the member then knows its id and generation."""

    def __init__(self, member: Member, answer: Answer[JoinGroupResponse]) -> None:
        self._member = member
        self._answer = answer

    @property
    def done(self) -> bool:
        """Whether the answer has come, as far as was read yet."""
        return self._answer.done

    def result(self, within_s: float | None = None) -> JoinGroupResponse:
        """The answer, whatever it says."""
        return self._member.learn(self._answer.result(within_s))


class Member:
    """What one consumer would send, one request at a time. `member_id` and `generation_id` may be set by the case."""

    def __init__(
        self,
        group_id: str,
        connection: Connection,
        *,
        session_timeout_ms: int,
        rebalance_timeout_ms: int,
        instance_id: str | None,
        topics: tuple[str, ...],
    ) -> None:
        self.group_id = group_id
        self.connection = connection
        self.session_timeout_ms = session_timeout_ms
        self.rebalance_timeout_ms = rebalance_timeout_ms
        self.instance_id = instance_id
        self.topics = topics
        self.member_id = ""
        self.generation_id = -1
        self.leader_id = ""

    @property
    def is_leader(self) -> bool:
        """Whether the last join made it the leader."""
        return bool(self.member_id) and self.member_id == self.leader_id

    # joining

    def join(
        self, protocols: Mapping[str, bytes] | None = None, *, version: int | None = None, within_s: float = 60.0
    ) -> JoinGroupResponse:
        """Joins and waits until the rebalance is complete."""
        return self.start_join(protocols, version=version, within_s=within_s).result()

    def start_join(
        self, protocols: Mapping[str, bytes] | None = None, *, version: int | None = None, within_s: float = 60.0
    ) -> Joining:
        """Sends JoinGroup and returns at once; a new member asks for its id first where the version wants that."""
        request = self.join_request(protocols)
        chosen = self.connection.version_of(request) if version is None else version
        if chosen >= 4 and not self.member_id and self.instance_id is None:
            first: JoinGroupResponse = self.connection.send(request, chosen, within_s=within_s)
            if first.error_code == ErrorCode.MEMBER_ID_REQUIRED:
                self.member_id = request.member_id = first.member_id
        return Joining(self, self.connection.start(request, chosen, within_s=within_s))

    def join_once(
        self, protocols: Mapping[str, bytes] | None = None, *, version: int | None = None
    ) -> JoinGroupResponse:
        """Exactly one JoinGroup with what the member knows; the answer may be MEMBER_ID_REQUIRED."""
        return self.learn(self.connection.send(self.join_request(protocols), version))

    def join_request(self, protocols: Mapping[str, bytes] | None = None) -> JoinGroupRequest:
        """The request that a join sends; one protocol `range` with the member's topics unless told."""
        offered = {"range": subscription(self.topics)} if protocols is None else protocols
        return JoinGroupRequest(
            group_id=self.group_id,
            session_timeout_ms=self.session_timeout_ms,
            rebalance_timeout_ms=self.rebalance_timeout_ms,
            member_id=self.member_id,
            group_instance_id=self.instance_id,
            protocol_type=PROTOCOL_TYPE,
            protocols=[JoinGroupRequestProtocol(name=name, metadata=data) for name, data in offered.items()],
        )

    def learn(self, answer: JoinGroupResponse) -> JoinGroupResponse:
        """Takes id and generation from an answer without error, the id alone from MEMBER_ID_REQUIRED."""
        if answer.error_code in (ErrorCode.NONE, ErrorCode.MEMBER_ID_REQUIRED):
            self.member_id = answer.member_id
        if answer.error_code == ErrorCode.NONE:
            self.generation_id, self.leader_id = answer.generation_id, answer.leader
        return answer

    # the rest of a member's life

    def sync(self, assignments: Mapping[str, bytes] | None = None, *, version: int | None = None) -> SyncGroupResponse:
        """SyncGroup and its answer; a leader gives an assignment for each member id."""
        return self.start_sync(assignments, version=version).result()

    def start_sync(
        self, assignments: Mapping[str, bytes] | None = None, *, version: int | None = None
    ) -> Answer[SyncGroupResponse]:
        """The same without waiting: a follower's is answered when the leader's came."""
        request = SyncGroupRequest(
            group_id=self.group_id,
            generation_id=self.generation_id,
            member_id=self.member_id,
            group_instance_id=self.instance_id,
            protocol_type=PROTOCOL_TYPE,
            protocol_name="range",
            assignments=[
                SyncGroupRequestAssignment(member_id=member_id, assignment=assignment)
                for member_id, assignment in (assignments or {}).items()
            ],
        )
        return self.connection.start(request, version)

    def heartbeat(self, *, version: int | None = None) -> ErrorCode:
        """Heartbeat's answer."""
        request = HeartbeatRequest(
            group_id=self.group_id,
            generation_id=self.generation_id,
            member_id=self.member_id,
            group_instance_id=self.instance_id,
        )
        answer: HeartbeatResponse = self.connection.send(request, version)
        return error_code(answer.error_code)

    def leave(self, *, version: int | None = None) -> ErrorCode:
        """LeaveGroup's answer for this member: the whole request's error, else the member's own (version 3 on)."""
        identity = MemberIdentity(member_id=self.member_id, group_instance_id=self.instance_id)
        request = LeaveGroupRequest(group_id=self.group_id, member_id=self.member_id, members=[identity])
        answer: LeaveGroupResponse = self.connection.send(request, version)
        own = answer.members[0].error_code if answer.members else ErrorCode.NONE
        return error_code(answer.error_code or own)

    def commit(
        self,
        topic: Topic,
        offsets: Mapping[int, int],
        *,
        metadata: str | None = "",
        generation_id: int | None = None,
        version: int | None = None,
    ) -> dict[int, ErrorCode]:
        """OffsetCommit as this member in its generation (or another); the error of each partition."""
        request = commit_request(
            self.group_id,
            topic,
            offsets,
            metadata=metadata,
            generation_id=self.generation_id if generation_id is None else generation_id,
            member_id=self.member_id,
            instance_id=self.instance_id,
        )
        answer: OffsetCommitResponse = self.connection.send(request, version)
        return {entry.partition_index: error_code(entry.error_code) for entry in answer.topics[0].partitions}

    def disband(self) -> None:
        """Leaves and closes the connection; a connection that is closed or still waits in a join is only closed."""
        try:
            if self.member_id and not self.connection.wire.is_busy and not self.connection.wire.closed.done():
                self.leave()
        except WireError:
            pass  # it is being thrown away
        self.connection.close()
